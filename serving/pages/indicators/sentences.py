"""Three sentences for the meeting: how much was closed, where figures stand beside the intervals, and late filing."""

from __future__ import annotations

from collections.abc import Sequence

from models.indicators import Standing
from serving.pages.indicators.numbers import base_of, counts, difference, value_of, written
from serving.pages.indicators.rows import Late, Row
from serving.pages.language import Language
from serving.record.indicators.looking import Looked
from serving.repositories.indicators.figures import COUNTED

_CLOSING = next(one for one in COUNTED if one.id == "closing_rate")


def sentences(looked: Looked, rows: Sequence[Row], late: Late, *, period: str, say: Language) -> tuple[str, ...]:
    """Return the sentences; each says its base, and none compares people."""
    return (_closed(looked, period, say), _beside(rows, say), _late(late, say))


def _closed(looked: Looked, period: str, say: Language) -> str:
    figure = looked.now.figures.get(_CLOSING.id)
    if figure is None or not figure["denominator"]:
        return say("{period}没有在办或者新收立案的案件。", period=period)
    now, before = value_of(figure), value_of(looked.before.figures.get(_CLOSING.id))
    text = say("{period}，在办和新收立案案件的结案情况为 {counts}", period=period, counts=counts(_CLOSING, figure, say))
    if base_of(_CLOSING, looked.now.figures) >= 30:
        text += say("，结案率 {rate}", rate=written(now, _CLOSING.unit))
        change = difference(now, before, _CLOSING.unit, say)
        text += say("，较上年同期{change}", change=change) if change else say("，上年同期没有可比的数字")
    return text + say("。")


def _beside(rows: Sequence[Row], say: Language) -> str:
    referred = [row for row in rows if row.standing in {Standing.INSIDE, Standing.BETTER, Standing.OUTSIDE}]
    if not referred:
        return say("没有可与本院参考区间对照的指标：参考区间未设，或者基数不足 30 件。")
    beyond = [row.name for row in referred if row.standing is Standing.OUTSIDE]
    text = say(
        "有参考区间且基数足够的指标 {all} 项，{inside} 项在区间内或优于区间",
        all=len(referred), inside=len(referred) - len(beyond),
    )  # fmt: skip
    return text + (say("；区间外：{names}。", names=say("、").join(beyond)) if beyond else say("。"))


def _late(late: Late, say: Language) -> str:
    text = say("未经同意而超过立案期限的 {count} 件，其中尚未立案 {open} 件", count=late.count, open=late.unfiled)
    if late.gaining:
        return text + say("；因此变好的指标：{names}，应按按期立案的数字看。", names=say("、").join(late.gaining))
    return text + say("；按期立案重算，没有指标因迟立案而变好。")
