"""Backing up: a copy of everything on record, checked before it gets its name, and noted on the audit chain."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path

from serving.audit.chain import append
from serving.audit.event import event_of
from serving.audit.soundness import Sound, require_whole
from serving.keys import FILES
from serving.opening import keys_of, now, open_store, operator
from serving.settings import Settings
from serving.store.backup import opened_backup, write_backup


def backup(settings: Settings, file: Path, *, force: bool, say: Callable[[str], None]) -> None:
    """Write a backup of the database to the file; the service may go on working.

    The role of the service suffices: it may read everything. What is stored
    sealed stays sealed, and the keys are not in the file.

    Raises
    ------
    FileExistsError
        There is such a file, and it may not be replaced without `force`.
    BackupError, NotWholeError
        What was written is not whole, because the database is not; there is no new file.
    StoreUnavailableError
        The database does not answer, or the file could not be written.
    """
    if file.exists() and not force:
        msg = f"{file} 已存在；换一个文件名，或用 --force 覆盖 / the file exists; choose another name or use --force"
        raise FileExistsError(msg)
    keys = keys_of(settings)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    store = open_store(settings, keys)
    try:
        write_backup(store, draft, keys)
        with opened_backup(draft, draft.parent, keys) as copy:
            sound = require_whole(copy, keys.mac)
        with draft.open("rb") as content:
            digest = file_digest(content, "sha256").hexdigest()
        event = event_of(
            operator(), "store.backup", kind="store", object_id=file.name[:200], sha256=digest, head=str(sound.head.seq)
        )
        store.write(lambda connection: append(connection, event, mac=keys.mac, at=now()))
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
        store.close()
    _tell(settings, file, sound, digest, say)


def _tell(settings: Settings, file: Path, sound: Sound, digest: str, say: Callable[[str], None]) -> None:
    say(f"已备份到 {file} / backed up to {file}")
    say(f"  {sound}；审计链头 {sound.head.seq}；完整性与审计链已核验 / integrity and audit chain checked")
    say(f"  SHA-256 {digest}")
    say(
        f"密钥不在备份内：请把 {settings.key_folder} 中的 {'、'.join(FILES)} 另行保管，遗失后备份无法读出 / "
        "the keys are not in it: keep these files apart; without them the backup cannot be read"
    )
