"""The page of indicators as a whole: period, table, check on late filing, own effect, twelve months, and notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from models.indicators import SMALL_BASE, Indicator, Over12Base, Period
from models.lifecycle import OVERRIDE_TEXT, OverrideReason
from serving.pages import formats
from serving.pages.indicators.lines import Line, line
from serving.pages.indicators.numbers import value_of
from serving.pages.indicators.rows import Late, Missing, Row, late_of, missing_of, rows_of
from serving.pages.indicators.sentences import sentences
from serving.pages.language import Language
from serving.pages.queue import Option
from serving.record.indicators.looking import Looked
from serving.repositories.indicators.figures import COUNTED

SIX: Final = ("closing_rate", "completion", "recovery", "zhongben", "days", "settled_before_filing")
"""The figures whose twelve months are printed."""

STALE: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What people made of the advice; `overrides` are reasons with their counts, in the order of the list of codes."""

    adopted: str
    overrides: tuple[tuple[str, int], ...]
    urging: str
    urging_filed: str
    days_to_filing: str


@dataclass(frozen=True, kw_only=True)
class KpiPage:
    """Everything on the page."""

    court: str
    courts: tuple[Option, ...]
    periods: tuple[Option, ...]
    period: str
    period_text: str
    rows: tuple[Row, ...]
    missing: tuple[Missing, ...]
    late: Late
    effect: Effect
    lines: tuple[Line, ...]
    months: tuple[str, ...]
    sentences: tuple[str, ...]
    counted_at: str
    scope: str
    late_text: str
    base_text: str
    stale_text: str
    counted: bool
    stale: bool
    open: bool
    simulated: bool
    several: bool
    query: str
    may_list: bool

    @property
    def six(self) -> tuple[Line, ...]:
        """The lines that the page and its print show."""
        return self.lines[: len(SIX)]


def kpi_page(looked: Looked, *, may_list: bool, say: Language) -> KpiPage:
    """Return the page of what was counted."""
    rows, late, text = rows_of(looked, say), late_of(looked, say), period_text(looked.period, say)
    kept = looked.now
    simulated = kept.figures.get("simulated")
    return KpiPage(
        court=looked.court,
        courts=tuple(Option(one, one, one == looked.court) for one in looked.courts),
        periods=tuple(_option(one, looked, say) for one in looked.periods),
        period=_written(looked.period),
        period_text=text,
        rows=rows,
        missing=missing_of(say),
        late=late,
        effect=effect_of(kept.figures, late, say),
        lines=tuple(line(one, looked.months, say) for one in sorted(COUNTED, key=_first_six)),
        months=tuple(month for month, _ in looked.months),
        sentences=sentences(looked, rows, late, period=text, say=say),
        counted_at=_when(kept.figures_at),
        scope=_scope(looked, say),
        late_text=_late_text(late, say),
        base_text=_base_text(looked, say),
        stale_text=say("数据已超过一天未更新，统计于 {at}。", at=_when(kept.figures_at)),
        counted=kept.figures_at is not None,
        stale=_stale(kept.figures_at, looked.at),
        open=looked.period.open_on(looked.at.date()),
        simulated=bool(simulated and simulated["numerator"]),
        several=len(looked.courts) > 1,
        query=urlencode({"court": looked.court, "period": _written(looked.period)}),
        may_list=may_list,
    )


def effect_of(figures: Mapping[str, Any], late: Late, say: Language) -> Effect:
    """Return the tool's own effect: followed, overridden and why, what urging led to."""
    adopted, paid, filed = (figures.get(name) for name in ("adopted", "urging_paid", "urging_filed"))
    reasons = [(one, figures.get(f"override.{one.value}")) for one in OverrideReason]
    return Effect(
        adopted=_share(adopted, say),
        overrides=tuple((say.pick(*OVERRIDE_TEXT[one]), int(row["numerator"])) for one, row in reasons if row),
        urging=_share(paid, say),
        urging_filed=_share(filed, say),
        days_to_filing=late.days_to_filing,
    )


def period_text(period: Period, say: Language) -> str:
    """Return a period in words: 2026 年 1—10 月."""
    year, first, last = int(period.last[:4]), int(period.first[5:]), int(period.last[5:])
    if period.is_month:
        return say.pick(f"{year} 年 {last} 月", period.last)
    return say.pick(f"{year} 年 {first}—{last} 月", f"{period.first} to {period.last}")


def _when(stamp: str | None) -> str:
    return formats.instant(stamp) if stamp else "--"


def _scope(looked: Looked, say: Language) -> str:
    return say(
        "统计范围：在本系统登记过的首次执行案件 {cases} 件；记录读至 {read}，统计于 {counted}。",
        cases=f"{looked.now.cases:,}", read=_when(looked.now.read_at), counted=_when(looked.now.figures_at),
    )  # fmt: skip


def _late_text(late: Late, say: Language) -> str:
    return say(
        "立案审查期限在本期届满、没有同意督促而未按期立案的案件 {count} 件，其中尚未立案 {open} 件；"
        "本期收到申请 {received} 件，收到至立案平均 {days} 日。",
        count=late.count, open=late.unfiled, received=late.received, days=late.days_to_filing,
    )  # fmt: skip


def _base_text(looked: Looked, say: Language) -> str:
    if looked.settings.over_12_base is Over12Base.OPEN:
        return say("超 12 个月未结案件比的分母为期末未结案件。")
    return say("超 12 个月未结案件比的分母为旧存与新收立案。")


def _first_six(one: Indicator) -> int:
    return SIX.index(one.id) if one.id in SIX else len(SIX)


def _share(figure: Mapping[str, Any] | None, say: Language) -> str:
    """Return a share with its counts; counts alone where the base is small."""
    if figure is None or not figure["denominator"]:
        return say("没有")
    above, below = (int(figure[name]) for name in ("numerator", "denominator"))
    text = say("{above}/{below} 件", above=f"{above:,}", below=f"{below:,}")
    return text if below < SMALL_BASE else say("{share}（{counts}）", share=f"{value_of(figure):.0%}", counts=text)


def _option(period: Period, looked: Looked, say: Language) -> Option:
    text = period_text(period, say)
    closed = text if not period.open_on(looked.at.date()) else say("{period}（未结束）", period=text)
    return Option(_written(period), closed, period == looked.period)


def _written(period: Period) -> str:
    return f"{period.first}~{period.last}"


def _stale(figures_at: str | None, at: datetime) -> bool:
    return figures_at is not None and at - datetime.fromisoformat(figures_at) > STALE
