"""Cases that neither of two bundles has learned from: only on those may they be held against each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from features.register import Stage
from training.config import Settings
from training.history import History
from training.learning.labels import Outcomes, outcomes
from training.learning.split import Periods

Flags = npt.NDArray[np.bool_]


def unseen(
    history: History, stage: Stage, name: str, *, at: Sequence[Periods], settings: Settings
) -> tuple[Outcomes, int]:
    """Return the finished cases that entered after both calibrations, and how many twins were left out.

    A case counts once its follow-up reaches the last reading day. Those are left
    out whose debtor or batch one of the bundles has met.
    """
    target = settings.targets[stage][name]
    found = outcomes(history, name, stage=stage, target=target, settings=settings.labels)
    since = max(periods.test_from for periods in at)
    ripe = (found.entered_at >= since) & (found.followed >= target.horizon)
    met = np.logical_or.reduce([_met(found, periods) for periods in at])
    return found.where(ripe & ~met), int((ripe & met).sum())


def _met(found: Outcomes, periods: Periods) -> Flags:
    return np.asarray(np.isin(found.group, found.group[found.entered_at < periods.test_from]))
