"""What later cases cost a prediction, case by case, and whether another can be told to cost less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from features.known import Array
from training.learning.watching import ByDay


@dataclass(frozen=True)
class Losses:
    """Log-loss of each case whose end is known, and what it weighs; that of a share is its cross-entropy."""

    each: Array
    weight: Array

    @classmethod
    def of(cls, chance: Array, found: ByDay) -> Self:
        """Return what `chance` loses on the cases of which `found` tells the end."""
        known = found.known
        p, event = np.clip(chance[known], 1e-12, 1.0 - 1e-12), found.event[known]
        return cls(-(event * np.log(p) + (1.0 - event) * np.log(1.0 - p)), found.weight[known])

    @property
    def mean(self) -> float:
        """Return the weighted mean."""
        return float(np.average(self.each, weights=self.weight))

    def told_below(self, other: Self, *, errors: float = 1.0) -> bool:
        """Return whether these are less than `other`'s on the same cases by more than so many standard errors."""
        gain = other.each - self.each
        mean = float(np.average(gain, weights=self.weight))
        error = float(np.sqrt(((self.weight * (gain - mean)) ** 2).sum()) / self.weight.sum())
        return mean > errors * error
