"""Opening the SQLite file so that what was acknowledged is on disk and two writers never cross."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

READING: Final[Mapping[str, object]] = MappingProxyType({"fenliu_reading": True})
"""Execution options of a connection that only reads: it waits for no writer and keeps none waiting."""


class StoreFileError(RuntimeError):
    """The database file is readable by others or is not a file."""


def open_engine(path: Path, *, busy_timeout_ms: int) -> Engine:
    """Return an engine on the file, creating it with mode 0600.

    Every transaction starts with BEGIN IMMEDIATE: with SQLite's default a
    writer that has read first fails at once when another one was faster.
    WAL with synchronous=FULL: a commit that was answered survives a crash.

    Raises
    ------
    StoreFileError
        Other users of the machine can read the file.
    """
    _own_file(path)
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        connect_args={"timeout": busy_timeout_ms / 1000, "check_same_thread": False},
        pool_size=2,
        max_overflow=2,
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


@contextmanager
def alone(path: Path) -> Generator[None]:
    """Hold the lock beside the database: of several workers starting together one sets it up."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _own_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        msg = f"数据库文件权限为 {mode:04o}，须为 0600：{path.name} / the database must not be readable by others"
        raise StoreFileError(msg)


def _on_connect(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we begin and end transactions ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}").close()


def _on_begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("fenliu_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
