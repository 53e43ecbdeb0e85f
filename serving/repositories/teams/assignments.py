"""Assignments on record: each is written with its audit row, and the course of its case knows the team at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from features.clock import days_of
from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.court_scope import within
from serving.repositories.decisions import standing_acts
from serving.repositories.recording import next_of_day, put
from serving.store.tables.advice import advice
from serving.store.tables.decisions import decisions
from serving.store.tables.indicators import case_courses
from serving.store.tables.teams import team_assignments
from serving.store.transaction import Store

Row = Mapping[str, Any]


class NoCaseError(LookupError):
    """There is no such answer, or it is another court's."""


class NotDecidedError(RuntimeError):
    """Nobody has decided on the case; `args` holds its number."""


class EndedError(RuntimeError):
    """The case has ended; `args` holds its number."""


class MovedError(RuntimeError):
    """Somebody else has assigned the case meanwhile; `args` holds its number."""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One case that goes to a team (None: is taken from its team), as one who saw `turn` assignments of it wants it."""

    advice_id: str
    team: str | None
    reason: str
    turn: int
    settings_version: int


@dataclass(frozen=True)
class AssignmentStore:
    """Reads and writes assignments."""

    store: Store
    keys: KeyRing

    def assign(self, wanted: Sequence[Assignment], *, origin: Origin, at: datetime) -> list[Row]:
        """Write all of them in one transaction, or none.

        Raises
        ------
        NoCaseError, NotDecidedError, EndedError, MovedError
            About the first case that stands in the way.
        StoreUnavailableError
            Nothing was written.
        """
        return self.store.write(lambda one: [self._assign(one, each, (origin, at)) for each in wanted])

    def of_case(self, court: str, number: str) -> list[Row]:
        """Return the assignments of one case, oldest first."""
        return self.store.read(lambda connection: _of_case(connection, court, number))

    def note_list(self, court: str, team: str | None, *, rows: int, by: tuple[Origin, datetime]) -> None:
        """Put on the audit chain that somebody looked at a list of cases.

        Raises
        ------
        StoreUnavailableError
            It could not be noted; then nothing is shown.
        """
        origin, at = by
        event = event_of(origin, "team.list", kind="list", object_id=team or "", court=court, rows=str(rows))
        self.store.write(lambda connection: append(connection, event, mac=self.keys.mac, at=at))

    def _assign(self, connection: Connection, wanted: Assignment, by: tuple[Origin, datetime]) -> Row:
        origin, at = by
        given = select(advice.c.court_code, advice.c.application_id).where(
            advice.c.id == wanted.advice_id, within(advice.c.court_code, origin.by.courts)
        )
        found = connection.execute(given).one_or_none()
        if found is None:
            raise NoCaseError(wanted.advice_id)
        court, number = found
        _require_open(connection, court, number)
        before = _of_case(connection, court, number)
        if len(before) != wanted.turn:
            raise MovedError(number)
        row = {
            **next_of_day(connection, team_assignments, "ASG", at), "court_code": court, "application_id": number,
            "advice_id": wanted.advice_id, "turn": wanted.turn + 1, "team": wanted.team, "reason": wanted.reason,
            "settings_version": wanted.settings_version, "assigned_by": origin.by.actor,
            "assigned_at": at.isoformat(timespec="seconds"),
        }  # fmt: skip
        put(connection, team_assignments, row, action="case.assign", by=(origin, at, self.keys))
        _tell_course(connection, row, at)
        return row


def _require_open(connection: Connection, court: str, number: str) -> None:
    mine = (decisions.c.court_code == court) & (decisions.c.application_id == number)
    acts = connection.execute(select(decisions).where(mine).order_by(decisions.c.id)).mappings()
    if not any(True for _ in standing_acts([dict(row) for row in acts])):
        raise NotDecidedError(number)
    here = (case_courses.c.court_code == court) & (case_courses.c.application_id == number)
    if connection.scalar(select(case_courses.c.ended).where(here)) is not None:
        raise EndedError(number)


def _of_case(connection: Connection, court: str, number: str) -> list[Row]:
    mine = (team_assignments.c.court_code == court) & (team_assignments.c.application_id == number)
    query = select(team_assignments).where(mine).order_by(team_assignments.c.turn)
    return [dict(row) for row in connection.execute(query).mappings()]


def _tell_course(connection: Connection, row: Row, at: datetime) -> None:
    mine = (case_courses.c.court_code == row["court_code"]) & (case_courses.c.application_id == row["application_id"])
    since = None if row["team"] is None else days_of(at)
    connection.execute(update(case_courses).where(mine).values(team=row["team"], assigned=since))
