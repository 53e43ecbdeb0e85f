"""Lists that a court keeps beside its cases: read as text, by either language's headings, every fault with its line."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from features.clock import days_of
from features.register import Stage
from models.lanes import Lane, lane_text
from training.errors import CommandError
from training.importing.mapping import SourceFile
from training.importing.reading import DataRejectedError, Sheet, read_sheet

Value = TypeVar("Value")
SHOWN = 10
"""Faults that one refusal names; the others are counted."""

_FORMATS = {".xlsx": "excel", ".parquet": "parquet"}
_YES, _NO = ("1", "true", "是", "y", "yes"), ("0", "false", "否", "n", "no")


@dataclass
class ListFile:
    """One list while it is read: its columns by their English names, and the faults found so far."""

    path: Path
    sheet: Sheet
    columns: Mapping[str, Sequence[str | None]]
    headings: Mapping[str, str]
    faults: list[str] = field(default_factory=list)

    def values(self, name: str, read: Callable[[str], Value], missing: Value) -> list[Value]:
        """Return a column's values; an empty cell or an absent column is `missing`, what cannot be read is a fault."""
        found = []
        for row, cell in enumerate(self.columns.get(name, [None] * len(self.sheet))):
            try:
                found.append(missing if cell is None else read(cell))
            except ValueError:
                self.faults.append(f"第 {self.sheet.row[row]} 行“{self.headings[name]}”")
                found.append(missing)
        return found

    def check(self) -> None:
        """Refuse the list when anything was wrong; cells are named by line and column, never repeated."""
        self.faults += [f"第 {one.row} 行应有 {one.expected} 列，实有 {one.found} 列" for one in self.sheet.misshapen]
        if self.faults:
            shown, more = "；".join(self.faults[:SHOWN]), len(self.faults) - SHOWN
            rest = f"；另有 {more} 处" if more > 0 else ""
            zh = f"{self.path.name} 有 {len(self.faults)} 处不能读：{shown}{rest}"
            raise CommandError("LIST_REJECTED", zh, f"{len(self.faults)} cells of {self.path.name} cannot be read")


def read_list(path: Path, headings: Mapping[str, str], *, needed: Sequence[str]) -> ListFile:
    """Return a list; `headings` maps each English heading to its Chinese one, and either may stand in the file.

    CSV (UTF-8 or GB 18030), Excel and Parquet are read.

    Raises
    ------
    CommandError
        LIST_REJECTED: the file cannot be read, or a heading is unknown, double or missing.
    """
    sheet = _sheet(path)
    names = {**{zh: en for en, zh in headings.items()}, **{en: en for en in headings}}
    unknown = [name for name in sheet.columns.column_names if name not in names]
    known = [names[name] for name in sheet.columns.column_names if name in names]
    absent = [f"{name}（{headings[name]}）" for name in needed if name not in known]
    if unknown or absent or len(set(known)) < len(known):
        allowed = "、".join(f"{en}（{zh}）" for en, zh in headings.items())
        wrong = [*(f"不认识的列 {name}" for name in unknown), *(f"缺少列 {name}" for name in absent)] or ["有列重复"]
        zh = f"{path.name}：{'；'.join(wrong)}；可用的列：{allowed}"
        raise CommandError("LIST_REJECTED", zh, f"{path.name} has unknown, double or missing columns")
    columns = {names[name]: sheet.columns[name].to_pylist() for name in sheet.columns.column_names}
    return ListFile(path, sheet, columns, headings)


def number(text: str) -> float:
    """Return a finite number.

    Raises
    ------
    ValueError
        It is none.
    """
    value = float(text.replace(",", ""))
    if not math.isfinite(value):
        msg = "not finite"
        raise ValueError(msg)
    return value


def amount(text: str) -> float:
    """Return a number that is not negative."""
    value = number(text)
    if value < 0.0:
        msg = "negative"
        raise ValueError(msg)
    return value


def day(text: str) -> float:
    """Return a date, with or without a time of day, as days since 1970."""
    return days_of(date.fromisoformat(text[:10]))


def yes(text: str) -> bool:
    """Return yes or no."""
    if text.lower() not in (*_YES, *_NO):
        msg = "neither yes nor no"
        raise ValueError(msg)
    return text.lower() in _YES


def lane(text: str) -> Lane | None:
    """Return a lane by its code or its Chinese name; `-` is a case whose lane is left to the judge."""
    if text in {"-", "—", lane_text(None, Stage.B)[0]}:
        return None
    for one in Lane:
        if text in {str(one), *(lane_text(one, stage)[0] for stage in Stage)}:
            return one
    raise ValueError(text)


def several(text: str) -> frozenset[str]:
    """Return the entries of a cell that holds several, parted by semicolons or ideographic commas."""
    return frozenset(one.strip() for one in text.replace("；", ";").replace("、", ";").split(";") if one.strip())


def _sheet(path: Path) -> Sheet:
    form = _FORMATS.get(path.suffix.lower(), "csv")
    try:
        try:
            return read_sheet(SourceFile(key="", format=form), path)
        except DataRejectedError as error:
            if error.code != "DATA_ENCODING":
                raise
            return read_sheet(SourceFile(key="", format=form, encoding="gb18030"), path)
    except DataRejectedError as error:
        code = "NOT_FOUND" if error.code == "DATA_NO_SOURCE" else "LIST_REJECTED"
        raise CommandError(code, error.zh, error.en) from error
