"""Is a score honest: a table of promised and kept, a drawing that says the same, and one sentence made from both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.evidence import Bin, Part, ScoreEvidence
from models.explain.reasons import per_hundred
from serving.pages.language import Language

_LEFT: Final = 40
_TOP: Final = 10
_SIDE: Final = 280
_BARS: Final = 60
_GAP: Final = 34


@dataclass(frozen=True, kw_only=True)
class BinLine:
    """One group of near chances, in cases (or yuan) of a hundred."""

    predicted: int
    observed: int
    low: int
    high: int
    n: int
    verdict: str
    off: bool


@dataclass(frozen=True, kw_only=True)
class Point:
    """Where a group stands in the drawing: its point, its interval, and its bar of cases below."""

    x: float
    y: float
    top: float
    bottom: float
    bar_x: float
    bar_y: float
    bar_height: float
    off: bool


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A mark of an axis, as a place and what is written there."""

    at: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """The drawing of the groups: a square with the line of perfect honesty, bars of cases under it."""

    points: tuple[Point, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    most: int
    left: int = _LEFT
    right: int = _LEFT + _SIDE
    top: int = _TOP
    bottom: int = _TOP + _SIDE
    bars_top: int = _TOP + _SIDE + _GAP
    bars_bottom: int = _TOP + _SIDE + _GAP + _BARS
    width: int = _LEFT + _SIDE + 20
    height: int = _TOP + _SIDE + _GAP + _BARS + 20


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The block; without `lines` the sentence says why there are none."""

    sentence: str
    lines: tuple[BinLine, ...]
    drawing: Drawing | None
    unit: str

    @property
    def shown(self) -> bool:
        """Whether there is a table."""
        return bool(self.lines)


def calibration_of(measured: ScoreEvidence | Part | None, *, share: bool, say: Language) -> Calibration:
    """Return the block of a score, on the whole or in one part; `share` for what is counted in yuan."""
    unit = say("元") if share else say("件")
    bins = None if measured is None else measured.bins
    if not bins:
        return Calibration(sentence=_nothing(measured, say), lines=(), drawing=None, unit=unit)
    return Calibration(
        sentence=sentence_of(bins, unit, say),
        lines=tuple(_line(one, say) for one in bins),
        drawing=_drawing(bins),
        unit=unit,
    )


def sentence_of(bins: Sequence[Bin], unit: str, say: Language) -> str:
    """Return what the groups say: which promise too much or too little beyond chance, and by how much."""
    too_much = [one for one in bins if one.certain and one.off > 0]
    too_little = [one for one in bins if one.certain and one.off < 0]
    said = []
    if too_much:
        where, by = _where(too_much, say), _by(too_much)
        said.append(say("每 100 {unit}预测 {where} 的分段偏高，实际少 {by} {unit}。", unit=unit, where=where, by=by))
    if too_little:
        where, by = _where(too_little, say), _by(too_little)
        said.append(say("每 100 {unit}预测 {where} 的分段偏低，实际多 {by} {unit}。", unit=unit, where=where, by=by))
    if not said:
        return say("各分段的预测都在实际的 95% 区间之内。")
    if len(too_much) + len(too_little) < len(bins):
        said.append(say("其余分段相符。"))
    return say.pick("", " ").join(said)


def _nothing(measured: ScoreEvidence | Part | None, say: Language) -> str:
    if isinstance(measured, Part) and measured.few:
        return say("该部分结果已定的案件 {n} 件，不足 100 件，不作结论。", n=measured.n)
    if measured is None or measured.bins is None:
        return say("未随模型提供。用 fenliu evaluate 重新评估后显示。")
    return say("结果已定的案件不足 30 件，无法核对。")


def _where(bins: Sequence[Bin], say: Language) -> str:
    return say.listed(str(per_hundred(one.predicted)) for one in bins)


def _by(bins: Sequence[Bin]) -> str:
    sizes = sorted({abs(per_hundred(one.predicted) - per_hundred(one.observed)) for one in bins})
    return str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]}–{sizes[-1]}"


def _line(one: Bin, say: Language) -> BinLine:
    verdict = say("相符")
    if one.certain:
        verdict = say("预测偏高") if one.off > 0 else say("预测偏低")
    return BinLine(
        predicted=per_hundred(one.predicted),
        observed=per_hundred(one.observed),
        low=per_hundred(one.lower),
        high=per_hundred(one.upper),
        n=one.n,
        verdict=verdict,
        off=one.certain,
    )


def _drawing(bins: Sequence[Bin]) -> Drawing:
    most = max(one.n for one in bins)
    return Drawing(
        points=tuple(_point(one, most) for one in bins),
        across=tuple(Tick(at=_x(place / 100), text=str(place)) for place in range(0, 101, 20)),
        up=tuple(Tick(at=_y(place / 100), text=str(place)) for place in range(0, 101, 20)),
        most=most,
    )


def _point(one: Bin, most: int) -> Point:
    height, bottom = round(_BARS * one.n / most, 1), _TOP + _SIDE + _GAP + _BARS
    return Point(
        x=_x(one.predicted),
        y=_y(one.observed),
        top=_y(one.upper),
        bottom=_y(one.lower),
        bar_x=round(_x(one.predicted) - 3, 1),
        bar_y=round(bottom - height, 1),
        bar_height=height,
        off=one.certain,
    )


def _x(share: float) -> float:
    return round(_LEFT + _SIDE * share, 1)


def _y(share: float) -> float:
    return round(_TOP + _SIDE * (1 - share), 1)
