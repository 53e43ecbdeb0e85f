"""Deadlines as the clerk and the judge watch them: the day, how far away it is, and the article that sets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from serving.pages import formats
from serving.pages.language import Language

Nearness = Literal["over", "near", "far", "unknown"]

_NEAR_DAYS: Final = 7
NOT_BEFORE: Final = frozenset({"zhongben_earliest"})
"""Days from which something may be done: nothing is late when they are gone."""

_TO_COMPLETE: Final = "未知，请补正"
"""What the record says of a deadline without a day where it says no more."""


FAST_END: Final = "fast_end"
"""The last day of the fast lane (H14)."""


@dataclass(frozen=True, kw_only=True)
class DeadlineLine:
    """One deadline; `left` says in words what `nearness` sorts."""

    text: str
    day: str
    left: str
    nearness: Nearness
    basis: str
    note: str


def deadlines_of(stored: Sequence[Mapping[str, Any]], today: date, say: Language) -> tuple[DeadlineLine, ...]:
    """Return the deadlines, the nearest first; those without a day stand last, because they must not be forgotten."""
    ordered = sorted(stored, key=lambda one: (one["date"] is None, one["date"] or ""))
    return tuple(_line(one, today, say) for one in ordered)


def _line(one: Mapping[str, Any], today: date, say: Language) -> DeadlineLine:
    due = None if one["date"] is None else date.fromisoformat(one["date"])
    if due is not None and one["kind"] in NOT_BEFORE:
        return DeadlineLine(
            text=say.pick(one["text"], one["text_en"]),
            day=formats.day(due, say),
            left=say("此日起"),
            nearness="far",
            basis=one["basis"],
            note=say.pick(one["note"], one["note_en"]),
        )
    if due is None:
        return DeadlineLine(
            text=_named(one, say), day="", left=say("未知，请补正"), nearness="unknown", basis=one["basis"], note=""
        )
    return DeadlineLine(
        text=say.pick(one["text"], one["text_en"]),
        day=formats.day(due, say),
        left=formats.left(due, today, say),
        nearness=nearness((due - today).days),
        basis=one["basis"],
        note=_note(one, say),
    )


def _named(one: Mapping[str, Any], say: Language) -> str:
    """Return which deadline has no day: the record says what is to be done about it, not always which one it is."""
    name = {
        "filing_7d": say("立案审查期限"),
        "clue_check_7d": say("核查财产线索的期限"),
        "limitation_2y": say("申请执行时效"),
        "urging_end": say("督促期"),
        FAST_END: say("快执期限"),
        "enforcement_6m": say("执行期限"),
        "enforcement_3m": say("执行期限"),
        "zhongben_earliest": say("可以提出终本的日期"),
        "payout_30d": say("案款发放期限"),
        "pre_enforcement_5d": say("执前保全后申请执行的五日期限"),
        "preservation_renewal": say("申请续行保全的期限"),
        "preservation_expiry": say("保全期限"),
    }.get(one["kind"], "")
    said = str(say.pick(one["text"], one["text_en"]))
    return name if name and one["text"] == _TO_COMPLETE else said


def _note(one: Mapping[str, Any], say: Language) -> str:
    """Return what stands under a deadline; of the fast lane's (H14) also who moves the case when it is over."""
    told = say.pick(one["note"], one["note_en"])
    if one["kind"] != FAST_END:
        return told
    who = say("H14：届满仍未结案的转精办，由承办团队办理并报送；本页届时提示。")
    return f"{told} {who}".strip()


def nearness(days: int) -> Nearness:
    """Return how near a day is that is so many days away."""
    if days < 0:
        return "over"
    return "near" if days <= _NEAR_DAYS else "far"
