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


@dataclass(frozen=True)
class RecoveryLessons:
    """Rows binned once, with the share that each brought: any number of models can learn from them."""

    binned: Binned
    share: Array

    @classmethod
    def of(cls, rows: Rows, share: Array, *, settings: BoosterSettings) -> RecoveryLessons:
        """Bin cases whose horizon has passed; `share` lies in [0, 1].

        Raises
        ------
        ValueError
            A share is missing or outside [0, 1], or no case recovered anything.
        """
        if not ((share >= 0) & (share <= 1)).all() or not (share > 0).any():
            found = (float(np.min(share, initial=0)), float(np.max(share, initial=0)))
            msg = f"到位率须在 0 至 1 之间且不全为 0，收到 {found} / shares lie in [0, 1], not all 0; got {found}"
            raise ValueError(msg)
        return cls(Binned(rows, settings=settings), share)

    def learn(self, pulls: tuple[int, ...], settings: BoosterSettings) -> RecoveryModel:
        """Learn a model that keeps the pulls, +1, 0 or -1 for each feature."""
        lesson = Lesson(label=self.share, objective="cross_entropy", pulls=pulls)
        return RecoveryModel(booster=self.binned.learn(lesson, settings=settings.at_scale(len(self.share))))
