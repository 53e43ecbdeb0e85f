"""Does a model wear out: its loss in each later quarter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.evaluation.measures import Estimate
from training.evaluation.plots.drawing import ACCENT, FAINT, Words, figure, saved, say


def plot_ageing(
    course: Sequence[tuple[str, Estimate]], measure: Words, *, title: Words, folder: Path, name: str
) -> tuple[Path, ...]:
    """Draw a measure quarter by quarter with its 95 % interval; quarters with too few cases are left out."""
    drawn, axis = figure(height=3.6, width=7.2)
    value = np.array([one.value for _, one in course])
    spread = np.array([[one.value - one.lower, one.upper - one.value] for _, one in course]).reshape(-1, 2).T
    if len(value):
        axis.errorbar(range(len(value)), value, yerr=np.nan_to_num(spread), fmt="o-", color=ACCENT, ecolor=FAINT)
    axis.set_xticks(range(len(value)), [quarter for quarter, _ in course])
    axis.set(ylabel=say(measure), xlabel=say(Words("收案（查控）季度", "quarter of entry")), title=say(title))
    return saved(drawn, folder, name)
