"""One case's course as a row: from its answers, events, decisions and assignments, whatever is on record."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Table, select

from features.causes import FAMILIES, cause_in
from features.clock import date_of, days_of
from features.derived import add_months
from features.events import told_once
from models.deadlines import filing
from models.indicators import Course, Happened, Told, course_of
from models.rules.loading import shipped_limits
from serving.keys import KeyRing
from serving.repositories.corrections import as_corrected, corrected_by
from serving.repositories.decisions import standing_acts
from serving.repositories.open_cases import of_application
from serving.store.tables.advice import advice
from serving.store.tables.decisions import decisions
from serving.store.tables.outcomes import outcomes

Row = dict[str, Any]

_NAN: Final = math.nan
_STEPS: Final = ("fast_end", "enforcement_")
"""Deadlines of a filed case that its team must keep."""


def course_row(connection: Connection, keys: KeyRing, court: str, number: str) -> Row | None:
    """Return the row of one application; None where every answer about it was erased, or none tells its receipt."""
    answers = _answers(connection, keys, court, number)
    if not answers:
        return None
    first = _first(connection, answers)
    received = first["case"].get("received_at") or first["case"].get("filed_at")
    if received is None:
        return None
    events = list(told_once(_of_case(connection, outcomes, court, number)))
    acts = list(standing_acts(_of_case(connection, decisions, court, number)))
    told = _told(first, answers, _day(received))
    urged = min((_day(act["decided_at"]) for act in acts if act["lane"] == "urge"), default=_NAN)
    course = course_of(told, [_happened(event) for event in events], urged=urged)
    last = acts[-1] if acts else None
    newest = answers[-1]
    return {
        **_columns(course),
        "court_code": court,
        "application_id": number,
        "advice_id": newest["id"],
        "resumed": int(any("执恢" in str(one) for one in (number, *_numbers(answers)))),
        "simulated": int(any(one["answer"]["simulated"] for one in answers)),
        "family": _family(newest["case"]),
        "lane": None if last is None else last["lane"] or "ordinary",
        "decided": None if last is None else _day(last["decided_at"]),
        "next_due": _known(_next_due(newest, course, last)),
    }


def _answers(connection: Connection, keys: KeyRing, court: str, number: str) -> list[Row]:
    """Return the readable answers, oldest first, with their case and what was answered."""
    columns = (advice.c.id, advice.c.stage, advice.c.input, advice.c.answer)
    query = select(*columns).where(of_application(number, court), advice.c.input.is_not(None))
    rows = connection.execute(query.order_by(advice.c.day, advice.c.number)).mappings().all()
    return [
        {
            "id": row["id"],
            "stage": row["stage"],
            "case": json.loads(keys.seal.open(row["input"], f"advice.input:{row['id']}"))["case"],
            "answer": json.loads(keys.seal.open(row["answer"], f"advice.answer:{row['id']}")),
        }
        for row in rows
    ]


def _first(connection: Connection, answers: Sequence[Row]) -> Row:
    """Return the first answer before filing as it was corrected since; without one the first answer at all."""
    by_id = {one["id"]: one for one in answers}
    first = next((one for one in answers if one["stage"] == "A"), answers[0])
    newer = {old: new for new, old in corrected_by(connection, list(by_id)).items()}
    return by_id.get(as_corrected(first["id"], newer), first)


def _of_case(connection: Connection, table: Table, court: str, number: str) -> list[Row]:
    mine = (table.c.court_code == court) & (table.c.application_id == number)
    return [dict(row) for row in connection.execute(select(table).where(mine).order_by(table.c.id)).mappings()]


def _told(first: Row, answers: Sequence[Row], received: float) -> Told:
    before = [one["case"] for one in answers if one["stage"] == "A"]
    filed = [_day(one["case"]["filed_at"]) for one in answers if one["case"].get("filed_at")]
    day = date_of(received)
    due = filing(day, shipped_limits(day)["T01"]).date
    return Told(
        received=received,
        claim=float(first["case"].get("claim_amount") or "nan"),
        due=days_of(due) if due else _NAN,
        filed=min(filed, default=_NAN),
        consented=any(case.get("consent_urge") == "agree" for case in before),
    )


def _happened(event: Mapping[str, Any]) -> Happened:
    amount = _NAN if event["amount"] is None else float(event["amount"])
    return Happened(_day(event["at"]), event["kind"], amount, event["mode"] or "")


def _columns(course: Course) -> Row:
    return {name: _known(value) if isinstance(value, float) else int(value) for name, value in vars(course).items()}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _day(text: str) -> float:
    return days_of(datetime.fromisoformat(text))


def _numbers(answers: Sequence[Row]) -> list[object]:
    return [one["case"].get(name, "") for one in answers for name in ("enf_case_no", "basis_no")]


def _family(case: Mapping[str, Any]) -> int | None:
    cause = cause_in(case)
    return None if cause is None else FAMILIES.index(cause.family)


def _next_due(newest: Row, course: Course, last: Mapping[str, Any] | None) -> float:
    """Return the next day that whoever has the case must keep: filing, the fast clock, the months to enforce."""
    if not math.isnan(course.ended):
        return _NAN
    if math.isnan(course.filed):
        return course.filed_due
    lane = None if last is None else last["lane"]
    steps = _STEPS if lane == "fast" else _STEPS[1:]
    days = [
        days_of(date.fromisoformat(one["date"]))
        for one in newest["answer"]["deadlines"]
        if newest["stage"] == "B" and one["date"] and one["kind"].startswith(steps)
    ]
    months = shipped_limits(date_of(course.filed))["T11"].value
    return min(days) if days else float(add_months(np.array([math.floor(course.filed)], dtype=np.float64), months)[0])
