"""Is a score honest: predicted against observed frequency at each reading day, and how the scores are spread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from features.known import Array
from training.evaluation.measures import Judged
from training.evaluation.plots.drawing import ACCENT, FAINT, Words, grid, saved, say

GROUPS = 10


def plot_calibration(
    panels: Sequence[tuple[Words, Judged]], *, title: Words, folder: Path, name: str
) -> tuple[Path, ...]:
    """Draw one panel a reading day: ten groups of equal size with intervals, the scores' distribution below."""
    drawn, axes = grid(2, len(panels), height=5.4, width=max(6.4, 4.2 * len(panels)))
    for number, (words, judged) in enumerate(panels):
        upper, lower = axes[0, number], axes[1, number]
        predicted, observed, half = _groups(judged)
        upper.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
        upper.errorbar(predicted, observed, yerr=half, fmt="o-", color=ACCENT, ecolor=FAINT, capsize=2)
        upper.set(xlim=(0, 1), ylim=(0, 1), title=say(words))
        lower.hist(judged.score[judged.weight > 0], bins=np.linspace(0, 1, 41), color=ACCENT)
        lower.set(xlim=(0, 1), xlabel=say(Words("预测的可能性", "predicted chance")))
    axes[0, 0].set_ylabel(say(Words("实际发生的比例", "observed frequency")))
    axes[1, 0].set_ylabel(say(Words("件数", "cases")))
    drawn.suptitle(say(title))
    return saved(drawn, folder, name)


def _groups(judged: Judged) -> tuple[Array, Array, Array]:
    """Return mean score, observed frequency and half the 95 % interval of each group."""
    seen = judged.weight > 0
    score, outcome, weight = judged.score[seen], judged.outcome[seen], judged.weight[seen]
    parts = [part for part in np.array_split(np.argsort(score, kind="stable"), GROUPS) if len(part)]
    predicted = np.array([np.average(score[part], weights=weight[part]) for part in parts])
    observed = np.array([np.average(outcome[part], weights=weight[part]) for part in parts])
    size = np.array([len(part) for part in parts])
    half = 1.96 * np.sqrt(np.clip(observed * (1 - observed), 0.0, None) / size)
    return predicted, observed, half
