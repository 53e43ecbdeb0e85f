"""How much of the claim comes in by a horizon: one booster that takes shares for labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.estimators.boosters import Array, Binned, Booster, BoosterSettings, Lesson, Rows
from models.estimators.hazard import sigmoid
from models.estimators.line import Lines
from models.estimators.tree_paths import TreePaths


@dataclass(frozen=True)
class RecoveryModel:
    """The expected recovered share at a horizon.

    The cross-entropy of a share is least where the prediction is the expected
    share, whether most cases bring all or nothing. The declared pulls speak of
    that expected share, and the booster keeps them.
    """

    booster: Booster
    lines: Lines | None = None

    @classmethod
    def fit(
        cls,
        rows: Rows,
        share: Array,
        *,
        pulls: tuple[int, ...],
        settings: BoosterSettings,
        weight: Array | None = None,
    ) -> RecoveryModel:
        """Learn from cases whose horizon has passed; `share` lies in [0, 1].

        Raises
        ------
        ValueError
            A share is missing or outside [0, 1], or no case recovered anything.
        """
        if not ((share >= 0) & (share <= 1)).all() or not (share > 0).any():
            found = (float(np.min(share, initial=0)), float(np.max(share, initial=0)))
            msg = f"到位率须在 0 至 1 之间且不全为 0，收到 {found} / shares lie in [0, 1], not all 0; got {found}"
            raise ValueError(msg)
        lesson = Lesson(label=share, weight=weight, objective="cross_entropy", pulls=pulls)
        return cls(booster=Binned(rows, settings=settings.at_scale(len(rows))).learn(lesson))

    @cached_property
    def paths(self) -> TreePaths:
        """Return the paths of the booster, read when the first explanation asks for them."""
        return TreePaths.of(self.booster)

    def share(self, rows: Rows, *, threads: int = 1) -> Array:
        """Return the expected recovered share of the claim by the horizon."""
        return sigmoid(self.scores(rows, threads=threads))

    def scores(self, rows: Rows, *, threads: int = 1) -> Array:
        """Return the log-odds of the expected share, shape (n,)."""
        raw = self.booster.raw(rows, threads=threads)
        return raw if self.lines is None else self.lines.beside(raw[:, None, None], rows)[:, 0, 0]
