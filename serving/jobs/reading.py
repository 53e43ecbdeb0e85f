"""Reading a list of cases: JSON lines, CSV or an Arrow stream; a line that cannot be read fails alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from features.register import Register
from serving.door.problems import PROBLEMS, ProblemError
from serving.door.strict_json import BadJsonError, read_object, written
from serving.jobs.arrow import ArrowError, TooManyRowsError, rows_of
from serving.jobs.flat import name_of, request_of
from serving.repositories.jobs import Line

NDJSON: Final = "application/x-ndjson"
ARROW: Final = "application/vnd.apache.arrow.stream"
CSV: Final = "text/csv"
MOST_ROWS: Final = 20_000
MOST_LINES: Final = 2 * MOST_ROWS
"""Lines that are read, the empty ones with them."""
MOST_LINE_BYTES: Final = 65_536
_MARK: Final = b"\xef\xbb\xbf"
"""What some systems write before UTF-8; it belongs to no line."""


def lines_of(body: bytes, media_type: str, register: Register) -> list[Line]:
    """Return the lines of a list, numbered as an editor numbers them: empty ones count, but are none.

    In flat tables the first row below the headings is number 1.

    Raises
    ------
    ProblemError
        LIST_INVALID: it is no such list, or empty. PAYLOAD_TOO_LARGE: it has too many lines.
    """
    found: list[Line] = []
    for line in _READERS[media_type](body, register):
        if len(found) >= MOST_ROWS:
            raise ProblemError("PAYLOAD_TOO_LARGE")
        found.append(line)
    if not found:
        raise ProblemError("LIST_INVALID")
    return found


def problem_text(code: str, errors: object = ()) -> str:
    """Return a line's problem as it is kept: its code, wordings and places, and nothing of the line."""
    problem = PROBLEMS[code]
    body = {"code": code, "title": problem.zh, "title_en": problem.en, "errors": errors}
    return written(body).decode("utf-8")


def _json_lines(body: bytes, _: Register) -> Iterator[Line]:
    # Read one by one: a list of all of them would be many times the size of a body of line ends.
    for number, line in enumerate(io.BytesIO(body), start=1):
        if number > MOST_LINES:
            raise ProblemError("PAYLOAD_TOO_LARGE")
        text = (line.removeprefix(_MARK) if number == 1 else line).strip()
        if text:
            yield _json_line(number, text)


def _json_line(number: int, text: bytes) -> Line:
    if len(text) > MOST_LINE_BYTES:
        return Line(number, None, problem_text("PAYLOAD_TOO_LARGE"))
    try:
        read_object(text)
    except BadJsonError as error:
        return Line(number, None, problem_text(error.code))
    return Line(number, text)


def _csv_lines(body: bytes, register: Register) -> Iterator[Line]:
    sheet = _Sheet(io.TextIOWrapper(io.BytesIO(body), encoding="utf-8-sig", newline=""))
    try:
        names = [name_of(heading, register) for heading in next(sheet, [])]
        if len(set(names)) != len(names) or "application_id" not in names:
            raise ProblemError("LIST_INVALID")
        for number, cells in enumerate(sheet, start=1):
            if number > MOST_LINES:
                raise ProblemError("PAYLOAD_TOO_LARGE")
            if cells:
                yield _csv_line(number, names, cells, register)
    except (UnicodeDecodeError, csv.Error):
        raise ProblemError("LIST_INVALID") from None


class _Sheet:
    """The rows of a table in CSV; none is longer than a line may be, so that it unfolds into no millions of cells."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._row = 0
        self._rows = csv.reader(iter(self._line, ""), strict=True)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        self._row = 0
        return next(self._rows)

    def _line(self) -> str:
        line = self._text.readline(MOST_LINE_BYTES + 1)
        self._row += len(line)
        if self._row > MOST_LINE_BYTES:
            raise ProblemError("PAYLOAD_TOO_LARGE")
        return line


def _csv_line(number: int, names: Sequence[str], cells: Sequence[str], register: Register) -> Line:
    if len(cells) != len(names):
        # Some cell holds an unquoted comma, and everything behind it has shifted.
        return Line(number, None, problem_text("LINE_SHIFTED"))
    return _flat(number, dict(zip(names, cells, strict=True)), register)


def _arrow_lines(body: bytes, register: Register) -> Iterator[Line]:
    try:
        for number, row in enumerate(rows_of(body, most_rows=MOST_ROWS, most_cell=MOST_LINE_BYTES), start=1):
            if "application_id" not in row:
                raise ProblemError("LIST_INVALID")
            yield _flat(number, row, register)
    except TooManyRowsError:
        raise ProblemError("PAYLOAD_TOO_LARGE") from None
    except ArrowError:
        raise ProblemError("LIST_INVALID") from None


def _flat(number: int, row: Mapping[str, Any], register: Register) -> Line:
    try:
        text = written(request_of(row, register))
    except TypeError:
        return Line(number, None, problem_text("JSON_INVALID"))
    if len(text) > MOST_LINE_BYTES:
        return Line(number, None, problem_text("PAYLOAD_TOO_LARGE"))
    return Line(number, text)


Reader = Callable[[bytes, Register], Iterator[Line]]
_READERS: Final[Mapping[str, Reader]] = MappingProxyType({NDJSON: _json_lines, CSV: _csv_lines, ARROW: _arrow_lines})
MEDIA_TYPES: Final = tuple(_READERS)
