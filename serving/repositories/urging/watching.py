"""Keeping the list of urged cases: a decision puts a case on it, and what happens brings the next look forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, update

from serving.repositories.court_scope import unsteered
from serving.repositories.open_cases import take_out
from serving.store.tables.queue import open_cases
from serving.store.tables.urging import urged_cases

CONVERTED: Final = "conversion"
"""The kind of deadline by which a converted case waits in the queue, until it is filed."""

_ENDS: Final = frozenset({"file", "convert", "close"})
_FILED: Final = frozenset({"file", "query", "close"})
"""Events after which nothing waits to be filed any more."""


def watch(connection: Connection, decision: Mapping[str, Any]) -> None:
    """Put the case of a decision to urge on the list, in the decision's transaction."""
    row = {name: decision[name] for name in ("advice_id", "court_code", "application_id")}
    look_on = str(decision["decided_at"])[:10]
    connection.execute(insert(urged_cases), {**row, "decision_id": decision["id"], "look_on": look_on})


def watch_no_more(connection: Connection, advice_id: str) -> None:
    """Take the case off the list, because the decision is withdrawn."""
    connection.execute(delete(urged_cases).where(urged_cases.c.advice_id == advice_id))


def note_happened(connection: Connection, events: Sequence[Mapping[str, Any]]) -> None:
    """Let reported events count, in their transaction: urging may end by them, and a converted case may be filed."""
    for event in events:
        number, court, day = event["application_id"], event["court_code"], str(event["recorded_at"])[:10]
        mine = (urged_cases.c.application_id == number) & (unsteered(urged_cases.c.court_code) == court)
        if event["kind"] in _ENDS:
            connection.execute(delete(urged_cases).where(mine))
        else:
            connection.execute(update(urged_cases).where(mine).values(look_on=day))
        if event["kind"] in _FILED:
            waits = (open_cases.c.application_id == number) & (unsteered(open_cases.c.court_code) == court)
            take_out(connection, waits & (open_cases.c.due_kind == CONVERTED))


def note_answer(connection: Connection, row: Mapping[str, Any], day: str) -> None:
    """Have the case of a new answer looked at on this day: consent may have been withdrawn by what was reported."""
    mine = urged_cases.c.application_id == row["application_id"]
    court = unsteered(urged_cases.c.court_code) == row["court_code"]
    connection.execute(update(urged_cases).where(mine, court).values(look_on=day))
