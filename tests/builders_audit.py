"""Builders for tests of the audit trail: a database with some answers on record, and hands that tamper with it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from serving.audit.heads import SecondPlace
from serving.audit.schedule import Keeper
from serving.audit.trail import Trail
from serving.audit.verify import Report
from serving.repositories.advice import AdviceRow, AdviceStore, Call
from serving.store.triggers import release_rows
from tests.builders_serving import KEYS, NOW, ORIGIN
from tests.builders_store import Database

ROW = AdviceRow(
    application_id="SQ-1", court_code="浙1022", stage="A", as_of="x", created_at="x", expires_at="x", status="scored",
    route="urge", decided_by="model", model_sha256="m", ruleset_sha256="r", input=b"{}", input_sha256="i",
    features=b"\x00\x00\xc0\x7f", features_sha256="f", versions="{}", rules=b"[]",
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A database with answers on record, its trail, and the second place."""

    database: Database
    trail: Trail

    @property
    def place(self) -> SecondPlace:
        """The second place."""
        return self.trail.place

    def answer(self, *numbers: int) -> None:
        """Record one answer for each number."""
        records = AdviceStore(self.trail.store, KEYS)
        for number in numbers:
            call = Call("/v1/scores", f"key-{number:08d}", "d")
            records.record(call, ROW, answer_of=str.encode, origin=ORIGIN, at=NOW)

    def tamper(self, *statements: str) -> None:
        """Do what whoever owns the database could: put the triggers out of the way, change things, put them back."""
        with self.database.admin.begin() as connection:
            for statement in statements:
                table = re.findall(r"(?:UPDATE|FROM|INTO) (\w+)", statement)[0]
                saved = _triggers(connection, table)
                release_rows(connection, table)
                connection.exec_driver_sql(statement)
                for trigger in saved:
                    connection.exec_driver_sql(trigger)

    def kinds(self) -> list[tuple[str, str]]:
        """Return what a check finds, as kind and place."""
        return found_in(self.trail.verify())


def found_in(report: Report) -> list[tuple[str, str]]:
    """Return the findings of a report as kind and place."""
    return [(finding.kind.value, finding.where) for finding in report.findings]


def scene(database: Database, folder: Path, *, answers: int = 6) -> Scene:
    """Return a database with this many answers, each commit witnessed in the folder."""
    place = SecondPlace(folder, KEYS.mac)
    store = database.open(witness=Keeper(place).witness)
    found = Scene(database, Trail(store, KEYS.mac, place))
    found.answer(*range(1, answers + 1))
    return found


def _triggers(connection: sa.Connection, table: str) -> Sequence[str]:
    """Return the statements that make the table's triggers."""
    query = (
        f"SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"  # noqa: S608
        if connection.dialect.name == "sqlite"
        else "SELECT pg_get_triggerdef(oid) FROM pg_trigger"  # noqa: S608 - a test's own word
        f" WHERE NOT tgisinternal AND tgrelid = '{table}'::regclass"
    )
    return list(connection.exec_driver_sql(query).scalars())


def copied(path: Path, to: Path) -> None:
    """Copy an SQLite database with what its log holds, as a thief of yesterday's file would."""
    for ending in ("", "-wal", "-shm"):
        source = path.with_name(path.name + ending)
        if source.exists():
            subprocess.run(["cp", source, to.with_name(to.name + ending)], check=True)
