"""Which cases of the past are most like this one: those that end in the same leaves of the models' trees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from features.register import Stage
from models.estimators.boosters import Rows
from models.estimators.person_period import at_periods
from models.stage_models import HazardScore, ScoreModel, StageModels

Leaves = npt.NDArray[np.uint8]
"""Leaf of each tree, shape (n, trees); numbers above 255 begin anew, which makes two leaves of a big tree one."""

COMPARED: Mapping[Stage, tuple[str, ...]] = MappingProxyType(
    {Stage.A: ("willingness", "ability"), Stage.B: ("quick_close", "ability")}
)
"""The scores whose trees say what is alike: those that are explained to the judge."""


@dataclass(frozen=True)
class Near:
    """A case of the past by its place among those that were compared, and the share of trees that see no difference."""

    place: int
    alike: float


def leaves_of(models: StageModels, rows: Rows) -> Leaves:
    """Return the leaves in which each row ends, over all trees of the scores that are compared, shape (n, trees).

    A hazard's trees are asked about the interval in which its usual reading lies.
    """
    names = [name for name in COMPARED[models.stage] if name in models.scores] or list(models.scores)
    parts = [part for name in names for part in _parts(models.scores[name], rows)]
    return np.concatenate(parts, axis=1).astype(np.uint8)


def nearest(own: Leaves, others: Leaves, *, most: int) -> list[Near]:
    """Return the cases most alike, the most alike first; of equals the one that stands first in `others`.

    What became of a case has no part in it.
    """
    if not len(others):
        return []
    alike = np.count_nonzero(others == own.reshape(1, -1), axis=1)
    order = np.argsort(-alike, kind="stable")[:most]
    return [Near(int(place), float(alike[place]) / others.shape[1]) for place in order]


def _parts(score: ScoreModel, rows: Rows) -> list[npt.NDArray[np.int64]]:
    if isinstance(score, HazardScore):
        ends = np.asarray(score.model.grid)
        period = min(int(np.searchsorted(ends, score.readings[0].day)), len(ends) - 1)
        rows = at_periods(rows, period + 1)[period :: period + 1]
    return [booster.leaves(rows) for booster in score.boosters.values()]
