"""Source text turned into typed values: every distinct text is read once, strictly, and a fault names no value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from types import MappingProxyType
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.case.errors import InvalidCaseError
from features.case.reading import read_document
from features.clock import SHANGHAI
from features.register import Field, Register
from training.importing.mapping import Time, Value
from training.importing.reading import LOST_DIGITS
from training.importing.strict_record import MappingError
from training.importing.units import factor

Text: TypeAlias = "pa.ChunkedArray | pa.Array"
Flags = npt.NDArray[np.bool_]

_CAUSE = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3}){0,3}")
"""A cause as `features.causes` looks it up; a name would silently count as a cause of the family `other`."""
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FIXED_ZONES = frozenset({"Asia/Shanghai", "+08:00", "PRC"})
_CENT = Decimal("0.01")

FAULTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "NUMBER_FORMAT": ("不是普通十进制数", "is not a plain decimal number"),
        "DATE_FORMAT": ("日期与给定格式都不符", "is a date in none of the given formats"),
        "DATE_HAS_TIME": ("日期带有时刻，须在 format 中写明", "is a date with a clock time; say so in format"),
        "BOOL_FORMAT": ("不在 true/false 所列写法之内", "is in neither of the lists true and false"),
        "ENUM": ("取值未在 values 中映射，也不是登记的代码或中文", "is mapped by no value and is no registered code"),
        "DIGITS_LOST": ("电子表格把长号码存成了数字，末位已丢失", "is a long number whose end the spreadsheet lost"),
        "CAUSE_FORMAT": (
            "不是案由代码（如 108.3）；案由名称须在 values 中映射为代码",
            "is no number of a cause (such as 108.3); map names to numbers in values",
        ),
        "REQUIRED": ("必填而为空", "is required and empty"),
    },
)
"""Faults of one cell that the reading of a case does not know; the others keep the code of the API."""


class CellError(ValueError):
    """One source text that cannot be the value it should be."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code = code
        self.zh = zh
        self.en = en
        super().__init__(f"[{code}] {zh} / {en}")


def cell_error(code: str) -> CellError:
    """Return the error of one of our own codes."""
    return CellError(code, *FAULTS[code])


@dataclass(frozen=True)
class Converted:
    """Typed values of one column: `distinct[index[i]]` for row i, -1 where empty; `faults` by distinct value."""

    distinct: tuple[object, ...]
    index: npt.NDArray[np.int64]
    faults: Mapping[int, CellError]

    @property
    def faulty(self) -> Flags:
        """The rows whose text could not be read."""
        return np.isin(self.index, list(self.faults))

    @property
    def empty(self) -> Flags:
        """The rows without a value, faulty ones included."""
        absent = [place for place, value in enumerate(self.distinct) if value is None]
        return (self.index < 0) | np.isin(self.index, absent)

    def array(self, kind: pa.DataType) -> pa.Array:
        """Return the values of all rows as an Arrow array."""
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        values = pa.array([*self.distinct, None], plain)
        place = np.where(self.index < 0, len(self.distinct), self.index)
        return values.take(pa.array(place)).cast(kind)


@dataclass(frozen=True)
class Converter:
    """Reads source text by a mapping's rules; one for an import."""

    time: Time
    register: Register
    tokenise: Callable[[str], str]

    @property
    def zone(self) -> tzinfo:
        """The source's clock; the courts' own is fixed at +08:00."""
        if self.time.zone in _FIXED_ZONES:
            return SHANGHAI
        try:
            return ZoneInfo(self.time.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            zh, en = f"没有时区 {self.time.zone!r}", f"there is no zone {self.time.zone!r}"
            raise MappingError("MAPPING_VALUE", "time.zone", zh, en) from error

    def field(self, value: Value, field: Field, texts: Text) -> Converted:
        """Read a column as the values of a registered or declared field."""
        return _each(texts, value, self._reader(value, field))

    def instant(self, value: Value, texts: Text, *, end_of_day: bool = False) -> Converted:
        """Read a column as instants; a bare date is its midnight, or the next one when it says since when."""
        zone, formats = self.zone, self._formats(value)
        clock = time() if end_of_day or not value.clock else time.fromisoformat(value.clock)
        return _each(texts, value, lambda text: _instant(text, formats, zone, clock=clock, end_of_day=end_of_day))

    def token(self, value: Value, texts: Text) -> Converted:
        """Read a column of identity numbers as join tokens; the numbers are not kept."""
        return _each(texts, value, self.tokenise)

    def text(self, value: Value, texts: Text) -> Converted:
        """Read a column as text, mapped through `values` where given."""
        return _each(texts, value, lambda text: value.values.get(text, value.other or text))

    def code(self, value: Value, codes: tuple[str, ...], texts: Text) -> Converted:
        """Read a column as one of `codes`."""
        own = dict(zip(codes, codes, strict=True))
        return _each(texts, value, lambda text: _code(text, value, own))

    def _formats(self, value: Value) -> tuple[str, ...]:
        return value.format or self.time.formats

    def _reader(self, value: Value, field: Field) -> Callable[[str], object]:
        """Return how one text becomes a value of the field; the case's own strict reading has the last word."""
        zone, formats = self.zone, self._formats(value)
        if field.name == "id_token":
            return self.tokenise
        if value.part:
            return self._checked(field, lambda text: _part(text, value.part, formats))
        own = dict(zip((*field.codes, *field.codes_zh), field.codes * 2, strict=False))
        scale = factor(value.unit, field) if not field.name.startswith("x_") else Decimal(1)
        written: dict[str, Callable[[str], object]] = {
            "date": lambda text: _day(text, formats).isoformat(),
            "datetime": lambda text: _instant(text, formats, zone).isoformat(),
            "string": lambda text: _string(text, value, field.name),
            "text": lambda text: text,
        }
        typed: dict[str, Callable[[str], object]] = {
            "enum": lambda text: _code(text, value, own),
            "set": lambda text: _codes(text, value, own, field.codes),
            "bool": lambda text: _yes_no(text, value),
        }
        if field.type in typed:
            return typed[field.type]
        return self._checked(field, written.get(field.type, lambda text: _scaled(text, value, scale, field.type)))

    def _checked(self, field: Field, written: Callable[[str], object]) -> Callable[[str], object]:
        """Write the text as the API would send it and let the API's own shape read it."""
        if field.name in {"application_id", "court_code"}:
            return written

        def read(text: str) -> object:
            document = {"application_id": "-", "court_code": "-", "stage": "B", "case": {field.name: written(text)}}
            try:
                _, sent = read_document(document, self.register)
            except InvalidCaseError as error:
                first = error.errors[0]
                raise CellError(first.code, first.message, first.message_en) from None
            value = sent["case"][field.name]
            return float(value) if isinstance(value, Decimal) else value

        return read


def _each(texts: Text, value: Value, read: Callable[[str], object]) -> Converted:
    """Read every distinct text once."""
    encoded = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    encoded = encoded.dictionary_encode()
    distinct: list[object] = []
    faults: dict[int, CellError] = {}
    for place, text in enumerate(encoded.dictionary.to_pylist()):
        distinct.append(None)
        if text in value.null_values:
            continue
        try:
            distinct[place] = _read(text, value, read)
        except CellError as error:
            faults[place] = error
    index = np.asarray(pc.fill_null(encoded.indices, -1).to_numpy(), dtype=np.int64)
    return Converted(tuple(distinct), index, MappingProxyType(faults))


def _read(text: str, value: Value, read: Callable[[str], object]) -> object:
    if text == LOST_DIGITS:
        raise cell_error("DIGITS_LOST")
    for sign in value.remove:
        text = text.replace(sign, "")
    return read(text.strip())


def _string(text: str, value: Value, name: str) -> str:
    written = value.values.get(text, value.other or text)
    if name == "cause_code" and not _CAUSE.fullmatch(written):
        raise cell_error("CAUSE_FORMAT")
    return written


def _code(text: str, value: Value, own: Mapping[str, str]) -> str | None:
    """Return the code of a wording: mapped, canonical, registered in Chinese, or `other`; "" maps to empty."""
    code = value.values.get(text, own.get(text, value.other))
    if code is None:
        raise cell_error("ENUM")
    return code or None


def _codes(text: str, value: Value, own: Mapping[str, str], order: tuple[str, ...]) -> str:
    parts = [part.strip() for part in text.split(value.separator)]
    found = {_code(part, value, own) for part in parts if part} - {None}
    return "/".join(code for code in order if code in found)


def _yes_no(text: str, value: Value) -> bool:
    if text in value.true:
        return True
    if text in value.false:
        return False
    raise cell_error("BOOL_FORMAT")


def _scaled(text: str, value: Value, scale: Decimal, kind: str) -> object:
    """Return a number in the register's unit, as the API writes its type."""
    text = value.values.get(text, text)
    if not _NUMBER.fullmatch(text):
        raise cell_error("NUMBER_FORMAT")
    try:
        number = Decimal(text) * scale
    except InvalidOperation:
        raise cell_error("NUMBER_FORMAT") from None
    if kind == "decimal":
        return str(number.quantize(_CENT, rounding=ROUND_HALF_UP))
    if kind == "float":
        return float(number)
    if value.unit and scale != 1:
        number = number.to_integral_value(rounding=ROUND_HALF_UP)
    if number != number.to_integral_value():
        raise cell_error("NUMBER_FORMAT")
    return int(number)


def _moment(text: str, formats: tuple[str, ...]) -> datetime | date:
    """Return the date or instant of a text in one of the formats, or in ISO 8601."""
    for form in formats:
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - the source's own clock is added by the caller
        except ValueError:
            continue
        return moment if any(mark in form for mark in ("%H", "%I", "%T", "%X", "%c")) else moment.date()
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise cell_error("DATE_FORMAT") from None


def _day(text: str, formats: tuple[str, ...]) -> date:
    moment = _moment(text, formats)
    if not isinstance(moment, datetime):
        return moment
    if moment.time() != time() and not any("%H" in form for form in formats):
        raise cell_error("DATE_HAS_TIME")
    return moment.date()


def _instant(
    text: str,
    formats: tuple[str, ...],
    zone: tzinfo,
    *,
    clock: time = time(),
    end_of_day: bool = False,
) -> datetime:
    """Return an instant on the courts' clock; a bare date, or its midnight, stands at `clock` or at its day's end."""
    moment = _moment(text, formats)
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if moment.time() == time():
        moment = datetime.combine(moment, clock, tzinfo=moment.tzinfo)
        moment += timedelta(days=1) if end_of_day and moment.date() < date.max else timedelta()
    return _on_court_clock(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _on_court_clock(moment: datetime) -> datetime:
    """Return the same moment at +08:00; one that falls out of the calendar there is no date."""
    try:
        return moment.astimezone(SHANGHAI)
    except OverflowError:
        raise cell_error("DATE_FORMAT") from None


def _part(text: str, part: str, formats: tuple[str, ...]) -> object:
    """Return one part of a date as a number: weekday 1 is Monday, quarter 1 begins in January."""
    moment = _moment(text, formats)
    if part == "hour":
        return moment.hour if isinstance(moment, datetime) else 0
    if part == "weekday":
        return moment.isoweekday()
    if part == "quarter":
        return (moment.month + 2) // 3
    return int(getattr(moment, part))
