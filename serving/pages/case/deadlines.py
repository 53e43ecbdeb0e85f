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
    return DeadlineLine(
        text=say.pick(one["text"], one["text_en"]),
        day=formats.day(due, say),
        left=say("未知，请补正") if due is None else formats.left(due, today, say),
        nearness="unknown" if due is None else nearness((due - today).days),
        basis=one["basis"],
        note=say.pick(one["note"], one["note_en"]),
    )


def nearness(days: int) -> Nearness:
    """Return how near a day is that is so many days away."""
    if days < 0:
        return "over"
    return "near" if days <= _NEAR_DAYS else "far"
