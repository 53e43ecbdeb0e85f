"""Where disputes come from (诉源治理): the cases of each applicant, or other kind, by month and year on year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.batches.settings import BatchSettings

Rows = npt.NDArray[np.int64]
YEAR = 12


@dataclass(frozen=True)
class Cell:
    """A count as it may be shown: the number, or None for a small one, which is shown as <5 and told to nobody."""

    count: int | None
    below: int

    def __str__(self) -> str:
        return f"<{self.below}" if self.count is None else str(self.count)


@dataclass(frozen=True, kw_only=True)
class Trend:
    """The cases of one kind, such as one applicant's: by month, and the latest against the same a year before.

    `kind` is a name, or the first part of the court's own join key, by which
    the court can find the applicant; `change` is a share (0.62 is 62 % more), None where either month is
    small, because the change would tell the small count.
    """

    kind: str
    months: tuple[str, ...]
    cells: tuple[Cell, ...]
    now: Cell
    before: Cell
    change: float | None


def trends(kind: Sequence[str | None], month: Rows, *, months: int, settings: BatchSettings) -> tuple[Trend, ...]:
    """Return the trends of every kind with a month that may be shown, the most cases of the latest month first.

    `month` counts months since year 0 (`12 * year + month - 1`); `months` is
    how many are shown, up to the latest there is. No totals are given: they
    would tell what is left out.
    """
    if not len(month):
        return ()
    latest = int(month.max())
    shown = range(latest - months + 1, latest + 1)
    counts: dict[str, Rows] = {}
    for name, when in zip(kind, month.tolist(), strict=True):
        if name is not None and latest - when < months + YEAR:
            counts.setdefault(name, np.zeros(months + YEAR, dtype=np.int64))[latest - when] += 1
    large = {name: back for name, back in counts.items() if back[:months].max() >= settings.small_cell}
    order = sorted(large, key=lambda name: (-int(large[name][0]), name))
    return tuple(_trend(large[name], name, shown, settings) for name in order)


def _trend(back: Rows, kind: str, shown: range, settings: BatchSettings) -> Trend:
    """Return one kind's trend; `back` counts cases by how many months ago they came."""
    cells = tuple(_cell(int(back[shown[-1] - month]), settings) for month in shown)
    now, before = int(back[0]), int(back[YEAR])
    told = min(now, before) >= settings.small_cell
    return Trend(
        kind=kind,
        months=tuple(f"{month // YEAR:04d}-{month % YEAR + 1:02d}" for month in shown),
        cells=cells,
        now=_cell(now, settings),
        before=_cell(before, settings),
        change=(now - before) / before if told else None,
    )


def _cell(count: int, settings: BatchSettings) -> Cell:
    """Return a count as it may be shown; none at all is no secret."""
    below = int(settings.small_cell)
    return Cell(None if 0 < count < below else count, below)
