"""What teams have on hand: open cases by team, lane and family, due soon and overdue, and those without a team."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, select

from models.indicators import State
from serving.store.tables.indicators import case_courses
from serving.store.tables.teams import team_assignments
from serving.store.transaction import Store

LISTED: Final = 25
"""Cases that one list shows, and that one form can tick."""

_LANES: Final = ("urge", "fast", "complex", "ordinary")


@dataclass(frozen=True)
class Heap:
    """Open cases of one team, lane and family of causes."""

    team: str
    lane: str | None
    family: int | None
    cases: int
    new: int
    due: int
    overdue: int


@dataclass(frozen=True)
class OnHandStore:
    """Reads what is on hand; looking-up goes by team, so that closed cases cost nothing."""

    store: Store

    def heaps(self, court: str, teams: Collection[str], *, monday: float, today: float) -> list[Heap]:
        """Return the open cases of these teams, counted: new since Monday, due within seven days, overdue."""
        due = case_courses.c.next_due
        columns = (
            func.count(),
            _count(case_courses.c.assigned >= monday),
            _count((due >= today) & (due < today + 7)),
            _count(due < today),
        )
        key = (case_courses.c.team, case_courses.c.lane, case_courses.c.family)
        query = select(*key, *columns).where(_open(court), case_courses.c.team.in_(sorted(teams))).group_by(*key)
        return self.store.read(lambda one: [Heap(*row) for row in one.execute(query).all()])

    def held(self, court: str, teams: Collection[str]) -> dict[str, int]:
        """Return how many open cases each of these teams has; teams without any are left out."""
        query = select(case_courses.c.team, func.count()).where(_open(court), case_courses.c.team.in_(sorted(teams)))
        rows = self.store.read(lambda one: one.execute(query.group_by(case_courses.c.team)).all())
        return {row[0]: row[1] for row in rows}

    def waiting(self, court: str) -> int:
        """Return how many decided open cases have no team."""
        query = select(func.count()).select_from(case_courses).where(*_decided(court, None))
        return self.store.read(lambda one: int(one.scalar(query) or 0))

    def cases(self, court: str, team: str | None) -> tuple[int, Sequence[Mapping[str, Any]]]:
        """Return how many decided open cases a team has, or of nobody, and the first of them by their next day.

        Each comes with `turn`, how often it was assigned so far.
        """
        which = _decided(court, team)
        turns = (
            select(func.count())
            .where(
                team_assignments.c.court_code == case_courses.c.court_code,
                team_assignments.c.application_id == case_courses.c.application_id,
            )
            .scalar_subquery()
        )
        order = (case_courses.c.next_due, case_courses.c.application_id)
        listed = select(case_courses, turns.label("turn")).where(*which).order_by(*order).limit(LISTED)
        count = select(func.count()).select_from(case_courses).where(*which)
        return self.store.read(
            lambda one: (int(one.scalar(count) or 0), [dict(row) for row in one.execute(listed).mappings()])
        )


def _decided(court: str, team: str | None) -> tuple[ColumnElement[bool], ...]:
    mine = case_courses.c.team.is_(None) if team is None else case_courses.c.team == team
    return _open(court), mine, case_courses.c.lane.in_(_LANES)


def _open(court: str) -> ColumnElement[bool]:
    return (case_courses.c.court_code == court) & (case_courses.c.state == int(State.OPEN))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
