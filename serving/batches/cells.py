"""Cells of a clerk's sheet: what was meant by them where that is certain, and why not where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from features.clock import SHANGHAI
from features.register import Field
from features.spellings import SpellingError, amount_of
from serving.sheets.sheet import Formula

_DAY: Final = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日)"
)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_LOST: Final = re.compile(r"\d{12,}\.0*|\d(?:\.\d+)?[eE]\+?\d+")
"""Texts of numbers that a spreadsheet has passed through its arithmetic, where only fifteen digits survive."""
_EXACT: Final = 10**15
_FIRST_DAY, _LAST_DAY = 20_000, 80_000
"""Days of a workbook that are read as dates: 1954 to 2119. Other numbers in a column of dates are no dates."""
_CENT: Final = Decimal("0.01")
_NOISE: Final = Decimal("0.000001")
"""By how much binary arithmetic may miss a whole cent."""


class CellError(ValueError):
    """A cell that cannot be read for certain; says why and what to do, and nothing of what stands in it."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.code = code
        self.zh = zh
        self.en = en


@dataclass(frozen=True)
class Reading:
    """How cells of one file are read; `days_from` is the year its dates count from, None where they are text."""

    days_from: int | None

    def value(self, cell: object, field: Field | None) -> object:
        """Return the fact that a cell states, in the form in which requests state it; None for an empty cell.

        `field` is None for columns of the request itself.

        Raises
        ------
        CellError
            It is a formula, a number that has lost digits, or no such date or amount.
        """
        if isinstance(cell, Formula):
            raise CellError("FORMULA", "是公式，请复制后粘贴为数值", "is a formula; paste its value instead")
        if isinstance(cell, str):
            cell = cell.strip()
        if cell is None or cell == "":
            return None
        return _BY_TYPE.get("" if field is None else field.type, _as_it_is)(self, cell)

    def words(self, cell: object) -> str:
        """Return text; a number becomes one only while it is exact.

        Raises
        ------
        CellError
            It has lost digits, or may have.
        """
        if isinstance(cell, bool):
            return "true" if cell else "false"
        if isinstance(cell, datetime | date | time):
            return _plain_day(cell)
        if isinstance(cell, int | float):
            if abs(cell) >= _EXACT:
                raise _lost()
            return str(int(cell)) if float(cell).is_integer() else repr(cell)
        text = str(cell)
        if _LOST.fullmatch(text):
            raise _lost()
        return text

    def amount(self, cell: object) -> str:
        """Return an amount in yuan as requests write it, never rounded; text that is none is passed on to be refused.

        Raises
        ------
        CellError
            It has parts of a cent, or separators that do not stand at thousands.
        """
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            exact = Decimal(repr(cell))
            if exact.is_finite() and abs(exact) < _EXACT:
                cents = exact.quantize(_CENT)
                if abs(exact - cents) > _NOISE:
                    raise _no_cents()
                return f"{cents:f}"
            raise _lost()
        text = self.words(cell)
        try:
            return amount_of(text) or text
        except SpellingError as error:
            raise CellError(error.code, error.zh, error.en) from None

    def day(self, cell: object) -> object:
        """Return a calendar day as ISO 8601; text that is no day in a usual spelling is passed on to be refused.

        Raises
        ------
        CellError
            It is a number outside the days of a workbook, or no day of the calendar.
        """
        if isinstance(cell, datetime):
            return cell.date().isoformat()
        if isinstance(cell, date):
            return cell.isoformat()
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return self._of_number(float(cell)).date().isoformat()
        match = _DAY.fullmatch(str(cell))
        return str(cell) if match is None else _day_of(match).isoformat()

    def instant(self, cell: object) -> object:
        """Return an instant on the courts' clock; a day without a time is its beginning.

        Raises
        ------
        CellError
            As for a day.
        """
        if isinstance(cell, datetime):
            return _at(cell)
        if isinstance(cell, date):
            return _at(datetime.combine(cell, time()))
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return _at(self._of_number(float(cell)))
        day, _, clock = str(cell).partition(" ")
        match, hour = _DAY.fullmatch(day), _CLOCK.fullmatch(clock.strip() or "0:00")
        if match is None or hour is None:
            return str(cell)
        hours, minutes, seconds = (int(part or 0) for part in hour.groups())
        try:
            at = time(hours, minutes, seconds)
        except ValueError:
            return str(cell)
        return _at(datetime.combine(_day_of(match), at))

    def _of_number(self, days: float) -> datetime:
        if self.days_from is None or not _FIRST_DAY <= days <= _LAST_DAY:
            raise CellError("DATE", "不是日期；请写成 2025-08-14 的样子", "is no date; write it as 2025-08-14")
        # Excel counts a 29 February 1900 that never was, so its day 0 is 30 December 1899.
        start = datetime(1904, 1, 1) if self.days_from == 1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock
        return start + timedelta(seconds=round(days * 86_400))


def _as_it_is(reading: Reading, cell: object) -> object:
    return reading.words(cell)


def _whole(reading: Reading, cell: object) -> object:
    """Return a number as it was typed; one with an empty fraction is whole."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return int(cell)
    return cell if isinstance(cell, int) and not isinstance(cell, bool) else reading.words(cell)


def _truth(reading: Reading, cell: object) -> object:
    return cell if isinstance(cell, bool) else reading.words(cell)


Way = Callable[[Reading, object], object]
_BY_TYPE: Final[Mapping[str, Way]] = MappingProxyType(
    {
        "bool": _truth,
        "int": _whole,
        "ordinal": _whole,
        "decimal": Reading.amount,
        "date": Reading.day,
        "datetime": Reading.instant,
    }
)
"""Type of a field -> how its cells are read; others are text."""


def _day_of(match: re.Match[str]) -> date:
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        raise CellError("DATE", "日历上没有这一天", "is no day of the calendar") from None


def _plain_day(cell: datetime | date | time) -> str:
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat()


def _at(wall: datetime) -> str:
    return (wall if wall.tzinfo else wall.replace(tzinfo=SHANGHAI)).isoformat(timespec="seconds")


def _lost() -> CellError:
    zh = "号码已被表格软件改动，末几位可能丢失；请把该列设为文本后重新填写"
    return CellError("DIGITS_LOST", zh, "has passed through a spreadsheet's arithmetic and may have lost digits")


def _no_cents() -> CellError:
    return CellError("AMOUNT", "金额超过两位小数，请核对", "has more than two decimals; check the amount")
