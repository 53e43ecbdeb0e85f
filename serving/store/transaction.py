"""The store: one transaction a write, so that what belongs together is on record together or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, text

from serving.keys import KeyRing
from serving.store import migrate
from serving.store.engine import open_engine, reading
from serving.store.faults import StoreUnavailableError, alone, faults_told
from serving.store.schema import require_newest

T = TypeVar("T")
Witness = Callable[[Any], None]


NEWEST: Final = "fenliu.newest"
"""Key of `Connection.info` under which a writing transaction leaves what shall be told once it is on disk."""


class Store:
    """The database of one worker: reads and writes in whole transactions."""

    def __init__(self, engine: Engine, file: Path | None = None, *, witness: Witness | None = None) -> None:
        self._engine = engine
        self._file = file
        self._inode = file.stat().st_ino if file else 0
        self._witness = witness

    @classmethod
    def open(
        cls, place: Path | str, *, keys: KeyRing, busy_timeout_ms: int = 5000, witness: Witness | None = None
    ) -> Store:
        """Open the SQLite file, creating and migrating it where needed, or a PostgreSQL database that is ready.

        `witness` is told the newest head of the audit chain after each commit.
        It must not raise: what is on disk is acknowledged in any case.

        Raises
        ------
        StoreFileError
            The file is readable by others, or the address cannot be read.
        StoreSchemaError
            The database is not Fenliu's, or has not the shape that this program writes.
        KeyMismatchError
            The database was written with other keys.
        StoreUnavailableError
            The file is damaged, or the PostgreSQL server does not answer.
        """
        if isinstance(place, Path):
            with alone(place), faults_told():
                engine = open_engine(place, busy_timeout_ms=busy_timeout_ms)
                migrate.upgrade(engine, keys)
            return cls(engine, place, witness=witness)
        store = cls(open_engine(place, busy_timeout_ms=busy_timeout_ms), witness=witness)
        try:
            store.read(lambda connection: require_newest(connection, keys))
        except BaseException:
            store.close()
            raise
        return store

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do the work in one writing transaction and return its result once it is on disk.

        The transaction begins with the writers' lock, so what the work reads
        stays true until its commit. An exception undoes everything.

        Raises
        ------
        StoreUnavailableError
            Nothing was written.
        """
        with faults_told(), self._engine.begin() as connection:
            self._require_ours()
            connection.info.pop(NEWEST, None)
            result = work(connection)
            newest = connection.info.pop(NEWEST, None)
        if newest is not None and self._witness is not None:
            self._witness(newest)
        return result

    def read(self, work: Callable[[Connection], T]) -> T:
        """Do the work in a transaction that only reads, waiting for no writer.

        Raises
        ------
        StoreUnavailableError
            The store could not be read.
        """
        with faults_told(), reading(self._engine) as connection:
            return work(connection)

    def ready(self) -> bool:
        """Whether a write could start now: the database is still ours, unlocked and writable."""
        try:
            return self.write(_takes_writes)
        except StoreUnavailableError:
            return False

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _require_ours(self) -> None:
        """Refuse to write into a file that nobody can find again: it was moved away, or another took its place."""
        if self._file is None:
            return
        try:
            moved = self._file.stat().st_ino != self._inode
        except OSError:
            moved = True
        if moved:
            msg = "存储不可用：数据库文件已被移走或替换，请重启服务 / the database file was moved or replaced; restart"
            raise StoreUnavailableError(msg)


def _takes_writes(connection: Connection) -> bool:
    """Whether the database is no copy that only reads; on SQLite, BEGIN IMMEDIATE has shown it already."""
    if connection.dialect.name != "postgresql":
        return True
    return str(connection.scalar(text("SHOW transaction_read_only"))) == "off"
