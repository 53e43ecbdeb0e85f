"""Legal holds on record: which cases must not be erased, from when until when, and who said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, exists, or_, select

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.court_scope import within
from serving.repositories.recording import next_of_day, put
from serving.store.tables.advice import advice
from serving.store.tables.people import holds
from serving.store.transaction import Store

MOST: Final = 1_000
"""Holds that one list shows."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Which case is to be held, from and until which day (both included; open without an end), and why."""

    court_code: str
    application_id: str
    held_from: date
    held_until: date | None
    reason: str


class NoCaseError(LookupError):
    """There is no advice about this case in the caller's courts."""


class NoHoldError(LookupError):
    """There is no such hold in the caller's courts."""


@dataclass(frozen=True)
class HoldStore:
    """Reads and writes holds."""

    store: Store
    keys: KeyRing

    def place(self, hold: Hold, *, origin: Origin, at: datetime) -> Mapping[str, Any]:
        """Put a hold on record.

        Raises
        ------
        NoCaseError
            Nothing is known of the case.
        StoreUnavailableError
            Nothing was written.
        """

        def work(connection: Connection) -> Mapping[str, Any]:
            case = (advice.c.court_code == hold.court_code) & (advice.c.application_id == hold.application_id)
            known = select(advice.c.id).where(case, within(advice.c.court_code, origin.by.courts)).limit(1)
            if connection.scalar(known) is None:
                raise NoCaseError
            until = None if hold.held_until is None else hold.held_until.isoformat()
            row = {
                "act": "place", "court_code": hold.court_code, "application_id": hold.application_id,
                "held_from": hold.held_from.isoformat(), "held_until": until,
            }  # fmt: skip
            return self._put(connection, row, hold.reason, by=(origin, at))

        return self.store.write(work)

    def lift(self, hold_id: str, reason: str, *, origin: Origin, at: datetime) -> Mapping[str, Any]:
        """End a hold, or return the act that ended it before.

        Raises
        ------
        NoHoldError
            There is none with this number.
        StoreUnavailableError
            Nothing was written.
        """

        def work(connection: Connection) -> Mapping[str, Any]:
            placed = (holds.c.id == hold_id) & (holds.c.act == "place")
            query = select(holds).where(placed, within(holds.c.court_code, origin.by.courts))
            held = connection.execute(query).mappings().first()
            if held is None:
                raise NoHoldError
            known = connection.execute(select(holds).where(holds.c.lifts == hold_id)).mappings().first()
            if known is not None:
                return self._opened(dict(known))
            same = ("court_code", "application_id", "held_from", "held_until")
            row = {"act": "lift", "lifts": hold_id, **{name: held[name] for name in same}}
            return self._put(connection, row, reason, by=(origin, at))

        return self.store.write(work)

    def standing(self, *, origin: Origin, at: datetime) -> list[Mapping[str, Any]]:
        """Return the holds in force in the caller's courts, newest first, and note who looked."""

        def work(connection: Connection) -> list[Mapping[str, Any]]:
            query = (
                select(holds)
                .where(in_force(at.date()), within(holds.c.court_code, origin.by.courts))
                .order_by(holds.c.id.desc())
                .limit(MOST)
            )
            found: list[Mapping[str, Any]] = [self._opened(dict(row)) for row in connection.execute(query).mappings()]
            event = event_of(origin, "hold.list", kind="holds", object_id="", rows=str(len(found)))
            append(connection, event, mac=self.keys.mac, at=at)
            return found

        return self.store.write(work)

    def _put(
        self, connection: Connection, given: Mapping[str, Any], reason: str, *, by: tuple[Origin, datetime]
    ) -> Mapping[str, Any]:
        origin, at = by
        numbered = next_of_day(connection, holds, "HLD", at)
        row = {
            **numbered,
            **given,
            "reason": self.keys.seal.close(reason.encode("utf-8"), _place(numbered["id"])),
            "by": origin.by.actor,
            "at": at.isoformat(timespec="seconds"),
        }
        put(connection, holds, row, action=f"hold.{given['act']}", by=(origin, at, self.keys))
        return {**row, "reason": reason}

    def _opened(self, row: dict[str, Any]) -> dict[str, Any]:
        reason = None if row["reason"] is None else self.keys.seal.open(row["reason"], _place(row["id"])).decode()
        return {**row, "reason": reason}


def in_force(day: date) -> Any:  # noqa: ANN401 - SQLAlchemy's own type of a condition
    """Return the condition that a row of `holds` is a hold that stands on this day."""
    lifting = holds.alias("lifting")
    return (
        (holds.c.act == "place")
        & (holds.c.held_from <= day.isoformat())
        & or_(holds.c.held_until.is_(None), holds.c.held_until >= day.isoformat())
        & ~exists(select(lifting.c.id).where(lifting.c.lifts == holds.c.id))
    )


def held_cases(day: date) -> Select[tuple[str, str]]:
    """Return the query for court and number of every case that is held on this day."""
    return select(holds.c.court_code, holds.c.application_id).where(in_force(day))


def _place(hold_id: str) -> str:
    return f"holds.reason:{hold_id}"
