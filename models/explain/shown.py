"""Scores in words: how many of a hundred similar cases, within which range, among how many."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from models.advice import ScoreKind, ShownScore
from models.explain.reasons import per_hundred
from models.scores import Score, Scores

SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "willingness": ("在督促期 {day:g} 日内自动履行", "paid of their own accord within {day:g} days of urging"),
        "ability": ("在立案后 {day:g} 日内全部执行到位", "were paid in full within {day:g} days of filing"),
        "quick_close": (
            "在立案后 {day:g} 日内无须评估拍卖即执行完毕",
            "were completed within {day:g} days of filing with nothing to appraise or auction",
        ),
    },
)
"""What came true in n of a hundred cases, per score, in Chinese and English."""

WITHHELD = ("不评分，理由另见", "withheld, see the reasons")


def shown_scores(scores: Scores) -> tuple[ShownScore, ...]:
    """Return every score of one case as a judge reads it; withheld ones say so and carry no number."""
    withheld = bool(scores.abstain)
    shown = [_shown(name, score, withheld=withheld) for name, score in scores.by_name.items()]
    if scores.days is not None:
        shown.append(_days(scores.days, withheld=withheld))
    return tuple(shown)


def _shown(name: str, score: Score, *, withheld: bool) -> ShownScore:
    kind: ScoreKind = "share" if name == "recovery" else "probability"
    day = int(score.day)
    if withheld:
        return ShownScore(name=name, kind=kind, window_days=day, text=WITHHELD[0], text_en=WITHHELD[1])
    text, text_en = _share(score) if name == "recovery" else _chance(name, score)
    return ShownScore(
        name=name,
        kind=kind,
        window_days=day,
        value=score.p,
        lower=score.lower,
        upper=score.upper,
        n_reference=score.n,
        text=text,
        text_en=text_en,
    )


def _chance(name: str, score: Score) -> tuple[str, str]:
    zh, en = (sentence.format(day=score.day) for sentence in SENTENCES[name])
    count, low, high = (per_hundred(value) for value in (score.p, score.lower, score.upper))
    return (
        f"100 件情况相近的案件中，约 {count} 件{zh}。合理范围 {low} 至 {high} 件（90% 区间，比较 {score.n} 件）。",
        f"About {count} of 100 similar cases {en}; range {low} to {high} (90 %, {score.n} cases compared).",
    )


def _share(score: Score) -> tuple[str, str]:
    share = per_hundred(score.p)
    return (
        f"情况相近的案件立案后 {score.day:g} 日内平均到位约 {share}%（比较 {score.n} 件）。",
        f"Similar cases recovered about {share} % on average within {score.day:g} days of filing ({score.n} compared).",
    )


def _days(days: float, *, withheld: bool) -> ShownScore:
    if withheld:
        return ShownScore(name="days", kind="days", text=WITHHELD[0], text_en=WITHHELD[1])
    text = f"预计约 {days:.0f} 日结案（一年内计）。"
    text_en = f"Expected to close in about {days:.0f} days (within a year)."
    return ShownScore(name="days", kind="days", window_days=360, value=days, text=text, text_en=text_en)
