"""How a figure is written: a percentage, days, or counts alone where the base is small; nothing where there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from models.indicators import SMALL_BASE, Indicator, Unit
from serving.pages.language import Language

Figure = Mapping[str, Any]

NONE: Final = "--"

_MONEY: Final = frozenset({"recovery"})
"""Indicators whose numerator and denominator are yuan."""


def value_of(figure: Figure | None, *, prompt: bool = False) -> float:
    """Return a figure's value, NaN where there is none."""
    start = "prompt_" if prompt else ""
    if figure is None or not figure[f"{start}denominator"]:
        return math.nan
    return float(figure[f"{start}numerator"] / figure[f"{start}denominator"])


def base_of(one: Indicator, figures: Mapping[str, Figure]) -> float:
    """Return how many cases stand behind a figure: those that were closed, where it is counted in yuan."""
    name = "completion" if one.id in _MONEY else one.id
    return float(figures[name]["denominator"]) if name in figures else 0.0


def written(value: float, unit: Unit) -> str:
    """Return a value as 64.67% or 77.83; `--` for none."""
    if math.isnan(value):
        return NONE
    return f"{value * 100:.2f}%" if unit is Unit.SHARE else f"{value:.2f}"


def shown(one: Indicator, figures: Mapping[str, Figure], say: Language) -> str:
    """Return a figure as the table shows it: its value, or its counts alone where the base is small."""
    figure = figures.get(one.id)
    if figure is None or not figure["denominator"]:
        return NONE
    if base_of(one, figures) < SMALL_BASE:
        return counts(one, figure, say)
    return written(value_of(figure), one.unit)


def shown_prompt(one: Indicator, figures: Mapping[str, Figure], say: Language) -> str:
    """Return a figure as if every case had been filed in time, written as `shown` writes the figure itself."""
    names = [name for name in figures if figures[name]["prompt_denominator"] is not None]
    asif = {name: {part: figures[name][f"prompt_{part}"] for part in ("numerator", "denominator")} for name in names}
    return shown(one, asif, say)


def named(one: Indicator, say: Language) -> str:
    """Return what an indicator is called, with its unit where that is not a share."""
    name = say.pick(one.words.zh, one.words.en)
    return say("{name}（日）", name=name) if one.unit is Unit.DAYS else name


def counts(one: Indicator, figure: Figure, say: Language) -> str:
    """Return numerator over denominator with their unit."""
    above, below = figure["numerator"], figure["denominator"]
    if one.id in _MONEY:
        return say("{above}/{below} 元", above=f"{above:,.2f}", below=f"{below:,.2f}")
    if one.unit is Unit.DAYS:
        return say("{above} 日/{below} 件", above=f"{above:,.1f}", below=f"{below:,.0f}")
    return say("{above}/{below} 件", above=f"{above:,.0f}", below=f"{below:,.0f}")


def difference(now: float, before: float, unit: Unit, say: Language) -> str:
    """Return how a figure differs from another one: percentage points or days with their sign; empty without both."""
    if math.isnan(now) or math.isnan(before):
        return ""
    change = (now - before) * (100 if unit is Unit.SHARE else 1)
    if abs(change) < 0.005:
        return say("持平")
    words = say("上升 {size} 个百分点") if unit is Unit.SHARE else say("增加 {size} 日")
    if change < 0:
        words = say("下降 {size} 个百分点") if unit is Unit.SHARE else say("减少 {size} 日")
    return words.format(size=f"{abs(change):.2f}")
