"""A backup is an SQLite file with the same tables, whatever database it was made from, so it fits either."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine

from serving.keys import KeyRing
from serving.store.copying import holds_records, replace_rows, row_counts
from serving.store.engine import open_engine, reading
from serving.store.faults import alone, faults_told
from serving.store.migrate import upgrade
from serving.store.schema import require_own
from serving.store.transaction import Store

T = TypeVar("T")
_PATIENCE_MS = 60_000


class BackupError(RuntimeError):
    """A file is no usable backup; nothing was changed."""


class OccupiedError(RuntimeError):
    """The database holds records that a restore would replace; nothing was changed."""


def write_backup(store: Store, path: Path, keys: KeyRing) -> None:
    """Copy everything on record, as it was at one moment, into a new file of mode 0600, on disk before this returns.

    Raises
    ------
    StoreUnavailableError
        The record could not be read, or the file not written.
    """
    with faults_told():
        engine = open_engine(path, busy_timeout_ms=_PATIENCE_MS)
        try:
            upgrade(engine, keys)
            with engine.begin() as target:
                store.read(lambda source: replace_rows(source, target))
        finally:
            engine.dispose()
        _fold(path)


@contextmanager
def opened_backup(path: Path, folder: Path, keys: KeyRing) -> Generator[Connection]:
    """Yield a reading connection to a copy of the backup, sound and brought to this program's version.

    The backup itself is not touched; the copy lies in the folder for the time being.

    Raises
    ------
    BackupError
        The file is damaged or no backup.
    StoreSchemaError
        It is not Fenliu's, or was written by a newer program.
    KeyMismatchError
        It was written with other keys.
    """
    copy = folder / f".restore-{os.getpid()}.db"
    try:
        _copy_sound(path, copy)
        with faults_told():
            engine = open_engine(copy, busy_timeout_ms=_PATIENCE_MS)
            try:
                _require_filled(engine, path)
                upgrade(engine, keys)
                with reading(engine) as connection:
                    yield connection
            finally:
                engine.dispose()
    finally:
        for name in (copy.name, f"{copy.name}-wal", f"{copy.name}-shm"):
            (folder / name).unlink(missing_ok=True)


def replace_record(place: Path | str, source: Connection, *, force: bool, finish: Callable[[Connection], T]) -> T:
    """Put the source's rows in the place of the database's own, in one transaction, by the owner's role.

    `finish` checks the result and puts the restore on the audit chain before
    the commit; an exception in it leaves everything as it was.

    Raises
    ------
    OccupiedError
        There are records, and they may not be replaced without `force`.
    StoreUnavailableError
        Nothing was changed.
    """
    with alone(place), faults_told():
        engine = open_engine(place, busy_timeout_ms=_PATIENCE_MS)
        try:
            with engine.begin() as target:
                if not force:
                    _require_empty(target)
                replace_rows(source, target)
                return finish(target)
        finally:
            engine.dispose()


def is_sound(path: Path) -> bool:
    """Whether the file is an SQLite database whose pages, indexes and references are whole."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchall()
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.Error:
        return False
    return found == [("ok",)] and not broken


def _require_empty(connection: Connection) -> None:
    if holds_records(connection):
        counts = "、".join(f"{name} {count}" for name, count in row_counts(connection).items())
        msg = (
            f"数据库中已有记录（{counts}），未作任何改动；先备份，确需替换请加 --force / "
            "the database holds records; nothing was changed, back up first and use --force to replace them"
        )
        raise OccupiedError(msg)


def _require_filled(engine: Engine, path: Path) -> None:
    """Refuse an empty database: nobody backs up nothing, and it would take everything away."""
    with reading(engine) as connection:
        if require_own(connection) is None:
            msg = f"{path.name} 是空库，不是备份，未作任何改动 / an empty database is no backup; nothing was changed"
            raise BackupError(msg)


def _copy_sound(path: Path, copy: Path) -> None:
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        shutil.copyfile(path, copy)
    except OSError as error:
        msg = f"无法读取备份 {path.name}（{error.strerror}）/ cannot read the backup: {error.strerror}"
        raise BackupError(msg) from error
    if not is_sound(copy):
        msg = (
            f"{path.name} 已损坏或不是备份文件，未作任何改动 / {path.name} is damaged or no backup; nothing was changed"
        )
        raise BackupError(msg)


def _fold(path: Path) -> None:
    """Turn the file into one that needs no other beside it, and see it on disk."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
