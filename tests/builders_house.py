"""Builders of whole houses: a home with keys and a database of either kind, as an operator's commands find them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving.keys import key_ring
from serving.opening import open_store
from serving.repositories.advice import AdviceStore
from serving.settings import Settings
from serving.store.engine import open_engine
from serving.store.migrate import upgrade
from tests.builders_audit import ROW
from tests.builders_postgres import SERVICE, Server
from tests.builders_serving import NOW, ORIGIN
from tests.builders_store import Database, postgresql_database, sqlite_database
from tests.test_store import call


@dataclass(frozen=True)
class House:
    """A home, its settings and its database."""

    folder: Path
    settings: Settings
    database: Database

    @property
    def variables(self) -> dict[str, str]:
        """What names the database to a command."""
        given = {"FENLIU_DATABASE": self.settings.database, "FENLIU_DATABASE_OWNER": self.settings.database_owner}
        return {name: text for name, text in given.items() if text}

    def set_up(self) -> None:
        """Make the tables, as the owner's command does."""
        engine = open_engine(self.database.owner, busy_timeout_ms=5000)
        role = SERVICE if self.database.kind == "postgresql" else ""
        upgrade(engine, key_ring(self.settings.key_folder), service_role=role)
        engine.dispose()

    def answer(self, numbers: Sequence[int]) -> list[str]:
        """Record one answer for each number and return the ids."""
        keys = key_ring(self.settings.key_folder)
        store = open_store(self.settings, keys)
        records = AdviceStore(store, keys)
        told = [
            records.record(call(f"key-{n:08d}"), ROW, answer_of=str.encode, origin=ORIGIN, at=NOW).id for n in numbers
        ]
        store.close()
        return told

    def content(self, *, until: int = 10**9) -> dict[str, list[dict[str, Any]]]:
        """Return what is on record, of the audit trail only the rows up to a number."""
        tables = {name: f"SELECT * FROM {name} ORDER BY 1, 2" for name in ("advice", "idempotency", "key_ids")}  # noqa: S608
        tables["audit"] = f"SELECT * FROM audit WHERE seq <= {until} ORDER BY seq"  # noqa: S608
        return {name: self.database.all(sql) for name, sql in tables.items()}


@contextmanager
def houses(folder: Path, *kinds: str, server: Server | None = None) -> Iterator[list[House]]:
    """Yield a house of each kind, set up, all with the same keys."""
    with ExitStack() as stack:
        found = [_house(folder / str(n), kind, server, stack) for n, kind in enumerate(kinds)]
        for one in found[1:]:
            shutil.copytree(found[0].settings.key_folder, one.settings.key_folder, dirs_exist_ok=True)
        for one in found:
            one.set_up()
        yield found


def _house(folder: Path, kind: str, server: Server | None, stack: ExitStack) -> House:
    home = folder / "home"
    home.mkdir(parents=True, mode=0o700)
    key_ring(home / "keys")
    if server is None or kind == "sqlite":
        return House(folder, Settings(home=home), stack.enter_context(sqlite_database(home)))
    database = stack.enter_context(postgresql_database(server))
    settings = Settings(home=home, database=str(database.place), database_owner=str(database.owner))
    return House(folder, settings, database)
