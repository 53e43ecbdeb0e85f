"""Reading a file of cases: every line becomes a request that is known to be a case, or says what is wrong with it."""

from __future__ import annotations

import difflib
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import orjson

from features.case import Case, InvalidCaseError
from features.register import Field, Register
from features.spellings import SpellingError, amount_of, cause_number
from serving.access.principal import Courts
from serving.batches.cells import CellError, Reading
from serving.desk import rejection
from serving.door.strict_json import BadJsonError, read_object, written
from serving.jobs.flat import ENVELOPE, name_of, request_of
from serving.jobs.reading import MOST_LINE_BYTES, MOST_ROWS, problem_text
from serving.repositories.basis_numbers import plain
from serving.repositories.jobs import Line
from serving.sheets.sheet import MOST_ROWS as MOST_LINES
from serving.sheets.sheet import Sheet, SheetError, TooLongError, letter
from serving.sheets.text_sheet import read_text
from serving.sheets.workbook import read_workbook

Parse = Callable[[object, datetime], Case]
Error = dict[str, object]

_WORKBOOK: Final = b"PK\x03\x04"
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
_MOST_ERRORS: Final = 20
_SHOWN: Final = 200
"""Characters of a cell that are kept for the sheet of failed lines."""
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})
_LEFT_AT_WILL: Final = frozenset({"application_id", "court_code"})


@dataclass(frozen=True)
class Asked:
    """Who sends a file and when; what a line leaves open is filled in from it, and from nothing else."""

    courts: Courts
    at: datetime

    @property
    def court(self) -> str:
        """The sender's court where he has only one, for lines that name none."""
        return next(iter(self.courts.codes)) if self.courts.codes is not None and len(self.courts.codes) == 1 else ""


@dataclass(frozen=True)
class Found:
    """A file as it was read.

    `lines` are requests to be scored, or the cells of a line with its
    problem. `ids` holds the application of each good line and `bases` the
    number of its basis, `unread` the columns that are no field, with the
    field that may be meant.
    """

    kind: str
    court: str
    lines: tuple[Line, ...]
    ids: Mapping[int, str]
    headings: tuple[str, ...]
    unread: tuple[tuple[str, str], ...] = ()
    notices: Mapping[str, int] = field(default_factory=dict)
    bases: Mapping[int, str] = field(default_factory=dict)


def read_file(body: bytes, asked: Asked, *, register: Register, parse: Parse) -> Found:
    """Read a workbook, CSV or JSON lines; which it is shows in its first bytes, whatever it is called.

    Raises
    ------
    SheetError
        It cannot be read at all, is empty, too long, or no line names a court.
    """
    if body.startswith(_OLD_WORKBOOK):
        raise SheetError("这是旧式 .xls 文件，请另存为 .xlsx 后再上传", "this is an old .xls file; save it as .xlsx")
    checking = _Checking(asked, register, parse)
    if body.startswith(_WORKBOOK):
        return _of_sheet(read_workbook(body), checking)
    if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return _of_json_lines(body, checking)
    return _of_sheet(read_text(body), checking)


@dataclass
class _Checking:
    """Looks at one line after the other, and remembers what was there before."""

    asked: Asked
    register: Register
    parse: Parse
    court: str = ""
    lines: list[Line] = field(default_factory=list)
    ids: dict[int, str] = field(default_factory=dict)
    bases: dict[int, str] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    def take(self, number: int, request: dict[str, Any], original: object, faults: Sequence[Error] = ()) -> None:
        """Add a line."""
        if len(self.lines) >= MOST_ROWS:
            raise TooLongError
        request, unsure = self._spelt_out(request)
        known = [*faults, *unsure]
        code, errors = ("VALIDATION_FAILED", known) if known else self._faults(number, request)
        content = written(request)
        if not errors and len(content) > MOST_LINE_BYTES:
            code, errors = "PAYLOAD_TOO_LARGE", [_error("", "TOO_LONG", "整行过长", "the line is too long")]
        if errors:
            self.fail(number, original, problem_text(code, errors[:_MOST_ERRORS]))
        else:
            self.ids[number] = str(request["application_id"])
            if request["case"].get("basis_no"):
                self.bases[number] = plain(str(request["case"]["basis_no"]))
            self.lines.append(Line(number, content))

    def fail(self, number: int, original: object, problem: str) -> None:
        """Add a line that cannot be scored, with what stood in it."""
        self.lines.append(Line(number, orjson.dumps(original, default=str), problem))

    def completed(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the request with what a list of new applications leaves open."""
        now, facts = self.asked.at.isoformat(timespec="seconds"), request.get("case")
        case = {"received_at": now, "intake_channel": "batch", **facts} if isinstance(facts, dict) else facts
        base = {"stage": "A", "as_of": now, "explain": {"reasons": 5, "flips": 3}}
        if self.asked.court:
            base["court_code"] = self.asked.court
        return {**base, **request, "case": case}

    def found(
        self,
        kind: str,
        headings: Sequence[str],
        *,
        unread: tuple[tuple[str, str], ...] = (),
        notices: Mapping[str, int] = _NOTHING,
    ) -> Found:
        """Return everything that was read."""
        if not self.lines:
            raise SheetError("文件里没有案件，请填写后再上传", "the file holds no cases")
        told = {**notices, **self._alike()}
        return Found(kind, self.court, tuple(self.lines), self.ids, tuple(headings), unread, told, self.bases)

    def _alike(self) -> dict[str, int]:
        """Return how many lines rest on a basis on which another line rests too."""
        often = Counter(self.bases.values())
        alike = sum(n for n in often.values() if n > 1)
        return {"same_basis": alike} if alike else {}

    def _spelt_out(self, request: dict[str, Any]) -> tuple[dict[str, Any], list[Error]]:
        """Return the request with amounts and cause as numbers where they were written in words, and what is unsure."""
        facts = request.get("case")
        if not isinstance(facts, dict):
            return request, []
        case, faults = dict(facts), list[Error]()
        for name, value in facts.items():
            try:
                case[name] = self._as_number(name, value, case)
            except SpellingError as error:
                faults.append(_error(f"/case/{name}", error.code, error.zh, error.en))
        return {**request, "case": case}, faults

    def _as_number(self, name: str, value: object, case: Mapping[str, object]) -> object:
        if not isinstance(value, str) or name not in self.register:
            return value
        if name == "cause_code":
            return cause_number(value, case, today=self.asked.at.date())
        return amount_of(value) or value if self.register[name].type == "decimal" else value

    def _faults(self, number: int, request: dict[str, Any]) -> tuple[str, list[Error]]:
        try:
            case = self.parse(request, self.asked.at)
        except InvalidCaseError as error:
            refused = rejection(error.errors)
            return refused.problem.code, [dict(one) for one in refused.errors]
        return "VALIDATION_FAILED", self._strange(number, case)

    def _strange(self, number: int, case: Case) -> list[Error]:
        if case.court_code not in self.asked.courts:
            zh, en = "不是您所在的法院，不能导入", "is not one of your courts"
            return [_error("/court_code", "OTHER_COURT", zh, en)]
        self.court = self.court or case.court_code
        if case.court_code != self.court:
            zh, en = "与前面各行的法院不同，请按法院分别上传", "differs from the lines before; one court a file"
            return [_error("/court_code", "SECOND_COURT", zh, en)]
        first = self._seen.setdefault(case.application_id, number)
        if first != number:
            zh, en = f"与第 {first} 行的申请编号重复", f"has the application number of line {first}"
            return [_error("/application_id", "REPEATED", zh, en)]
        return []


def _of_sheet(sheet: Sheet, checking: _Checking) -> Found:
    register = checking.register
    names = [name_of(heading, register) for heading in sheet.headings]
    known = {place: name for place, name in enumerate(names) if name in register or name in ENVELOPE}
    _require_columns(known)
    reading, width = Reading(sheet.days_from), len(names)
    for number, cells in sheet.rows:
        if number > MOST_LINES:
            raise TooLongError
        if all(cell is None or cell == "" for cell in cells):
            continue
        original = [None if place >= len(cells) else _kept(cells[place]) for place in known]
        if len(cells) > width and any(cell not in (None, "") for cell in cells[width:]):
            checking.fail(number, original, problem_text("LINE_SHIFTED"))
            continue
        values, faults = _values(cells, known, reading, register)
        checking.take(number, checking.completed(request_of(values, register)), original, faults)
    strangers = [place for place in range(width) if place not in known]
    unread = tuple((letter(place), _near(names[place], register)) for place in strangers)
    headings = [sheet.headings[place] for place in known]
    return checking.found(sheet.kind, headings, unread=unread, notices=sheet.notices)


def _require_columns(known: Mapping[int, str]) -> None:
    names = list(known.values())
    if "application_id" not in names:
        zh = "没有“申请编号”一列；列名请用模板中的中文名称或字段名"
        raise SheetError(zh, "there is no column 申请编号 (application_id); use the headings of the template")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        zh, en = f"字段 {twice[0]} 有两列，请删去一列", f"two columns are the field {twice[0]}; delete one"
        raise SheetError(zh, en)


def _values(
    cells: Sequence[object], known: Mapping[int, str], reading: Reading, register: Register
) -> tuple[dict[str, object], list[Error]]:
    values: dict[str, object] = {}
    faults: list[Error] = []
    for place, name in known.items():
        cell = cells[place] if place < len(cells) else None
        of_case = name in register and name not in _LEFT_AT_WILL
        try:
            value = reading.value(cell, _field(name, register))
        except CellError as error:
            faults.append(_error(f"/case/{name}" if of_case else f"/{name}", error.code, error.zh, error.en))
            continue
        if value is not None:
            values[name] = value
    return values, faults


def _field(name: str, register: Register) -> Field | None:
    """Return the field whose form a column's cells have; an instant of scoring is written as one of receipt."""
    if name == "as_of":
        return register["received_at"]
    return register[name] if name in register and name not in _LEFT_AT_WILL else None


def _of_json_lines(body: bytes, checking: _Checking) -> Found:
    """Read requests as the interface takes them, or flat objects under the names of fields."""
    for number, raw in enumerate(io.BytesIO(body), start=1):
        if number > MOST_LINES:
            raise TooLongError
        text = raw.removeprefix(b"\xef\xbb\xbf").strip()
        if text:
            _json_line(number, text, checking)
    return checking.found("ndjson", ["原文"])


def _json_line(number: int, text: bytes, checking: _Checking) -> None:
    original = [text[:MOST_LINE_BYTES].decode("utf-8", "replace")]
    if len(text) > MOST_LINE_BYTES:
        checking.fail(number, original, problem_text("PAYLOAD_TOO_LARGE"))
        return
    try:
        document = read_object(text)
    except BadJsonError as error:
        checking.fail(number, original, problem_text(error.code))
        return
    checking.take(number, checking.completed(_request(document, checking.register)), original)


def _request(document: dict[str, Any], register: Register) -> dict[str, Any]:
    if "case" in document:
        return document
    flat = {name_of(name, register): value for name, value in document.items()}
    return {
        **{name: flat.pop(name) for name in ENVELOPE if name in flat},
        "case": flat,
    }


def _near(heading: str, register: Register) -> str:
    """Return the Chinese name of the field that may be meant by a heading; empty if none is near."""
    close = difflib.get_close_matches(heading[:64], _spoken(register), n=1, cutoff=0.5)
    return close[0] if close else ""


def _spoken(register: Register) -> list[str]:
    return [one.zh for one in register.fields]


def _kept(cell: object) -> object:
    """Return a cell as the sheet of failed lines gives it back."""
    if cell is None or isinstance(cell, int | float | bool):
        return cell
    return "" if cell.__class__.__name__ == "Formula" else str(cell)[:_SHOWN]


def _error(pointer: str, code: str, zh: str, en: str) -> Error:
    return {"pointer": pointer, "code": code, "message": zh, "message_en": en}
