"""Urging windows of courts on record: every step about each of them, and the windows that are signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from models.rules.windows import SignedWindow
from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.recording import next_of_day, put
from serving.store.tables.urging import urging_windows
from serving.store.transaction import Store

Row = Mapping[str, Any]
Signed = tuple[tuple[str, tuple[SignedWindow, ...]], ...]
"""Each court that has signed windows, by its code, with them in the order of their days."""


class Act(StrEnum):
    """One step about a window."""

    ASK = "ask"
    SIGN = "sign"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    TAKE_BACK = "take_back"


@dataclass(frozen=True)
class WindowRequest:
    """Another window that was asked for, and every step about it, the first one first."""

    steps: tuple[Row, ...]

    @property
    def id(self) -> str:
        """The id of the row that asked."""
        return str(self.steps[0]["request_id"])

    @property
    def court(self) -> str:
        """The court whose window it is."""
        return str(self.steps[0]["court_code"])

    @property
    def days(self) -> int:
        """So many days of urging."""
        return int(self.steps[0]["days"])

    @property
    def first_day(self) -> date:
        """The day from which applications that come in get the window."""
        return date.fromisoformat(self.steps[0]["first_day"])

    @property
    def last(self) -> Act:
        """The step that stands."""
        return Act(self.steps[-1]["act"])

    @property
    def asked_by(self) -> str:
        """Who asked for it."""
        return str(self.steps[0]["by"])


Check = Callable[[tuple[WindowRequest, ...]], object]
"""Looks at the requests of a court as they stand when a step is written, and raises what stands against it."""


@dataclass(frozen=True)
class WindowStore:
    """Reads and writes steps; each is a row of its own, with its audit row in one transaction."""

    store: Store
    keys: KeyRing

    def of(self, court: str) -> tuple[WindowRequest, ...]:
        """Return every request of a court, the newest first."""
        return self.store.read(lambda connection: _requests(connection, court))

    def signed(self) -> Signed:
        """Return the windows that are signed and not taken back, of every court."""
        return self.store.read(_signed)

    def ask(
        self, court: str, days: int, first_day: date, reason: str, *, check: Check, by: tuple[Origin, datetime]
    ) -> None:
        """Write a request."""

        def work(connection: Connection) -> None:
            check(_requests(connection, court))
            self._put(
                connection,
                {
                    "court_code": court,
                    "turn": 1,
                    "act": Act.ASK.value,
                    "days": days,
                    "first_day": first_day.isoformat(),
                    "reason": reason,
                },
                by,
            )

        self.store.write(work)

    def step(
        self, court: str, request_id: str, act: Act, reason: str, *, check: Check, by: tuple[Origin, datetime]
    ) -> None:
        """Write a further step about a request that is there."""

        def work(connection: Connection) -> None:
            found = _requests(connection, court)
            check(found)
            last = next(one for one in found if one.id == request_id).steps[-1]
            kept = {name: last[name] for name in ("court_code", "request_id", "days", "first_day")}
            self._put(connection, {**kept, "turn": last["turn"] + 1, "act": act.value, "reason": reason}, by)

        self.store.write(work)

    def _put(self, connection: Connection, step: Row, by: tuple[Origin, datetime]) -> None:
        origin, at = by
        new = next_of_day(connection, urging_windows, "UW", at)
        row = {"request_id": new["id"], **new, **step, "by": origin.by.actor, "at": at.isoformat(timespec="seconds")}
        put(connection, urging_windows, row, action=f"window.{step['act']}", by=(origin, at, self.keys))


def _requests(connection: Connection, court: str) -> tuple[WindowRequest, ...]:
    query = select(urging_windows).where(urging_windows.c.court_code == court)
    steps = defaultdict(list)
    for row in connection.execute(query.order_by(urging_windows.c.turn)).mappings():
        steps[row["request_id"]].append(dict(row))
    return tuple(WindowRequest(tuple(steps[one])) for one in sorted(steps, reverse=True))


def _signed(connection: Connection) -> Signed:
    later = urging_windows.alias()
    taken = select(later.c.id).where(
        later.c.request_id == urging_windows.c.request_id, later.c.turn > urging_windows.c.turn
    )
    query = select(urging_windows).where(urging_windows.c.act == Act.SIGN.value, ~taken.exists())
    found = defaultdict(list)
    for row in connection.execute(query).mappings():
        window = SignedWindow(day=date.fromisoformat(row["first_day"]), days=row["days"], id=row["id"])
        found[row["court_code"]].append(window)
    return tuple((court, tuple(sorted(found[court]))) for court in sorted(found))
