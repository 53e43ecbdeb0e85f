"""A synthetic court's cases sent through the record as an intake system would send them, for tests of the way back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import pyarrow as pa

from features.clock import SHANGHAI
from features.history_tables import fields_of
from features.known import OBSERVED
from features.register import Field, load_register
from training.history import History


def documents(history: History) -> Iterator[dict[str, Any]]:
    """Yield the request of every application of a history, and of every case's first query after it."""
    queries = {row["case_id"]: row for row in history.queries.to_pylist()}
    register = load_register()
    before, after = fields_of("cases", register), fields_of("queries", register)
    for row in history.cases.to_pylist():
        facts = _facts(row, before)
        yield _request(row, "A", facts, as_of=row["received_at"])
        query = queries.get(row["case_id"])
        if query is not None:
            yield _request(row, "B", facts | _facts(query, after), as_of=query["query_at"])


def reports(history: History) -> Iterator[tuple[datetime, list[dict[str, Any]]]]:
    """Yield the events of a history as they would be reported, week by week; queries are not reported."""
    courts = dict(zip(history.cases["case_id"].to_pylist(), history.cases["court_code"].to_pylist(), strict=True))
    rows = [row for row in history.events.to_pylist() if row["kind"] != "query"]
    rows.sort(key=lambda row: (_week(row), row["case_id"], row["at"]))
    for week, told in groupby(rows, key=_week):
        yield week, [_event(row, courts[row["case_id"]]) for row in told]


def _week(row: dict[str, Any]) -> datetime:
    """Return the end of the week in which the court came to know of an event."""
    day = row["recorded_at"].astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    end: datetime = day + timedelta(days=7 - day.weekday())
    return end


def _event(row: dict[str, Any], court: str) -> dict[str, Any]:
    told = {"amount": f"{row['amount']:.2f}" if row["amount"] else None, "source": row["source"], "mode": row["mode"]}
    return {
        "application_id": row["case_id"],
        "court_code": court,
        "at": row["at"].astimezone(SHANGHAI).isoformat(),
        "kind": row["kind"],
        **{name: value for name, value in told.items() if value},
    }


def _request(row: dict[str, Any], stage: str, facts: dict[str, Any], *, as_of: datetime) -> dict[str, Any]:
    return {
        "application_id": row["case_id"],
        "court_code": row["court_code"],
        "stage": stage,
        "as_of": as_of.astimezone(SHANGHAI).isoformat(),
        "case": facts,
        "explain": {"reasons": 0, "flips": 0},
    }


def _facts(row: dict[str, Any], fields: dict[str, Field]) -> dict[str, Any]:
    skipped = {"application_id", "court_code", "query_at"}
    return {
        name: _spelt(row[name], field)
        for name, field in fields.items()
        if row.get(name) is not None and name not in skipped and not name.endswith(OBSERVED)
    }


def _spelt(value: Any, field: Field) -> Any:
    if field.type == "decimal":
        return f"{value:.2f}"
    if field.type == "set":
        return [code for code in value.split("/") if code]
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def values(table: pa.Table, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of a table as sorted rows."""
    return sorted(zip(*(table[name].to_pylist() for name in columns), strict=True), key=repr)
