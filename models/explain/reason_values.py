"""How a fact behind a reason is written for people: money, dates, yes or no, counts, and where it comes from."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from features.causes import FAMILIES_ZH
from features.feature import Feature, Unit
from features.known import Known
from features.register import COMPUTED_ZH, Field, Register

UNKNOWN = "未知"


def value_of(feature: Feature, known: Known, register: Register) -> str:
    """Return the fact that the feature rests on, as a judge would write it; `known` holds one case.

    A sum of money, a date or a kind is shown itself rather than what the
    feature makes of it; other facts are shown as the feature's own answer.
    """
    answer = float(feature.compute(known)[0])
    if feature.reads and feature.reads[0] in known.columns:
        shown = _fact(feature, float(known[feature.reads[0]][0]), answer=answer, register=register)
        if shown is not None:
            return shown
    return _answer(feature.unit, answer)


def source_of(feature: Feature, register: Register) -> str:
    """Return where the first fact that the feature reads comes from."""
    if not feature.reads:
        return COMPUTED_ZH
    owner = feature.reads[0].partition(".")[0]
    return register[owner].source_zh if owner in register else ""


def _fact(feature: Feature, raw: float, *, answer: float, register: Register) -> str | None:
    """Return the fact itself where it says more than the answer; None where the answer is to be shown."""
    column = feature.reads[0]
    owner = column.partition(".")[0]
    if np.isnan(raw) or owner not in register:
        return None
    field = register[owner]
    if column == "cause_code.family":
        return list(FAMILIES_ZH.values())[int(raw)]
    if field.type == "enum" and feature.unit == Unit.YES_NO and len(feature.reads) == 1:
        return _wording(field, int(raw))
    if field.type == "decimal" and feature.unit in {Unit.LOG_YUAN, Unit.LOG_RATIO}:
        return yuan(raw)
    if field.type in {"date", "datetime"} and feature.unit == Unit.DAY and not np.isnan(answer):
        return f"{day_of(raw).isoformat()}（{answer:,.0f}日）"
    return None


def _wording(field: Field, index: int) -> str:
    wordings = field.codes_zh or field.codes
    return wordings[index] if 0 <= index < len(wordings) else UNKNOWN


def _answer(unit: str, answer: float) -> str:
    if np.isnan(answer):
        return UNKNOWN
    if unit == Unit.YES_NO:
        return "是" if answer >= 0.5 else "否"
    if unit == Unit.SHARE:
        return f"{100 * answer:.0f}%"
    if unit == Unit.LOG_YUAN:
        return yuan(10.0**answer - 1.0)
    if unit == Unit.LOG_RATIO:
        return f"{10.0**answer:.3g}倍"
    return f"{answer:,.0f}{unit}" if answer == round(answer) or abs(answer) >= 100 else f"{answer:,.1f}{unit}"


def yuan(amount: float) -> str:
    """Return a sum of money with thousands separators, without fen where there are none."""
    whole = round(amount, 2)
    return f"{whole:,.0f}元" if whole == round(whole) else f"{whole:,.2f}元"


def day_of(days: float) -> date:
    """Return the calendar day of a count of days since 1970."""
    return date(1970, 1, 1) + timedelta(days=int(np.floor(days)))
