"""Why a prediction is what it is: five facts of the case with value, source and effect, and the rest, which adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from serving.pages import formats
from serving.pages.language import Language
from serving.pages.stored_words import source_words, value_words

_HALF: Final = 100
_LEAST: Final = 2


@dataclass(frozen=True, kw_only=True)
class ReasonLine:
    """One reason; the bar begins at `start` and is `width` wide, of 200 with nought in the middle.

    `marked` where the reader has said that it does not fit the case (`subject` names it then).
    """

    text: str
    value: str
    source: str
    up: bool
    direction: str
    effect: str
    start: int
    width: int
    subject: str
    marked: bool


@dataclass(frozen=True, kw_only=True)
class ReasonTable:
    """The reasons of one prediction: average + reasons + rest = shown, exactly."""

    heading: str
    lines: tuple[ReasonLine, ...]
    average: int
    rest: str
    shown: int


def tables_of(
    answer: Mapping[str, Any], headings: Mapping[str, str], marked: frozenset[str], say: Language
) -> tuple[ReasonTable, ...]:
    """Return a table for each explained prediction, first that on which the lane hangs; `marked` are subjects."""
    explained = answer.get("explanations", {})
    return tuple(_table(headings.get(name, name), one, marked, say) for name, one in explained.items())


def subjects_of(answer: Mapping[str, Any]) -> frozenset[str]:
    """Return what names each reason of an answer, so that somebody can say of it that it does not fit."""
    explained = answer.get("explanations", {}).values()
    return frozenset(_subject(reason) for one in explained for reason in one["reasons"])


def _subject(reason: Mapping[str, Any]) -> str:
    return f"{reason['score']}/{reason['code']}/{reason['feature']}"


def _table(heading: str, one: Mapping[str, Any], marked: frozenset[str], say: Language) -> ReasonTable:
    most = max([abs(reason["effect_per_100"]) for reason in one["reasons"]], default=1) or 1
    return ReasonTable(
        heading=heading,
        lines=tuple(_line(reason, most, marked, say) for reason in one["reasons"]),
        average=one["court_average_per_100"],
        rest=formats.signed(one["rest_per_100"]),
        shown=one["per_100"],
    )


def _line(reason: Mapping[str, Any], most: int, marked: frozenset[str], say: Language) -> ReasonLine:
    effect = int(reason["effect_per_100"])
    width = max(_LEAST, abs(effect) * _HALF // most) if effect else 0
    up = reason["direction"] == "up"
    return ReasonLine(
        text=say.pick(reason["text"], reason["text_en"]),
        value=value_words(reason["value"], say),
        source="　".join(filter(None, (source_words(reason["source"], say), reason["as_of"]))),
        up=up,
        direction=say("提高") if up else say("降低"),
        effect=formats.signed(effect),
        start=_HALF if effect >= 0 else _HALF - width,
        width=width,
        subject=_subject(reason),
        marked=_subject(reason) in marked,
    )
