"""A sheet as it was read: headings, and rows of cells under the numbers that the clerk sees beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

MOST_COLUMNS: Final = 400
MOST_ROWS: Final = 40_000
"""Rows that are read, the empty ones with them: twice as many as a list may have cases."""


class SheetError(ValueError):
    """The file cannot be read at all; both wordings say what to do about it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


class TooLongError(SheetError):
    """The file holds more than is taken."""

    def __init__(self) -> None:
        super().__init__("文件过大或行数过多，请拆分后分次上传", "the file is too large or too long; split it")


@dataclass(frozen=True)
class Formula:
    """A cell that is worked out by the spreadsheet: what it shows may be out of date, so it is not read."""


@dataclass(frozen=True)
class Sheet:
    """Headings and rows.

    `kind` names the form of the file, `notices` what was not read of it, as
    code and count. `days_from` is the year from which the workbook counts
    its days, None where dates are text. Rows come once, one after the other.
    """

    kind: str
    headings: Sequence[str]
    rows: Iterator[tuple[int, Sequence[object]]]
    days_from: int | None = None
    notices: dict[str, int] = field(default_factory=dict)


def letter(place: int) -> str:
    """Return what a spreadsheet calls its column at a place from 0 on: A, B, … Z, AA."""
    text, rest = "", place + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def headings_of(cells: Sequence[object]) -> list[str]:
    """Return the headings of a first row.

    Raises
    ------
    SheetError
        There are none, one of them is empty, or one stands twice.
    """
    texts = ["" if cell is None or isinstance(cell, Formula) else str(cell).strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    if not texts:
        raise SheetError("第一行没有列名，请按模板填写表头", "the first row holds no headings; use the template")
    if len(texts) > MOST_COLUMNS:
        raise TooLongError
    if "" in texts:
        at = letter(texts.index(""))
        raise SheetError(f"第 {at} 列没有列名，请补上或删去该列", f"column {at} has no heading; add one or delete it")
    twice = [text for place, text in enumerate(texts) if text in texts[:place]]
    if twice:
        first, again = letter(texts.index(twice[0])), letter(len(texts) - 1 - texts[::-1].index(twice[0]))
        zh, en = f"第 {first} 列与第 {again} 列列名相同，请删去一列", f"columns {first} and {again} have one heading"
        raise SheetError(zh, f"{en}; delete one of them")
    return texts
