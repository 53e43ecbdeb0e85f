"""Keeping the queue: a case enters it with an answer and leaves it with a decision, in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select

from features.causes import cause_name
from serving.repositories.case_numbers import forget_parts, keep_parts
from serving.repositories.court_scope import unsteered
from serving.repositories.queue_flags import flags_of, written
from serving.store.tables.advice import advice
from serving.store.tables.queue import WITHOUT_DAY, open_cases

NOT_BEFORE: Final = frozenset({"zhongben_earliest"})
"""Deadlines that are none: days from which something may be done."""


def enter(connection: Connection, row: Mapping[str, Any], advice_id: str) -> None:
    """Put the case of a new answer into the queue; the answer takes the place of an older one about the case."""
    connection.execute(_LEAVE, {"court": row["court_code"], "number": row["application_id"]})
    connection.execute(_ENTER, {**row, "advice_id": advice_id})
    keep_parts(connection, row["court_code"], row["application_id"])


def leave(connection: Connection, advice_id: str) -> None:
    """Take a case out of the queue, because somebody has decided on this answer about it."""
    take_out(connection, open_cases.c.advice_id == advice_id)


def forget_open(connection: Connection, advice_ids: Collection[str]) -> int:
    """Take out the cases of these answers, in the transaction that erases them; return how many went."""
    return take_out(connection, open_cases.c.advice_id.in_(advice_ids))


def take_out(connection: Connection, which: ColumnElement[bool]) -> int:
    """Take cases out of the queue, with what they are found by; return how many went."""
    query = select(open_cases.c.court_code, open_cases.c.application_id).where(which)
    cases = [(row.court_code, row.application_id) for row in connection.execute(query)]
    forget_parts(connection, cases)
    connection.execute(delete(open_cases).where(which))
    return len(cases)


def enter_again(connection: Connection, given: Mapping[str, Any], answer: bytes, document: bytes) -> None:
    """Put a case back whose decision was taken back, unless there is a newer answer about it."""
    same = of_application(given["application_id"], given["court_code"])
    newest = select(advice.c.id).where(same).order_by(advice.c.day.desc(), advice.c.number.desc()).limit(1)
    if connection.scalar(newest) == given["id"]:
        enter(connection, row_of(orjson.loads(answer), orjson.loads(document)), given["id"])


def of_application(number: str, court: str) -> ColumnElement[bool]:
    """Return the condition for the answers about one application of a court; they are looked up by the application."""
    return (advice.c.application_id == number) & (unsteered(advice.c.court_code) == court)


def row_of(answer: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of the queue for an answer and the case it was given on; the answer's id is added later."""
    advised, case = answer["advice"], document.get("case", {})
    due_on, due_kind = nearest_deadline(answer["deadlines"])
    return {
        "court_code": answer["court_code"],
        "application_id": answer["application_id"],
        "stage": answer["stage"],
        "due_on": due_on,
        "due_kind": due_kind,
        "status": answer["status"],
        "route": advised["route"],
        "decided_by": advised["decided_by"],
        "confidence": advised["confidence"],
        "cause": cause_name(case),
        "amount": case.get("claim_amount"),
        "warnings": len(answer["warnings"]),
        "notices": written(flags_of(answer, case)),
        "received_at": case.get("received_at"),
        "simulated": int(answer["simulated"]),
    }


def nearest_deadline(deadlines: list[Mapping[str, Any]]) -> tuple[str, str]:
    """Return the nearest day the court must keep, and which; `WITHOUT_DAY` where none is known."""
    known = [(one["date"], one["kind"]) for one in deadlines if one["date"] and one["kind"] not in NOT_BEFORE]
    return min(known, default=(WITHOUT_DAY, ""))


_ENTER: Final = insert(open_cases)
_LEAVE: Final = delete(open_cases).where(
    open_cases.c.court_code == bindparam("court"), open_cases.c.application_id == bindparam("number")
)
"""Built once: building a statement costs as much as running it."""
