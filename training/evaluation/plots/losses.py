"""Where the mean squared distance of a score comes from: dishonest scores, less what its ranking explains."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.evaluation.plots.drawing import LINES, Words, figure, saved, say


def plot_losses(
    methods: Sequence[tuple[Words, tuple[float, ...]]],
    parts: Sequence[Words],
    *,
    title: Words,
    folder: Path,
    name: str,
) -> tuple[Path, ...]:
    """Draw the parts of each method's Brier score (of shares: mean squared error) side by side."""
    drawn, axis = figure(height=0.75 * len(methods) + 1.4, width=7.2)
    places = np.arange(len(methods), dtype=np.float64)[::-1]
    for number, (color, words) in enumerate(zip(LINES, parts, strict=False)):
        values = [found[number] for _, found in methods]
        bars = axis.barh(places + 0.26 - 0.26 * number, values, height=0.24, color=color, label=say(words))
        axis.bar_label(bars, fmt="%.3f", fontsize=7, padding=2)
    axis.set_yticks(places, [say(words) for words, _ in methods])
    adds = Words("Brier 分 = 失准部分 − 区分部分 + 固有不确定", "Brier = miscalibration − discrimination + uncertainty")
    axis.set(xlabel=say(adds), title=say(title))
    axis.margins(x=0.12)
    drawn.legend(fontsize=8, frameon=False, ncols=3, loc="outside lower center")
    return saved(drawn, folder, name)
