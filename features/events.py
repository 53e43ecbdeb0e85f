"""What can happen to a case: the kinds of events, and the ways in which a case is closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

EVENT_KINDS: Final = (
    "urge_start", "contact", "promise", "payment", "deduction", "auction", "settle", "settle_default", "convert",
    "withdraw", "file", "query", "to_complex", "clue", "zhongben", "resume", "close",
)  # fmt: skip
MONEY: Final = ("payment", "deduction", "auction")
"""Kinds of events that bring money, and so say how much."""

CLOSE_MODES: Final = ("full", "zhongben", "terminated", "not_enforced", "dismissed", "cancelled", "other")


def told_once(events: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield recorded events in the order of their recording, without those that an earlier report told already."""
    most: Counter[object] = Counter()
    told: Counter[object] = Counter()
    for event in events:
        what = (datetime.fromisoformat(event["at"]), *(event[name] for name in ("kind", "amount", "source", "mode")))
        told[event.get("receipt_id"), what] += 1
        if told[event.get("receipt_id"), what] > most[what]:
            most[what] += 1
            yield event
