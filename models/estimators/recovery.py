"""How much of the claim comes in: the chance of anything, times the share given something."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.estimators.boosters import Array, Binned, Booster, BoosterSettings, Lesson, Rows
from models.estimators.hazard import sigmoid
from models.estimators.tree_paths import TreePaths


@dataclass(frozen=True)
class RecoveryModel:
    """Two-part model of the recovered share at a horizon.

    Most cases bring nothing, so one booster answers "anything at all?" and a
    second "how much of the claim, given something?". Both parts follow the
    declared pulls, so their product does.
    """

    any_booster: Booster
    share_booster: Booster

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
        some = share > 0
        whole = np.ones(len(share)) if weight is None else weight
        first = Binned(rows, settings=settings.at_scale(len(rows)))
        second = Binned(rows[some], settings=settings.at_scale(int(some.sum())))
        return cls(
            any_booster=first.learn(Lesson(label=some.astype(np.float64), weight=whole, pulls=pulls)),
            share_booster=second.learn(
                Lesson(label=share[some], weight=whole[some], objective="cross_entropy", pulls=pulls),
            ),
        )

    @cached_property
    def paths(self) -> tuple[TreePaths, TreePaths]:
        """Return the paths of both boosters, read when the first explanation asks for them."""
        return TreePaths.of(self.any_booster), TreePaths.of(self.share_booster)

    def anything(self, rows: Rows, *, threads: int = 1) -> Array:
        """Return the chance that anything is recovered by the horizon."""
        return sigmoid(self.any_booster.raw(rows, threads=threads))

    def share(self, rows: Rows, *, threads: int = 1) -> Array:
        """Return the expected recovered share of the claim by the horizon."""
        given = sigmoid(self.share_booster.raw(rows, threads=threads))
        return self.anything(rows, threads=threads) * given
