"""Twelve months of one figure as a small line with its table; a month without a figure is a gap, never nought."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.indicators import SMALL_BASE, Indicator
from serving.pages.indicators.numbers import NONE, base_of, named, shown, value_of, written
from serving.pages.language import Language

WIDTH: Final = 220.0
HEIGHT: Final = 48.0
_MARGIN: Final = 5.0

Months = Sequence[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure over twelve months: pieces of the line, its last point, and its numbers in words and in cells."""

    id: str
    name: str
    pieces: tuple[str, ...]
    last_x: str
    last_y: str
    last: str
    range: str
    cells: tuple[str, ...]

    @property
    def drawn(self) -> bool:
        """Whether any month has a figure."""
        return bool(self.pieces)


def line(one: Indicator, months: Months, say: Language) -> Line:
    """Return the line of an indicator; months of fewer than thirty cases are in the table and not on the line."""
    values = [value_of(found.get(one.id)) if base_of(one, found) >= SMALL_BASE else math.nan for _, found in months]
    known = [value for value in values if not math.isnan(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    points = [_point(place, value, (low, high), len(values)) for place, value in enumerate(values)]
    drawn = [point for point in points if point is not None]
    last = drawn[-1] if drawn else (0.0, 0.0)
    return Line(
        id=one.id,
        name=named(one, say),
        pieces=tuple(_pieces(points)),
        last_x=f"{last[0]:.1f}",
        last_y=f"{last[1]:.1f}",
        last=written(known[-1], one.unit) if known else NONE,
        range=say("{low} 至 {high}", low=written(low, one.unit), high=written(high, one.unit)) if known else "",
        cells=tuple(shown(one, found, say) for _, found in months),
    )


Point = tuple[float, float]


def _point(place: int, value: float, ends: tuple[float, float], many: int) -> Point | None:
    if math.isnan(value):
        return None
    low, high = ends
    part = 0.5 if high == low else (value - low) / (high - low)
    across = _MARGIN + place / max(many - 1, 1) * (WIDTH - 2 * _MARGIN)
    return across, HEIGHT - _MARGIN - part * (HEIGHT - 2 * _MARGIN)


def _pieces(points: Sequence[Point | None]) -> list[str]:
    """Return the points as pieces of a line; a single point becomes a short dash, so that it shows."""
    pieces: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(point)
    found = [piece if len(piece) > 1 else [piece[0], (piece[0][0] + 1.0, piece[0][1])] for piece in pieces if piece]
    return [" ".join(f"{x:.1f},{y:.1f}" for x, y in piece) for piece in found]
