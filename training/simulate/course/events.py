"""What the court recorded of each case's course: events with amounts, each with the moment of recording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.events import CLOSE_MODES, EVENT_KINDS
from features.known import Array
from training.simulate.record.draws import Flags, Rng, Rows

SOURCES = ("voluntary", "deduction", "auction", "guarantor")
MINUTE = 1.0 / 1440.0


@dataclass(frozen=True)
class Events:
    """Events of one court: case row, instants, kind, amount in yuan, source and closing mode (-1 for none)."""

    row: Rows
    at: Array
    recorded_at: Array
    kind: Rows
    amount: Array
    source: Rows
    mode: Rows


class Log:
    """Collects events until they are recorded and sorted."""

    def __init__(self) -> None:
        self._parts: list[tuple[Array, ...]] = []

    def add(
        self,
        kind: str,
        rows: Rows,
        at: Array,
        *,
        amount: Array | None = None,
        source: str = "",
        mode: Rows | None = None,
    ) -> None:
        """Add one event of a kind for each of these rows, where its instant is finite."""
        n = len(rows)
        keep = np.isfinite(at)
        columns = (
            rows.astype(np.float64),
            at,
            np.full(n, EVENT_KINDS.index(kind), dtype=np.float64),
            np.full(n, np.nan) if amount is None else np.round(amount, 2),
            np.full(n, SOURCES.index(source) if source else -1, dtype=np.float64),
            np.full(n, -1.0) if mode is None else mode.astype(np.float64),
        )
        self._parts.append(tuple(column[keep] for column in columns))

    def recorded(self, rng: Rng, *, until: float) -> Events:
        """Return the events that happened and were recorded before `until`, sorted by case and time.

        Most are recorded the same day, some days later; a query, a filing and a
        start of urging are made in the system itself.
        """
        row, at, kind, amount, source, mode = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        own = np.isin(kind, [EVENT_KINDS.index(name) for name in ("file", "query", "urge_start", "convert")])
        late = ~own & (rng.random(len(row)) < 0.08)
        delay = np.where(own, 0.0, rng.exponential(0.08, len(row))) + np.where(
            late, rng.exponential(6.0, len(row)), 0.0
        )
        recorded = at + delay
        order = np.lexsort((kind, at, row))
        order = order[(recorded < until)[order]]
        whole = (values[order].astype(np.int64) for values in (row, kind, source, mode))
        row_, kind_, source_, mode_ = whole
        return Events(row_, at[order], recorded[order], kind_, amount[order], source_, mode_)


def close_modes(rng: Rng, n: int, paid: Flags) -> Rows:
    """Return how cases end that are neither fully performed nor 终本; with money paid it is a termination."""
    names = ("terminated", "cancelled", "not_enforced", "dismissed", "other")
    drawn = rng.choice(np.array([CLOSE_MODES.index(name) for name in names]), n, p=[0.56, 0.22, 0.06, 0.06, 0.10])
    return np.where(paid, CLOSE_MODES.index("terminated"), drawn)
