"""The table of indicators: each with its figure, base, last year, the court's interval, and how it was counted."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from models.indicators import SMALL_BASE, Indicator, Interval, Standing, Unit, pays, standing
from serving.pages.indicators.numbers import base_of, counts, named, shown, shown_prompt, value_of, written
from serving.pages.indicators.strip import Strip, strip
from serving.pages.language import Language
from serving.record.indicators.looking import Looked
from serving.repositories.indicators.figures import COUNTED

STATES: Final[Mapping[Standing, Callable[[Language], str]]] = {
    Standing.INSIDE: lambda say: say("区间内"),
    Standing.BETTER: lambda say: say("优于区间"),
    Standing.OUTSIDE: lambda say: say("区间外"),
    Standing.NO_REFERENCE: lambda say: say("无参考"),
    Standing.NO_FIGURE: lambda say: say("基数不足"),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One indicator on the page; `numerator` and `denominator` say what is divided by what, in words."""

    id: str
    name: str
    figure: str
    counts: str
    before: str
    interval: str
    state: str
    standing: Standing
    strip: Strip
    numerator: str
    denominator: str
    small: bool


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One indicator as it is and as if every case had been filed in time."""

    name: str
    figure: str
    prompt: str
    verdict: str
    gains: bool


@dataclass(frozen=True, kw_only=True)
class Late:
    """The check on late filing: how many cases, and what it did to each indicator."""

    count: int
    unfiled: int
    received: int
    days_to_filing: str
    rows: tuple[Checked, ...]

    @property
    def gaining(self) -> tuple[str, ...]:
        """The indicators that late filing made look better."""
        return tuple(row.name for row in self.rows if row.gains)


@dataclass(frozen=True, kw_only=True)
class Missing:
    """An indicator that the record cannot tell, and why."""

    name: str
    why: str


def rows_of(looked: Looked, say: Language) -> tuple[Row, ...]:
    """Return the rows, in the order of the official list."""
    return tuple(_row(one, looked, say) for one in COUNTED)


def late_of(looked: Looked, say: Language) -> Late:
    """Return the check on late filing."""
    figures = looked.now.figures
    late, unfiled, days = (figures.get(name) for name in ("late", "late_unfiled", "days_to_filing"))
    return Late(
        count=0 if late is None else int(late["numerator"]),
        unfiled=0 if unfiled is None else int(unfiled["numerator"]),
        received=0 if late is None else int(late["denominator"]),
        days_to_filing=written(value_of(days), Unit.DAYS),
        rows=tuple(_checked(one, looked, say) for one in COUNTED),
    )


def missing_of(say: Language) -> tuple[Missing, ...]:
    """Return what the record cannot tell; it is said, and never shown as nought."""
    return (
        Missing(name=say("案款平均发放天数"), why=say("本系统不接收案款到账和发放的日期；法定不超过 30 日")),
        Missing(name=say("自动履行率"), why=say("需要全部到期生效法律文书的件数，本系统只有申请执行的案件")),
        Missing(name=say("民事裁判申请执行率"), why=say("需要审判系统的生效文书件数")),
        Missing(name=say("终本合格率"), why=say("本系统不接收终本核查的结果")),
        Missing(name=say("执行信访办结率、案访比"), why=say("本系统不接收信访数据")),
    )


def _row(one: Indicator, looked: Looked, say: Language) -> Row:
    figures, interval = looked.now.figures, looked.settings.intervals.get(one.id)
    value, before, base = (
        value_of(figures.get(one.id)),
        value_of(looked.before.figures.get(one.id)),
        base_of(one, figures),
    )
    where = standing(value, interval, more_is_better=one.more_is_better, base=base)
    small = base < SMALL_BASE
    enough = base_of(one, looked.before.figures) >= SMALL_BASE
    formula = say.pick(one.formula.zh, one.formula.en)
    above, _, below = formula.partition(" ÷ ")
    return Row(
        id=one.id,
        name=named(one, say),
        figure=shown(one, figures, say),
        counts="" if small or one.id not in figures else counts(one, figures[one.id], say),
        before=shown(one, looked.before.figures, say),
        interval=_interval(interval, one.unit, say),
        state=STATES[where](say),
        standing=where,
        strip=strip(math.nan if small else value, before if enough else math.nan, interval, one.unit),
        numerator=above,
        denominator=below,
        small=small,
    )


def _interval(interval: Interval | None, unit: Unit, say: Language) -> str:
    if interval is None:
        return say("未设")
    low, high = (written(end, unit) for end in (interval.low, interval.high))
    if math.isinf(interval.low):
        return say("不高于 {high}", high=high)
    return say("不低于 {low}", low=low) if math.isinf(interval.high) else say("{low} 至 {high}", low=low, high=high)


def _checked(one: Indicator, looked: Looked, say: Language) -> Checked:
    figures = looked.now.figures
    figure = figures.get(one.id)
    value, prompt = value_of(figure), value_of(figure, prompt=True)
    same = figure is None or (
        figure["numerator"] == figure["prompt_numerator"] and figure["denominator"] == figure["prompt_denominator"]
    )
    known = not math.isnan(value) and not math.isnan(prompt)
    gains = known and pays(figure=value, prompt=prompt, more_is_better=one.more_is_better)
    words = say("因迟立案而变好") if gains else say("没有变化") if same else say("没有变好")
    return Checked(
        name=named(one, say),
        figure=shown(one, figures, say),
        prompt=shown_prompt(one, figures, say),
        verdict=words if known else say("没有数字"),
        gains=gains,
    )
