"""Outcomes on record: a report, its events and their audit rows are written together; a key leads to one report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select, tuple_

from serving.access.origin import Origin
from serving.access.principal import Courts
from serving.keys import KeyRing
from serving.repositories.advice import Call
from serving.repositories.closings import let_go
from serving.repositories.comparison.closed import note_closed
from serving.repositories.court_scope import within
from serving.repositories.recording import next_of_day, put
from serving.repositories.urging.watching import note_happened
from serving.store.tables.advice import advice
from serving.store.tables.outcomes import outcome_receipts, outcomes
from serving.store.transaction import Store

TOGETHER: Final = 500
"""Cases that are looked up at a time."""


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One event of a case: what, when (ISO 8601 with its zone), how much in yuan, from where, and how it closed."""

    application_id: str
    court_code: str
    at: str
    kind: str
    amount: str | None = None
    source: str | None = None
    mode: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What a report led to: its id, when it was taken in, the ids of its events."""

    id: str
    recorded_at: str
    events: tuple[str, ...]
    body_digest: str
    replayed: bool = False


class UnknownCaseError(LookupError):
    """Events name cases that this service has never advised on; `places` are their positions in the report."""

    def __init__(self, places: Sequence[int]) -> None:
        self.places = tuple(places)
        super().__init__(f"{len(self.places)} 件事项的案件在本系统无建议 / no advice on these cases: {self.places}")


@dataclass(frozen=True)
class OutcomeStore:
    """Reads and writes outcomes."""

    store: Store
    keys: KeyRing

    def record(self, call: Call, events: Sequence[Happened], *, origin: Origin, at: datetime) -> Receipt:
        """Write a report with all its events in one transaction, or return what the key already led to.

        Raises
        ------
        UnknownCaseError
            Some case has no advice here; nothing was written.
        StoreUnavailableError
            Nothing was written.
        """

        def work(connection: Connection) -> Receipt:
            return _known(connection, call) or self._write(connection, call, events, origin, at)

        return self.store.write(work)

    def note(self, connection: Connection, event: Happened, *, key: str, by: tuple[Origin, datetime]) -> None:
        """Write an event that the service itself brought about, in the transaction of whatever brought it about."""
        call = Call("service", key, self.keys.body(key.encode()), by[0].by.owner)
        self._write(connection, call, [event], *by)

    def of_case(self, application_id: str, *, courts: Courts) -> list[Mapping[str, Any]]:
        """Return the events of one case as they were reported, in the order of their recording."""
        query = (
            select(outcomes)
            .where(outcomes.c.application_id == application_id, within(outcomes.c.court_code, courts))
            .order_by(outcomes.c.id)
        )
        return self.store.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])

    def _write(
        self, connection: Connection, call: Call, events: Sequence[Happened], origin: Origin, at: datetime
    ) -> Receipt:
        _require_known(connection, events)
        stamp = at.isoformat(timespec="seconds")
        receipt = {
            **next_of_day(connection, outcome_receipts, "RCP", at), "recorded_at": stamp,
            "reported_by": origin.by.actor, "events": len(events), "key_sha256": call.key_sha256,
            "body_digest": call.body_digest,
        }  # fmt: skip
        rows = [
            {"id": f"{receipt['id']}-{place:03d}", "receipt_id": receipt["id"], "recorded_at": stamp, **vars(event)}
            for place, event in enumerate(events, start=1)
        ]
        by = (origin, at, self.keys)
        put(connection, outcome_receipts, receipt, action="outcome.create", by=by)
        for row in rows:
            put(connection, outcomes, row, action="outcome.create", by=by)
        note_closed(connection, rows)
        note_happened(connection, rows)
        let_go(connection, rows, by)
        return Receipt(str(receipt["id"]), stamp, tuple(row["id"] for row in rows), call.body_digest)


def _known(connection: Connection, call: Call) -> Receipt | None:
    query = select(outcome_receipts).where(outcome_receipts.c.key_sha256 == call.key_sha256)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    ids = select(outcomes.c.id).where(outcomes.c.receipt_id == row.id).order_by(outcomes.c.id)
    return Receipt(row.id, row.recorded_at, tuple(connection.execute(ids).scalars()), row.body_digest, replayed=True)


def _require_known(connection: Connection, events: Sequence[Happened]) -> None:
    asked = sorted({(event.court_code, event.application_id) for event in events})
    known: set[tuple[str, str]] = set()
    for first in range(0, len(asked), TOGETHER):
        case = tuple_(advice.c.court_code, advice.c.application_id)
        found = select(advice.c.court_code, advice.c.application_id).where(case.in_(asked[first : first + TOGETHER]))
        known |= {(row.court_code, row.application_id) for row in connection.execute(found.distinct())}
    unknown = [n for n, event in enumerate(events) if (event.court_code, event.application_id) not in known]
    if unknown:
        raise UnknownCaseError(unknown)
