"""What can happen to a case: the kinds of events, and the ways in which a case is closed."""

from __future__ import annotations

from typing import Final

EVENT_KINDS: Final = (
    "urge_start", "contact", "promise", "payment", "deduction", "auction", "settle", "settle_default", "convert",
    "withdraw", "file", "query", "to_complex", "clue", "zhongben", "resume", "close",
)  # fmt: skip
MONEY: Final = ("payment", "deduction", "auction")
"""Kinds of events that bring money, and so say how much."""

CLOSE_MODES: Final = ("full", "zhongben", "terminated", "not_enforced", "dismissed", "cancelled", "other")
