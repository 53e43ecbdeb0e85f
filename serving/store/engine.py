"""Opening the database so that what was acknowledged is on disk and two writers never cross."""

from __future__ import annotations

import os
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

WRITERS_LOCK: Final = 0x66656E6C6975
"""The advisory lock that every writing transaction on PostgreSQL holds until it ends: "fenliu" as a number."""

_READING: Final = "fenliu_reading"
_OPENED_ONLY: Final = MappingProxyType({"mode": "rw", "uri": "true"})
_POOL: Final = MappingProxyType({"pool_size": 2, "max_overflow": 2, "pool_timeout": 10})


class StoreFileError(RuntimeError):
    """The database cannot be used as it is: readable by others, no file, or no address."""


def open_engine(place: Path | str, *, busy_timeout_ms: int) -> Engine:
    """Return an engine on the SQLite file, which is created with mode 0600, or on the PostgreSQL database.

    Every writing transaction takes the one lock of the writers when it
    begins: on SQLite by BEGIN IMMEDIATE (with SQLite's default a writer that
    has read first fails at once when another one was faster), on PostgreSQL
    by an advisory lock. So a writer that reads the newest row and adds the
    next never meets another one doing the same.

    Raises
    ------
    StoreFileError
        Other users of the machine can read the file, or the address cannot be read.
    """
    if isinstance(place, Path):
        return _sqlite(place, busy_timeout_ms)
    return _postgresql(place, busy_timeout_ms)


def reading(engine: Engine) -> Connection:
    """Return a connection that only reads: it sees one moment, waits for no writer and keeps none waiting."""
    options: dict[str, object] = {_READING: True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return engine.connect().execution_options(**options)


def postgresql_url(address: str) -> URL:
    """Return the address with the driver that is installed.

    Raises
    ------
    StoreFileError
        It cannot be read; it is not repeated, because it may hold a password.
    """
    try:
        return make_url(address).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        msg = "数据库地址无法解读，应为 postgresql://用户:口令@主机/库名 / the database's address cannot be read"
        raise StoreFileError(msg) from None


def role_of(address: str) -> str:
    """Return the role in the address of a PostgreSQL database; empty without an address."""
    return (postgresql_url(address).username or "") if address else ""


def _sqlite(path: Path, busy_timeout_ms: int) -> Engine:
    """WAL with synchronous=FULL: a commit that was answered survives a crash."""
    own_file(path)
    # Opened, never made: were the file gone, a new connection would put an empty database in its place.
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=f"file:{quote(str(path.absolute()))}", query=_OPENED_ONLY),
        connect_args={"timeout": busy_timeout_ms / 1000, "check_same_thread": False},
        hide_parameters=True,
        **_POOL,
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(address: str, busy_timeout_ms: int) -> Engine:
    """READ COMMITTED: after waiting for the lock, the newest row is seen and not the one of before the wait."""
    timeout = f"{busy_timeout_ms}ms"
    wishes = {
        "synchronous_commit": "on",
        "lock_timeout": timeout,
        "statement_timeout": "60s",
        "idle_in_transaction_session_timeout": "60s",
        "timezone": "Asia/Shanghai",
        "search_path": "public",
    }
    engine = create_engine(
        postgresql_url(address),
        connect_args={
            "options": " ".join(f"-c {name}={value}" for name, value in wishes.items()),
            "connect_timeout": 5,
            "application_name": "fenliu",
        },
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        hide_parameters=True,
        **_POOL,
    )
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def own_file(path: Path) -> None:
    """Make sure that the file is there and nobody else can read it.

    Raises
    ------
    StoreFileError
        Somebody can.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        msg = f"数据库文件权限为 {mode:04o}，须为 0600：{path.name} / the database must not be readable by others"
        raise StoreFileError(msg)


def _on_connect(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we begin and end transactions ourselves
    # secure_delete: what is erased is overwritten, not left lying in free pages of the file.
    wishes = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF", "secure_delete=ON")
    for pragma in wishes:
        connection.execute(f"PRAGMA {pragma}").close()


def _reading(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(_READING, False))


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN" if _reading(connection) else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    if not _reading(connection):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
