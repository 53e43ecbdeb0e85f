"""Results of a job on their way out: JSON lines with whole answers, or flat rows as CSV or Arrow."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from serving.door.strict_json import written
from serving.jobs.reading import ARROW, CSV, NDJSON
from serving.sheets.cells import safe

Rows = Iterable[Mapping[str, Any]]

_TEXTS: Final = ("application_id", "id", "status", "route", "route_text", "decided_by", "deciding_rule", "problem")
_SCORES: Final = ("willingness", "ability", "quick_close", "recovery", "days")
COLUMNS: Final = ("line", *_TEXTS, *_SCORES)
"""Columns of the flat forms; a score that was withheld is empty."""


def result_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return one line's result: its answer, or what it failed with."""
    if row["state"] == "failed":
        problem = json.loads(row["problem"])
        return {"line": row["line"], "application_id": row["application_id"], "status": "failed", "problem": problem}
    if row["answer"] is None:
        return {"line": row["line"], "application_id": row["application_id"], "id": row["advice_id"], "status": "gone"}
    return {"line": row["line"], **json.loads(row["answer"])}


def flat_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return one line's result as columns."""
    found = result_json(row)
    advice, scores = found.get("advice", {}), found.get("scores", {})
    flat: dict[str, Any] = {name: found.get(name, advice.get(name)) for name in _TEXTS if name != "problem"}
    flat |= {name: scores.get(name, {}).get("p", scores.get(name, {}).get("value")) for name in _SCORES}
    problem = found.get("problem")
    return {"line": found["line"], **flat, "problem": None if problem is None else problem["code"]}


def _json_lines(rows: Rows) -> Iterator[bytes]:
    for row in rows:
        yield written(result_json(row)) + b"\n"


def _csv(rows: Rows) -> Iterator[bytes]:
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    out.write("\ufeff")
    table.writeheader()
    for row in rows:
        table.writerow({name: safe(value) for name, value in flat_row(row).items()})
        yield out.getvalue().encode("utf-8")
        out.seek(0)
        out.truncate()
    yield out.getvalue().encode("utf-8")


def _arrow(rows: Rows) -> Iterator[bytes]:
    import pyarrow as pa  # only results in this format need it

    kinds = {"line": pa.int32(), **dict.fromkeys(_TEXTS, pa.string()), **dict.fromkeys(_SCORES, pa.float64())}
    schema = pa.schema([(name, kinds[name]) for name in COLUMNS])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_table(pa.Table.from_pylist([flat_row(row) for row in rows], schema=schema))
    yield sink.getvalue().to_pybytes()


Writer = Callable[[Rows], Iterator[bytes]]
WRITERS: Final[Mapping[str, Writer]] = MappingProxyType({NDJSON: _json_lines, CSV: _csv, ARROW: _arrow})
