"""What waits at a court, as counts for the first page: cases by deadline, what somebody holds, reviews, work done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from serving.access.origin import Origin
from serving.repositories.court_scope import within
from serving.repositories.queue import MOST_COUNTED, counted
from serving.repositories.reviews.requests import standing_at
from serving.store.tables.decisions import decisions
from serving.store.tables.people import review_requests
from serving.store.tables.queue import open_cases
from serving.store.tables.urging import urging_windows
from serving.store.transaction import Store

SOON: Final = timedelta(days=3)
"""How near the end of urging is told."""

DONE_WITHIN: Final = timedelta(days=7)
"""The days of which decisions are counted."""

URGING_ENDS: Final = "urging_end"
"""The kind of deadline by which urging is over."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many cases of the caller's courts; each count stops one beyond what is counted exactly.

    `decided` counts decisions of the last seven days that stand, of all people
    together: nobody's work is told from another's. `windows` are requests for
    another urging window that wait for a signature, `untold` reviews whose
    party has still to be told the answer.
    """

    waiting: int
    late: int
    today: int
    urging: int
    mine: int
    reviews: int
    decided: int
    windows: int = 0
    untold: int = 0


@dataclass(frozen=True)
class OverviewStore:
    """Reads the counts."""

    store: Store

    def counts(self, *, origin: Origin, at: datetime) -> Counts:
        """Return the counts for the caller's courts.

        Raises
        ------
        StoreUnavailableError
            They could not be read.
        """
        return self.store.read(lambda connection: _counts(connection, origin, at))


def _counts(connection: Connection, origin: Origin, at: datetime) -> Counts:
    row, today, now = open_cases.c, at.date().isoformat(), at.isoformat(timespec="seconds")
    here = within(row.court_code, origin.by.courts)
    soon = (at + SOON).date().isoformat()

    def cases(*which: ColumnElement[bool]) -> int:
        return counted(connection, [here, *which])

    return Counts(
        waiting=cases(),
        late=cases(row.due_on < today),
        today=cases(row.due_on == today),
        urging=cases(row.due_kind == URGING_ENDS, row.due_on >= today, row.due_on <= soon),
        mine=cases(row.claimed_by == origin.by.actor, row.claimed_until > now),
        reviews=_reviews(connection, origin, "open"),
        untold=_reviews(connection, origin, "untold"),
        decided=_decided(connection, origin, at),
        windows=_unsigned(connection, origin, today),
    )


def _reviews(connection: Connection, origin: Origin, state: str) -> int:
    here = within(review_requests.c.court_code, origin.by.courts)
    few = select(review_requests.c.id).where(here, standing_at(state)).limit(MOST_COUNTED + 1).subquery()
    return int(connection.scalar(select(func.count()).select_from(few)) or 0)


def _unsigned(connection: Connection, origin: Origin, today: str) -> int:
    later = urging_windows.alias()
    over = select(later.c.id).where(later.c.request_id == urging_windows.c.request_id, later.c.turn > 1).exists()
    row = urging_windows.c
    which = (row.turn == 1, row.first_day > today, within(row.court_code, origin.by.courts), ~over)
    return int(connection.scalar(select(func.count()).select_from(urging_windows).where(*which)) or 0)


def _decided(connection: Connection, origin: Origin, at: datetime) -> int:
    since, row = (at - DONE_WITHIN).date().isoformat(), decisions.c
    later = decisions.alias()
    taken_back = select(later.c.id).where(later.c.advice_id == row.advice_id, later.c.turn > row.turn).exists()
    which = (row.day > since, row.act == "decide", ~taken_back, within(row.court_code, origin.by.courts))
    few = select(row.id).where(*which).limit(MOST_COUNTED + 1).subquery()
    return int(connection.scalar(select(func.count()).select_from(few)) or 0)
