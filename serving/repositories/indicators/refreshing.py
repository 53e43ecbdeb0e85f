"""Keeping courses up to date: what the audit trail names since the last time is read again, some cases at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, insert, select, update

from features.clock import days_of
from serving.ciphers import SealError
from serving.keys import KeyRing
from serving.logs import logger
from serving.repositories.indicators.courses import course_row
from serving.store.tables.advice import advice
from serving.store.tables.audit import audit
from serving.store.tables.decisions import decisions
from serving.store.tables.indicators import case_courses, indicator_state
from serving.store.tables.outcomes import outcomes
from serving.store.tables.teams import team_assignments
from serving.store.transaction import Store

EVERYWHERE: Final = "*"
"""In the place of a court's code: how far the audit trail was read."""

ROWS_TOGETHER: Final = 400
"""Audit rows that one step reads; each may name a case."""

_SOURCES: Final[dict[str, Table]] = {table.name: table for table in (advice, outcomes, decisions, team_assignments)}

Case = tuple[str, str]


@dataclass(frozen=True)
class CourseStore:
    """Reads the trail and writes courses."""

    store: Store
    keys: KeyRing

    def step(self, *, at: datetime) -> bool:
        """Take in some of what happened since the last step; whether there is more.

        What is read and decrypted holds no lock. If another worker was faster,
        its step counts and this one is dropped.

        Raises
        ------
        StoreUnavailableError
            Nothing was changed.
        """
        seq, last, cases = self.store.read(self._ahead)
        if last == seq:
            return False
        rows = self.store.read(lambda connection: self._rows(connection, cases))
        self.store.write(lambda connection: _keep(connection, rows, cases, (seq, last), at))
        return True

    def _ahead(self, connection: Connection) -> tuple[int, int, list[Case]]:
        """Return how far the trail was read, how far it is read now, and the cases that it names between."""
        seq = _read_to(connection)
        columns = (audit.c.seq, audit.c.kind, audit.c.object_id)
        found = connection.execute(
            select(*columns).where(audit.c.seq > seq).order_by(audit.c.seq).limit(ROWS_TOGETHER)
        ).all()
        named: dict[str, set[str]] = {}
        for row in found:
            if row.kind in _SOURCES:
                named.setdefault(row.kind, set()).add(row.object_id)
        cases = {case for kind, ids in named.items() for case in _cases(connection, _SOURCES[kind], ids)}
        return seq, found[-1].seq if found else seq, sorted(cases)

    def _rows(self, connection: Connection, cases: Iterable[Case]) -> list[dict[str, Any]]:
        found = (self._row(connection, case) for case in cases)
        return [row for row in found if row is not None]

    def _row(self, connection: Connection, case: Case) -> dict[str, Any] | None:
        """Return the row of a case; one that cannot be read is left out, told, and stops no other."""
        try:
            return course_row(connection, self.keys, *case)
        except (SealError, KeyError, TypeError, ValueError) as error:
            logger().error("course_unreadable", court=case[0], error=type(error).__name__)
            return None


def _read_to(connection: Connection) -> int:
    query = select(indicator_state.c.seq).where(indicator_state.c.court_code == EVERYWHERE)
    return int(connection.scalar(query) or 0)


def _cases(connection: Connection, table: Table, ids: Iterable[str]) -> Iterable[Case]:
    query = select(table.c.court_code, table.c.application_id).where(table.c.id.in_(sorted(ids)))
    return {(row.court_code, row.application_id) for row in connection.execute(query)}


def _keep(
    connection: Connection, rows: Sequence[dict[str, Any]], cases: Iterable[Case], seqs: tuple[int, int], at: datetime
) -> None:
    if _read_to(connection) != seqs[0]:
        return
    for row in rows:
        mine = (case_courses.c.court_code == row["court_code"]) & (
            case_courses.c.application_id == row["application_id"]
        )
        connection.execute(delete(case_courses).where(mine))
        connection.execute(insert(case_courses), row | _team(connection, row["court_code"], row["application_id"]))
    stamp = at.isoformat(timespec="seconds")
    for court in sorted({court for court, _ in cases}):
        _advance(connection, court, seqs[1], stamp)
    _advance(connection, EVERYWHERE, seqs[1], stamp)


def _team(connection: Connection, court: str, number: str) -> dict[str, Any]:
    """Return which team has a case since when; read under the lock, so that no assignment is overlooked."""
    mine = (team_assignments.c.court_code == court) & (team_assignments.c.application_id == number)
    query = select(team_assignments.c.team, team_assignments.c.assigned_at).where(mine)
    row = connection.execute(query.order_by(team_assignments.c.turn.desc()).limit(1)).one_or_none()
    if row is None or row.team is None:
        return {"team": None, "assigned": None}
    return {"team": row.team, "assigned": days_of(datetime.fromisoformat(row.assigned_at))}


def _advance(connection: Connection, court: str, seq: int, stamp: str) -> None:
    mine = indicator_state.c.court_code == court
    changed = connection.execute(update(indicator_state).where(mine).values(seq=seq, read_at=stamp)).rowcount
    if not changed:
        row = {"court_code": court, "seq": seq, "read_at": stamp, "cases": 0}
        connection.execute(insert(indicator_state), row)
