"""Closed cases leave the queue, decided or not; resumed, they come back, unless somebody has decided on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, select

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.court_scope import unsteered
from serving.repositories.open_cases import enter, leave, of_application, row_of
from serving.store.tables.advice import advice
from serving.store.tables.decisions import decisions
from serving.store.tables.outcomes import outcome_receipts, outcomes
from serving.store.tables.queue import open_cases

CLOSED: Final = "close"
RESUMED: Final = "resume"

By = tuple[Origin, datetime, KeyRing]


def closing_in(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the closing that stands, of a case's events in the order of their recording; None while it is open."""
    last = next((event for event in reversed(events) if event["kind"] in {CLOSED, RESUMED}), None)
    return last if last is not None and last["kind"] == CLOSED else None


def events_of(connection: Connection, number: str, court: str) -> list[Mapping[str, Any]]:
    """Return what was reported of a case, in the order of its recording, with who reported it."""
    query = (
        select(outcomes, outcome_receipts.c.reported_by)
        .join(outcome_receipts, outcome_receipts.c.id == outcomes.c.receipt_id)
        .where(_of(number, court))
        .order_by(outcomes.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def is_closed(connection: Connection, number: str, court: str) -> bool:
    """Whether the last word on a case is that it is closed."""
    query = select(outcomes.c.kind).where(_of(number, court), outcomes.c.kind.in_((CLOSED, RESUMED)))
    return closing_in([{"kind": kind} for kind in connection.scalars(query.order_by(outcomes.c.id))]) is not None


def let_go(connection: Connection, events: Sequence[Mapping[str, Any]], by: By) -> None:
    """Let reported closings and resumptions count for the queue, in their transaction; the audit trail says why."""
    for event in events:
        if event["kind"] == CLOSED:
            _out(connection, event, by)
        elif event["kind"] == RESUMED:
            _back(connection, event, by)


def keep_out(connection: Connection, advice_id: str) -> None:
    """Take an answer out of the queue again that only corrects what is known of a closed case."""
    query = select(advice.c.application_id, advice.c.court_code).where(advice.c.id == advice_id)
    number, court = connection.execute(query).one()
    if is_closed(connection, number, court):
        leave(connection, advice_id)


def _out(connection: Connection, event: Mapping[str, Any], by: By) -> None:
    court = unsteered(open_cases.c.court_code) == event["court_code"]
    query = select(open_cases.c.advice_id).where(open_cases.c.application_id == event["application_id"], court)
    waits = connection.scalar(query)
    if waits is not None:
        leave(connection, waits)
        _note(connection, "queue.leave", waits, event, by)


def _back(connection: Connection, event: Mapping[str, Any], by: By) -> None:
    newest = (
        select(advice.c.id, advice.c.answer, advice.c.input)
        .where(of_application(event["application_id"], event["court_code"]))
        .order_by(advice.c.day.desc(), advice.c.number.desc())
    )
    row = connection.execute(newest.limit(1)).one()
    if row.answer is None or _is_decided(connection, row.id):
        return
    seal = by[2].seal
    answer, document = (seal.open(getattr(row, name), f"advice.{name}:{row.id}") for name in ("answer", "input"))
    enter(connection, row_of(orjson.loads(answer), orjson.loads(document)), row.id)
    _note(connection, "queue.return", row.id, event, by)


def _is_decided(connection: Connection, advice_id: str) -> bool:
    acts = select(decisions.c.act).where(decisions.c.advice_id == advice_id).order_by(decisions.c.turn.desc())
    return connection.scalar(acts.limit(1)) == "decide"


def _note(connection: Connection, action: str, advice_id: str, event: Mapping[str, Any], by: By) -> None:
    origin, at, keys = by
    why = {"why": event["kind"], "mode": event["mode"] or "", "outcome_id": event["id"]}
    noted = event_of(origin, action, kind="advice", object_id=advice_id, court=event["court_code"], **why)
    append(connection, noted, mac=keys.mac, at=at)


def _of(number: str, court: str) -> ColumnElement[bool]:
    return (outcomes.c.application_id == number) & (outcomes.c.court_code == court)
