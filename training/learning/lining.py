"""Whether lines stand beside the trees of a score, and how much they count: as far as later cases bear it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from features.known import Array
from models.estimators.boosters import Rows
from models.estimators.line import Lines
from models.estimators.line_fit import Learned
from training.learning.labels import Outcomes
from training.learning.losses import Losses
from training.learning.watching import ByDay

SHARES = (0.0, 0.25, 0.5, 0.75)
"""Shares of the lines that are tried; trees always keep a part, because some facts count only together."""

Read = Callable[[Array], Array]
"""Returns each case's chance, or expected share, of log-odds of shape (n, causes, periods)."""

Learn = Callable[[Outcomes, tuple[float, ...] | None], Learned]


@dataclass(frozen=True)
class Lining:
    """The share at which lines and trees together answered later cases best, and how strongly slopes were held."""

    share: float
    holds: tuple[float, ...]

    @classmethod
    def none(cls) -> Self:
        """Return that trees stand alone."""
        return cls(0.0, ())

    @classmethod
    def of(cls, trees: Array, learned: Learned | None, rows: Rows, *, read: Read, found: ByDay) -> tuple[Array, Self]:
        """Return the log-odds of trees and lines together, and their share, of which later cases bear out most.

        `trees` are the log-odds of the later cases whose `rows` are given, and
        `found` says what came of them. Where no lines were learned, trees stand alone.
        """
        if learned is None:
            return trees, cls.none()
        lines = learned.lines.of(rows, trees.shape[2])
        share = min(SHARES, key=lambda tried: Losses.of(read((1.0 - tried) * trees + tried * lines), found).mean)
        return (1.0 - share) * trees + share * lines, cls(share, learned.holds)

    def beside(self, learn: Learn, cases: Outcomes) -> Lines | None:
        """Learn the lines that are kept, held as in the first fit; None where trees do better alone."""
        return replace(learn(cases, self.holds).lines, share=self.share) if self.share else None
