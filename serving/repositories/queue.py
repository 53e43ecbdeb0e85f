"""Reading the queue page by page, the nearest deadline first, and taking a case so that two people never hold one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, tuple_, update

from serving.access.origin import Origin
from serving.access.principal import Courts
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.case_numbers import beginning_with
from serving.repositories.court_scope import unsteered, within
from serving.repositories.open_cases import nearest_deadline
from serving.repositories.urging.watching import CONVERTED
from serving.store.tables.queue import open_cases
from serving.store.transaction import Store

MOST_COUNTED: Final = 1000
"""Cases that are counted exactly; beyond it a list says that there are more."""


MOST_LOOKED_THROUGH: Final = 20_000
"""Cases, the nearest deadlines first, among which part of a number is looked for."""


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Which cases are asked for; an empty filter asks for all.

    `by_rule` leaves out those whose lane a model proposed: for readers from
    whom such lanes are kept, no filter tells them. `after` is deadline and answer of the last row seen.
    """

    number: str = ""
    route: str = ""
    stage: str = ""
    free_only: bool = False
    mine_only: bool = False
    by_rule: bool = False
    after: tuple[str, str] | None = None
    size: int = 50


@dataclass(frozen=True)
class Page:
    """Rows, where the next page begins (None at the end), and how many there are: all that match, due today, late."""

    rows: Sequence[Mapping[str, Any]]
    after: tuple[str, str] | None
    matching: int
    today: int
    late: int


@dataclass(frozen=True)
class Beside:
    """The answers about the cases that wait next to one, by deadline, and that nobody else is at; empty at the ends."""

    before: str
    after: str


@dataclass(frozen=True)
class QueueStore:
    """Reads and takes; each of both is on the audit chain."""

    store: Store
    keys: KeyRing

    def page(self, sought: Sought, *, origin: Origin, at: datetime) -> Page:
        """Return one page of the cases of the caller's courts that wait.

        Raises
        ------
        StoreUnavailableError
            It could not be read, or the reading not noted.
        """

        def work(connection: Connection) -> Page:
            which = _matching(connection, sought, origin, at)
            rows = [dict(row) for row in connection.execute(_query(sought, which)).mappings()]
            shown = rows[: sought.size]
            event = event_of(origin, "queue.list", kind="list", object_id=sought.number, rows=str(len(shown)))
            append(connection, event, mac=self.keys.mac, at=at)
            last = (shown[-1]["due_on"], shown[-1]["advice_id"]) if len(rows) > sought.size else None
            today, mine = at.date().isoformat(), [within(open_cases.c.court_code, origin.by.courts)]
            return Page(
                shown,
                last,
                counted(connection, which),
                counted(connection, [*mine, open_cases.c.due_on == today]),
                counted(connection, [*mine, open_cases.c.due_on < today]),
            )

        return self.store.write(work)

    def count(self, sought: Sought, *, origin: Origin, at: datetime) -> int:
        """Return how many cases match, as a page counts them; of what they are nothing is read."""

        def work(connection: Connection) -> int:
            return counted(connection, _matching(connection, sought, origin, at))

        return self.store.read(work)

    def take_next(self, *, origin: Origin, at: datetime, until: datetime) -> str | None:
        """Take the case with the nearest deadline that nobody is at, and return its answer's id; None without one.

        Whoever reads and takes holds the writers' lock, so nobody else gets the same case.

        Raises
        ------
        StoreUnavailableError
            Nothing was taken.
        """

        def work(connection: Connection) -> str | None:
            which = [within(open_cases.c.court_code, origin.by.courts), _free(at)]
            query = select(open_cases.c.advice_id, open_cases.c.court_code).where(*which)
            row = connection.execute(query.order_by(*_ORDER).limit(1)).one_or_none()
            if row is None:
                return None
            self._take(connection, row.advice_id, row.court_code, (origin, at, until))
            return str(row.advice_id)

        return self.store.write(work)

    def take(self, advice_id: str, *, origin: Origin, at: datetime, until: datetime) -> bool:
        """Take one case, unless somebody else is at it; False if so, and if it does not wait any more.

        Raises
        ------
        StoreUnavailableError
            Nothing was taken.
        """

        def work(connection: Connection) -> bool:
            mine = or_(_free(at), open_cases.c.claimed_by == origin.by.actor)
            which = [open_cases.c.advice_id == advice_id, within(open_cases.c.court_code, origin.by.courts), mine]
            court = connection.scalar(select(open_cases.c.court_code).where(*which))
            if court is not None:
                self._take(connection, advice_id, court, (origin, at, until))
            return court is not None

        return self.store.write(work)

    def take_many(self, ids: Sequence[str], *, origin: Origin, at: datetime, until: datetime) -> list[str]:
        """Take those of these cases that nobody else is at, and return which; in one transaction.

        Raises
        ------
        StoreUnavailableError
            None was taken.
        """

        def work(connection: Connection) -> list[str]:
            mine = or_(_free(at), open_cases.c.claimed_by == origin.by.actor)
            rows = self._mine(connection, ids, mine, origin)
            for advice_id, court in rows:
                self._take(connection, advice_id, court, (origin, at, until))
            return [advice_id for advice_id, _ in rows]

        return self.store.write(work)

    def release(self, ids: Sequence[str], *, origin: Origin, at: datetime) -> list[str]:
        """Give back those of these cases that the caller holds, and return which.

        Raises
        ------
        StoreUnavailableError
            None was given back.
        """

        def work(connection: Connection) -> list[str]:
            rows = self._mine(connection, ids, open_cases.c.claimed_by == origin.by.actor, origin)
            for advice_id, court in rows:
                free = {"claimed_by": None, "claimed_until": None}
                connection.execute(update(open_cases).where(open_cases.c.advice_id == advice_id).values(**free))
                event = event_of(origin, "case.release", kind="advice", object_id=advice_id, court=court)
                append(connection, event, mac=self.keys.mac, at=at)
            return [advice_id for advice_id, _ in rows]

        return self.store.write(work)

    def _mine(
        self, connection: Connection, ids: Sequence[str], which: ColumnElement[bool], origin: Origin
    ) -> list[tuple[str, str]]:
        query = (
            select(open_cases.c.advice_id, open_cases.c.court_code)
            .where(open_cases.c.advice_id.in_(ids), within(unsteered(open_cases.c.court_code), origin.by.courts), which)
            .order_by(*_ORDER)
        )
        return [(row.advice_id, row.court_code) for row in connection.execute(query)]

    def holder(self, advice_id: str, *, at: datetime) -> Mapping[str, Any] | None:
        """Return who is at a case and until when; None if nobody is."""
        which = (open_cases.c.advice_id == advice_id) & ~_free(at)
        query = select(open_cases.c.claimed_by, open_cases.c.claimed_until).where(which)
        row = self.store.read(lambda connection: connection.execute(query).mappings().first())
        return None if row is None else dict(row)

    def waits_for_filing(self, advice_id: str) -> bool:
        """Whether the case of an answer waits to be filed because urging has ended."""
        which = (open_cases.c.advice_id == advice_id) & (open_cases.c.due_kind == CONVERTED)
        query = select(open_cases.c.advice_id).where(which)
        return self.store.read(lambda connection: connection.scalar(query)) is not None

    def beside(self, answer: Mapping[str, Any], *, origin: Origin, at: datetime) -> Beside:
        """Return what waits before and after the case of an answer, whether it waits itself or is decided."""
        place = (nearest_deadline(answer["deadlines"])[0], answer["id"])
        mine = or_(_free(at), open_cases.c.claimed_by == origin.by.actor)
        which = [within(open_cases.c.court_code, origin.by.courts), mine]
        query = select(open_cases.c.advice_id).where(*which).limit(1)
        before = query.where(tuple_(*_ORDER) < place).order_by(*(column.desc() for column in _ORDER))
        after = query.where(tuple_(*_ORDER) > place).order_by(*_ORDER)

        def work(connection: Connection) -> Beside:
            return Beside(connection.scalar(before) or "", connection.scalar(after) or "")

        return self.store.read(work)

    def _take(self, connection: Connection, advice_id: str, court: str, by: tuple[Origin, datetime, datetime]) -> None:
        origin, at, until = by
        held = {"claimed_by": origin.by.actor, "claimed_until": until.isoformat(timespec="seconds")}
        connection.execute(update(open_cases).where(open_cases.c.advice_id == advice_id).values(**held))
        event = event_of(origin, "case.claim", kind="advice", object_id=advice_id, court=court)
        append(connection, event, mac=self.keys.mac, at=at)


_ORDER: Final = (open_cases.c.due_on, open_cases.c.advice_id)


def _query(sought: Sought, which: list[ColumnElement[bool]]) -> Select[Any]:
    query = select(open_cases).where(*which).order_by(*_ORDER).limit(sought.size + 1)
    return query if sought.after is None else query.where(tuple_(*_ORDER) > sought.after)


def _which(sought: Sought, origin: Origin, at: datetime) -> list[ColumnElement[bool]]:
    asked = {"route": sought.route, "stage": sought.stage}
    found = [within(open_cases.c.court_code, origin.by.courts)]
    found += [open_cases.c[name] == value for name, value in asked.items() if value]
    if sought.by_rule:
        found.append(open_cases.c.decided_by != "model")
    if sought.free_only:
        found.append(_free(at))
    if sought.mine_only:
        found += [open_cases.c.claimed_by == origin.by.actor, ~_free(at)]
    return found


def _matching(connection: Connection, sought: Sought, origin: Origin, at: datetime) -> list[ColumnElement[bool]]:
    """Return the condition for what is asked for; a number leads to few cases, so no planner starts from the court."""
    which = _which(sought, origin, at)
    numbered = _numbered(connection, sought.number, which, origin.by.courts)
    return [within(unsteered(open_cases.c.court_code), origin.by.courts), *which[1:], *numbered] if numbered else which


def _numbered(
    connection: Connection, number: str, which: list[ColumnElement[bool]], courts: Courts
) -> list[ColumnElement[bool]]:
    """Return the condition for cases with this number, or with a part that begins like it, or else with it inside.

    The first two are looked up. Looking inside goes through the rows one by
    one, so it is bounded to those that are due first; so it is for a beginning
    that many share, of which those come first in any case.
    """
    if not number:
        return []
    exact = open_cases.c.application_id == number
    if connection.execute(select(open_cases.c.advice_id).where(*which, exact).limit(1)).first() is not None:
        return [exact]
    begun = beginning_with(connection, number, courts, most=MOST_COUNTED)
    if begun:
        numbers = open_cases.c.application_id.in_(sorted({number for _, number in begun}))
        own = within(unsteered(open_cases.c.court_code), courts)
        ids = connection.scalars(select(open_cases.c.advice_id).where(numbers, own)).all()
        return [open_cases.c.advice_id.in_(ids)]
    columns = (open_cases.c.advice_id, open_cases.c.application_id)
    nearest = select(*columns).where(*which).order_by(*_ORDER).limit(MOST_LOOKED_THROUGH).subquery()
    holding = select(nearest.c.advice_id).where(nearest.c.application_id.contains(number, autoescape=True))
    ids = connection.scalars(holding.limit(MOST_COUNTED + 1)).all()
    return [open_cases.c.advice_id.in_(ids)]


def _free(at: datetime) -> ColumnElement[bool]:
    now = at.isoformat(timespec="seconds")
    return or_(open_cases.c.claimed_until.is_(None), open_cases.c.claimed_until <= now)


def counted(connection: Connection, which: list[ColumnElement[bool]]) -> int:
    """Count up to one more than is counted exactly."""
    few = select(open_cases.c.advice_id).where(*which).limit(MOST_COUNTED + 1).subquery()
    return int(connection.scalar(select(func.count()).select_from(few)) or 0)
