"""The strip beside a figure: where it lies, last year's, and the court's interval; decoration, the word says it all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from models.indicators import Interval, Unit

WIDTH: Final = 160.0
_MARGIN: Final = 6.0


@dataclass(frozen=True, kw_only=True)
class Strip:
    """Places on a strip of 160 by 16; a place that is not known is absent."""

    here: str
    before: str
    interval: bool
    low: str
    span: str

    @property
    def known(self) -> bool:
        """Whether there is anything to draw."""
        return self.here != ""


def strip(value: float, before: float, interval: Interval | None, unit: Unit) -> Strip:
    """Return the strip of a figure: shares from 0 to 100 %, days from 0 to somewhat above the largest of them."""
    ends = [] if interval is None else [end for end in (interval.low, interval.high) if math.isfinite(end)]
    largest = max([one for one in (value, before, *ends) if math.isfinite(one)], default=1.0)
    scale = 1.0 if unit is Unit.SHARE else max(largest * 1.25, 1.0)
    low = 0.0 if interval is None or math.isinf(interval.low) else interval.low
    high = scale if interval is None or math.isinf(interval.high) else interval.high
    left, right = _place(low, scale), _place(high, scale)
    return Strip(
        here="" if math.isnan(value) else f"{_place(value, scale):.1f}",
        before="" if math.isnan(before) else f"{_place(before, scale):.1f}",
        interval=interval is not None,
        low=f"{left:.1f}",
        span=f"{max(right - left, 1.0):.1f}",
    )


def _place(value: float, scale: float) -> float:
    return _MARGIN + min(max(value / scale, 0.0), 1.0) * (WIDTH - 2 * _MARGIN)
