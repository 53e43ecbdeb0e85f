"""What assignments and batches are told with: notes, the figures used, and the mark of simulated data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.note import Note
from models.strict_table import Line
from training.console import Column, Lang, Result

_SIMULATED = ("模拟数据，不得用于办案", "simulated data: not for real cases")


def say(lang: Lang, zh: str, en: str) -> str:
    """Return the wording in the chosen language."""
    return zh if lang is Lang.ZH else en


def marked(zh: str, en: str, *, simulated: bool) -> tuple[str, str]:
    """Return a closing line, marked where the data are simulated."""
    if not simulated:
        return zh, en
    return "\n".join(filter(None, (zh, _SIMULATED[0]))), "\n".join(filter(None, (en, _SIMULATED[1])))


def data_of(*, simulated: bool) -> str:
    """Return whose data a document is about."""
    return "模拟 / simulated" if simulated else "实际 / real"


def notes_of(notes: Sequence[Note], lang: Lang) -> tuple[Result, ...]:
    """Return the table of notes, none where there is nothing to note."""
    rows = [{"what": say(lang, one.zh, one.en)} for one in notes]
    if not rows:
        return ()
    return (Result((Column("what", "提示", "note"),), rows, title=("说明", "notes")),)


def plain_notes(notes: Sequence[Note]) -> list[dict[str, str]]:
    """Return notes as plain values."""
    return [{"code": one.code, "zh": one.zh, "en": one.en} for one in notes]


def used(lines: Sequence[Line], set_by: str, lang: Lang) -> Result:
    """Return the table of every figure that a result rests on, and who set it."""
    columns = (
        Column("what", "口径", "figure"),
        Column("value", "取值", "value"),
        Column("unit", "单位", "unit"),
        Column("by", "来源", "set by"),
    )
    who = {True: say(lang, "出厂假定", "assumption"), False: say(lang, "本院", "the court")}
    rows = [
        {"what": say(lang, one.zh, one.en), "value": one.value, "unit": one.unit, "by": who[one.assumption]}
        for one in lines
    ]
    zh, _, en = set_by.partition(" / ")
    return Result(columns, rows, title=(f"所用口径（{zh}）", f"figures used ({en or zh})"))


def texts(values: Sequence[str | None]) -> npt.NDArray[np.object_]:
    """Return words as a column, None where there is none."""
    return np.array([*values, None], dtype=object)[:-1]
