"""Builders for tests of the store: the same database once as an SQLite file and once on a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from serving.keys import KeyRing
from serving.store.engine import open_engine
from serving.store.migrate import upgrade
from serving.store.transaction import Store
from tests.builders_postgres import OWNER, SERVICE, Server
from tests.builders_serving import KEYS


@dataclass(frozen=True)
class Database:
    """A database of one test: `place` is what the service opens, `admin` an engine that may do everything."""

    kind: str
    place: Path | str
    owner: Path | str
    admin: sa.Engine
    _opened: list[Store] = field(default_factory=list)

    def open(
        self, *, keys: KeyRing = KEYS, busy_timeout_ms: int = 5000, witness: Callable[[Any], None] | None = None
    ) -> Store:
        """Open the store as the service does."""
        store = Store.open(self.place, keys=keys, busy_timeout_ms=busy_timeout_ms, witness=witness)
        self._opened.append(store)
        return store

    def close(self) -> None:
        """Close whatever a test has opened."""
        for store in self._opened:
            store.close()
        self.admin.dispose()

    def rows(self, table: str) -> int:
        """Count rows without the store's help."""
        return int(self.all(f"SELECT count(*) AS n FROM {table}")[0]["n"])  # noqa: S608 - a test's own word

    def all(self, sql: str) -> list[dict[str, Any]]:
        """Return what a query finds."""
        with self.admin.connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(sql)).mappings()]

    def execute(self, sql: str) -> None:
        """Run a statement past the store, as an administrator of the database could."""
        with self.admin.begin() as connection:
            connection.execute(sa.text(sql))


@contextmanager
def sqlite_database(folder: Path) -> Iterator[Database]:
    """Yield a database file that nobody has opened yet."""
    path = folder / "fenliu.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    database = Database("sqlite", path, path, engine)
    yield database
    database.close()


@contextmanager
def postgresql_database(server: Server, *, template: str = "") -> Iterator[Database]:
    """Yield a database of its own on the server: empty, or as the template is."""
    name = server.create(template=template) if template else server.create()
    engine = sa.create_engine(f"postgresql+psycopg://postgres@/{name}?host={server.folder}")
    database = Database("postgresql", server.url(SERVICE, name), server.url(OWNER, name), engine)
    yield database
    database.close()
    server.drop(name)


def ready_template(server: Server) -> str:
    """Return the name of a database in which `fenliu-serve migrate` has done its work, to copy from."""
    name = server.create()
    engine = open_engine(server.url(OWNER, name), busy_timeout_ms=5000)
    upgrade(engine, KEYS, service_role=SERVICE)
    engine.dispose()
    return name
