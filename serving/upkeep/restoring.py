"""Restoring: a backup is checked, takes the record's place in one transaction, and is checked again before it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from serving.audit.event import event_of
from serving.audit.soundness import Sound, note_whole, require_whole
from serving.keys import KeyRing, original_keys
from serving.opening import now, operator, second_place
from serving.settings import Settings
from serving.store.backup import opened_backup, replace_record
from serving.upkeep.migration import migrate
from serving.upkeep.owner import owner_place


def restore(settings: Settings, file: Path, *, force: bool, dry_run: bool, say: Callable[[str], None]) -> None:
    """Put the backup in the place of the database's content, or only check it.

    Raises
    ------
    BackupError, NotWholeError
        The backup is damaged, or is not as it was written.
    KeyFileError, KeyMismatchError
        The keys are not those that it was written with.
    OccupiedError
        The database holds records, and they may not be replaced without `force`.
    StoreUnavailableError
        The database does not answer, or refused; it is as it was.
    """
    keys = original_keys(settings.key_folder, mac=settings.mac, cipher=settings.cipher)
    place = owner_place(settings)
    with opened_backup(file, settings.home, keys) as source:
        sound = require_whole(source, keys.mac)
        say(f"备份完好：{sound}；审计链头 {sound.head.seq} / the backup is whole, head {sound.head.seq}")
        if dry_run:
            return
        migrate(settings, to="", force=False, say=say, witnessed=False)
        event = event_of(operator(), "store.restore", kind="store", object_id=file.name[:200], head=str(sound.head.seq))
        restored = replace_record(
            place, source, force=force, finish=lambda target: note_whole(target, event, mac=keys.mac, at=now())
        )
    _tell(settings, keys, restored, say)


def _tell(settings: Settings, keys: KeyRing, restored: Sound, say: Callable[[str], None]) -> None:
    say(f"已恢复并核验：{restored} / restored and checked")
    witnessed = second_place(settings, keys).witnessed()
    if witnessed is not None and witnessed.head.seq > restored.head.seq:
        beyond = f"{restored.head.seq + 1}-{witnessed.head.seq}"
        say(
            f"审计第 {beyond} 行不在备份中，而另处的链头知道它们；查明后运行 fenliu-serve audit accept --reason 原因 / "
            f"audit rows {beyond} are not in the backup, and the second place knows of them; "
            "answer for that with fenliu-serve audit accept --reason"
        )
