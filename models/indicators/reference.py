"""The court's own reference interval (合理区间) of an indicator, and where a figure stands beside it, in a word."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SMALL_BASE: Final = 30
"""Below this many cases a share says little: counts are shown, and no percentage."""


class Standing(StrEnum):
    """Where a figure stands beside the reference; no word of rank, and none of praise."""

    INSIDE = "inside"
    BETTER = "better"
    OUTSIDE = "outside"
    NO_REFERENCE = "no_reference"
    NO_FIGURE = "no_figure"


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, both included; an open side is infinite."""

    low: float
    high: float


def standing(value: float, interval: Interval | None, *, more_is_better: bool, base: float) -> Standing:
    """Return where a figure stands; no word where the base is small or there is no figure."""
    if math.isnan(value) or base < SMALL_BASE:
        return Standing.NO_FIGURE
    if interval is None:
        return Standing.NO_REFERENCE
    if interval.low <= value <= interval.high:
        return Standing.INSIDE
    return Standing.BETTER if (value > interval.high) == more_is_better else Standing.OUTSIDE
