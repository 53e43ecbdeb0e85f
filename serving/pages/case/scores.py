"""Predictions as counts of a hundred: the sentence first, then the dots and the range, which say the same again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from models.explain.reasons import per_hundred
from serving.pages.language import Language

_ROW: Final = 25
_STEP: Final = 10


@dataclass(frozen=True)
class Dot:
    """One of the hundred dots: where it stands and whether it is filled."""

    x: int
    y: int
    filled: bool


@dataclass(frozen=True, kw_only=True)
class ScorePanel:
    """One prediction; without a `count` it is withheld, and the sentence says so."""

    heading: str
    window: str
    sentence: str
    count: int | None = None
    low: int | None = None
    high: int | None = None
    average: int | None = None

    @property
    def shown(self) -> bool:
        """Whether there is a number to show."""
        return self.count is not None

    @property
    def has_average(self) -> bool:
        """Whether the court's average is on record beside it."""
        return self.average is not None

    @property
    def rest(self) -> int:
        """How many of the hundred ended the other way: both sides are told."""
        return 100 - (self.count or 0)

    @property
    def dots(self) -> tuple[Dot, ...]:
        """The hundred dots, row by row."""
        filled = self.count or 0
        return tuple(
            Dot(_STEP // 2 + _STEP * (place % _ROW), _STEP // 2 + _STEP * (place // _ROW), filled=place < filled)
            for place in range(100)
        )

    @property
    def width(self) -> int:
        """How wide the range is."""
        return (self.high or 0) - (self.low or 0)


def panels_of(answer: Mapping[str, Any], say: Language) -> tuple[ScorePanel, ...]:
    """Return the predictions that are chances, in the order of the answer."""
    scores = answer.get("scores", {})
    explained = answer.get("explanations", {})
    return tuple(
        _panel(name, score, explained.get(name), say)
        for name, score in scores.items()
        if score["kind"] == "probability"
    )


def sentences_of(answer: Mapping[str, Any], say: Language) -> tuple[str, ...]:
    """Return the other predictions, which are read as sentences."""
    others = (score for score in answer.get("scores", {}).values() if score["kind"] != "probability")
    return tuple(say.pick(score["text"], score["text_en"]) for score in others if score["value"] is not None)


def _panel(name: str, score: Mapping[str, Any], explained: Mapping[str, Any] | None, say: Language) -> ScorePanel:
    heading, window = _words(name, score["window_days"], say)
    sentence = say.pick(score["text"], score["text_en"])
    if score["p"] is None:
        return ScorePanel(heading=heading, window=window, sentence=sentence)
    return ScorePanel(
        heading=heading,
        window=window,
        sentence=sentence,
        count=per_hundred(score["p"]),
        low=per_hundred(score["lower"]),
        high=per_hundred(score["upper"]),
        average=None if explained is None else explained["court_average_per_100"],
    )


def _words(name: str, days: int, say: Language) -> tuple[str, str]:
    known = {
        "willingness": (say("自动履行可能"), say("督促期 {days} 日内", days=days)),
        "ability": (say("偿还能力"), say("立案后 {days} 日内全部到位", days=days)),
        "quick_close": (say("快速执结可能"), say("立案后 {days} 日内", days=days)),
    }
    return known.get(name, (name, say("{days} 日内", days=days)))
