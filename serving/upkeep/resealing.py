"""Changing the data key: a new one seals from now on; what earlier ones sealed is sealed anew, some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from serving.audit.schedule import Keeper
from serving.keys import DATA, new_secret, original_keys, renew_data_key
from serving.opening import now, operator, second_place
from serving.repositories.resealing import Resealed, ResealStore
from serving.settings import Settings
from serving.store.faults import alone
from serving.store.transaction import Store
from serving.upkeep.owner import owner_place

Say = Callable[[str], None]
_SAID_EVERY = 10_000
"""Rows after which it is said how far the work is."""


def rotate_data_key(settings: Settings, *, finish: bool, say: Say) -> bool:
    """Seal everything anew under a new data key; an earlier change that was cut off is finished instead.

    With `finish` no key is made in any case. Returns whether everything lies
    under the present key then. The service may go on working.

    Raises
    ------
    KeyFileError, KeyMismatchError
        A key file is missing or is not the one that the database was written with.
    StoreUnavailableError
        The rest could not be sealed anew; the command goes on where it stopped.
    """
    with alone(settings.key_folder / DATA):
        with _opened(settings) as records:
            present, went_on, done = records.keys.ids[DATA], *_resealed(records, say)
            if finish or went_on or done.rows:
                return _told(done, records.left(), say)
        after = renew_data_key(settings.key_folder, create=new_secret).hex()
        say(
            f"新数据密钥 {after} 已启用，旧密钥留作 data-{present}.key / a new data key; the old one stays as that file"
        )
        with _opened(settings) as records:
            _, done = _resealed(records, say)
            return _told(done, records.left(), say)


def _resealed(records: ResealStore, say: Say) -> tuple[bool, Resealed]:
    """Seal anew what lies under earlier keys; return whether the database took the key up only now, and the rest."""
    took_up = records.take_up(origin=operator(), at=now())
    done, told = Resealed(), 0
    for done in records.reseal(origin=operator(), at=now()):
        count = sum(done.rows.values())
        if count - told >= _SAID_EVERY:
            told = count
            say(f"已重新加密 {count} 行 / {count} rows sealed anew")
    return took_up, done


def _told(done: Resealed, left: dict[str, int], say: Say) -> bool:
    rows = "，".join(f"{name} {count}" for name, count in done.rows.items()) or "0"
    say(f"重新加密：{rows} / sealed anew")
    for name in done.unreadable:
        say(f"无法解密，原样保留：{name} / does not open, left as it is")
    if left:
        rest = sum(left.values())
        say(
            f"仍有 {rest} 行由旧密钥加密，旧密钥文件不可移走；服务如在运行，请重启后再运行 --finish / "
            f"{rest} rows still need an earlier key, keep its file; restart a running service, then run --finish"
        )
        return False
    say(
        "全部数据已由现密钥加密。服务如在运行，请重启，再运行 fenliu-serve keys rotate-data --finish；"
        "此后旧密钥只为旧备份保留 / everything lies under the present key; restart a running service and run this "
        "with --finish; after that earlier keys are needed for earlier backups only"
    )
    return True


@contextmanager
def _opened(settings: Settings) -> Iterator[ResealStore]:
    keys = original_keys(settings.key_folder, mac=settings.mac, cipher=settings.cipher)
    witness = Keeper(second_place(settings, keys)).witness
    store = Store.open(owner_place(settings), keys=keys, busy_timeout_ms=settings.busy_timeout_ms, witness=witness)
    try:
        yield ResealStore(store, keys)
    finally:
        store.close()
