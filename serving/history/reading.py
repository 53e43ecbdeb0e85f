"""Reading history tables back: each case as the documents that would be sent, and what was done with it when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from features.clock import SHANGHAI
from features.history_tables import fields_of
from features.known import OBSERVED
from features.register import Field, Register

Row = Mapping[str, Any]
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class PastCase:
    """One case of a history: what was known at receipt, the first query (None before it), lanes chosen, what happened.

    `received` and `queried` hold the fields of a document's `case`, `observed_at`
    beside them; `lanes` are pairs of instant and lane by stage; `events` keep
    the columns of the table, money in yuan as text.
    """

    case_id: str
    court_code: str
    received_at: datetime
    received: Mapping[str, Any]
    observed_at: Mapping[str, str]
    queried_at: datetime | None
    queried: Mapping[str, Any]
    lanes: Mapping[str, tuple[datetime, str]]
    events: Sequence[Row]


def past_cases(folder: Path, register: Register) -> Iterator[PastCase]:
    """Yield the cases of a history in the order of their receipt.

    Raises
    ------
    OSError
        A table is missing or cannot be read.
    """
    queries = {row["case_id"]: row for row in _rows(folder, "queries")}
    lanes: dict[str, dict[str, tuple[datetime, str]]] = {}
    for row in _rows(folder, "decisions"):
        lanes.setdefault(row["case_id"], {})[row["stage"]] = (row["at"], row["lane"])
    events: dict[str, list[Row]] = {}
    for row in _rows(folder, "events"):
        events.setdefault(row["case_id"], []).append({**row, "amount": _yuan(row["amount"])})
    at_receipt, at_query = fields_of("cases", register), fields_of("queries", register)
    for row in sorted(_rows(folder, "cases"), key=lambda one: (one["received_at"], one["case_id"])):
        name, query = row["case_id"], queries.get(row["case_id"])
        yield PastCase(
            case_id=name,
            court_code=row["court_code"],
            received_at=row["received_at"].astimezone(SHANGHAI),
            received=_told(row, at_receipt),
            observed_at=_observed(row, at_receipt),
            queried_at=None if query is None else query["query_at"].astimezone(SHANGHAI),
            queried={} if query is None else _told(query, at_query),
            lanes=lanes.get(name, {}),
            events=events.get(name, ()),
        )


def _rows(folder: Path, table: str) -> list[Row]:
    found: list[Row] = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return found


def _told(row: Row, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the facts of a row as a document spells them; the court stands beside the case, never inside."""
    return {
        name: _spelt(row[name], field)
        for name, field in fields.items()
        if name != "court_code" and row.get(name) is not None
    }


def _observed(row: Row, fields: Mapping[str, Field]) -> dict[str, str]:
    stamped = {name: row.get(name + OBSERVED) for name in fields if row.get(name) is not None}
    return {name: at.isoformat() for name, at in stamped.items() if at is not None}


def _spelt(value: Any, field: Field) -> object:  # noqa: ANN401 - a cell of any column
    if field.type == "decimal":
        return _yuan(value)
    if field.type == "set":
        return [code for code in value.split("/") if code]
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _yuan(amount: float | None) -> str | None:
    return None if amount is None else str(Decimal(str(amount)).quantize(_CENT))
