"""Reading a list of cases: JSON lines, CSV or an Arrow stream; a line that cannot be read fails alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from features.register import Register
from serving.door.problems import PROBLEMS, ProblemError
from serving.door.strict_json import BadJsonError, read_object, written
from serving.jobs.flat import request_of
from serving.repositories.jobs import Line

NDJSON: Final = "application/x-ndjson"
ARROW: Final = "application/vnd.apache.arrow.stream"
CSV: Final = "text/csv"
MOST_ROWS: Final = 20_000
MOST_LINE_BYTES: Final = 65_536


def lines_of(body: bytes, media_type: str, register: Register) -> list[Line]:
    """Return the lines of a list; the first one is number 1.

    Raises
    ------
    ProblemError
        LIST_INVALID: it is no such list, or empty. PAYLOAD_TOO_LARGE: it has too many lines.
    """
    found: list[Line] = []
    for number, line in enumerate(_READERS[media_type](body, register), start=1):
        if number > MOST_ROWS:
            raise ProblemError("PAYLOAD_TOO_LARGE")
        found.append(Line(number, *line))
    if not found:
        raise ProblemError("LIST_INVALID")
    return found


def problem_text(code: str, errors: object = ()) -> str:
    """Return a line's problem as it is kept: its code, wordings and places, and nothing of the line."""
    problem = PROBLEMS[code]
    body = {"code": code, "title": problem.zh, "title_en": problem.en, "errors": errors}
    return written(body).decode("utf-8")


def _json_lines(body: bytes, _: Register) -> Iterator[tuple[bytes | None, str | None]]:
    for line in body.split(b"\n"):
        if not line.strip():
            continue
        if len(line) > MOST_LINE_BYTES:
            yield None, problem_text("PAYLOAD_TOO_LARGE")
            continue
        try:
            read_object(line)
        except BadJsonError as error:
            yield None, problem_text(error.code)
        else:
            yield line, None


def _csv_lines(body: bytes, register: Register) -> Iterator[tuple[bytes | None, str | None]]:
    try:
        text = body.decode("utf-8-sig")
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        names = rows.fieldnames or []
        if len(set(names)) != len(names) or "application_id" not in names:
            raise ProblemError("LIST_INVALID")
        for row in rows:
            # More cells than columns: some cell holds an unquoted comma, and everything behind it has shifted.
            shifted = None in row or None in row.values()
            yield (None, problem_text("LINE_SHIFTED")) if shifted else _flat(row, register)
    except (UnicodeDecodeError, csv.Error):
        raise ProblemError("LIST_INVALID") from None


def _arrow_lines(body: bytes, register: Register) -> Iterator[tuple[bytes | None, str | None]]:
    import pyarrow as pa  # only lists in this format need it

    try:
        with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
            if "application_id" not in stream.schema.names or len(set(stream.schema.names)) != len(stream.schema):
                raise ProblemError("LIST_INVALID")
            for batch in stream:
                batch.validate(full=True)
                for row in batch.to_pylist():
                    yield _flat(row, register)
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        raise ProblemError("LIST_INVALID") from None


def _flat(row: Mapping[str, Any], register: Register) -> tuple[bytes | None, str | None]:
    try:
        text = written(request_of(row, register))
    except TypeError:
        return None, problem_text("JSON_INVALID")
    return (text, None) if len(text) <= MOST_LINE_BYTES else (None, problem_text("PAYLOAD_TOO_LARGE"))


Reader = Callable[[bytes, Register], Iterator[tuple[bytes | None, str | None]]]
_READERS: Final[Mapping[str, Reader]] = MappingProxyType({NDJSON: _json_lines, CSV: _csv_lines, ARROW: _arrow_lines})
MEDIA_TYPES: Final = tuple(_READERS)
