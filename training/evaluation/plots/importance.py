"""What a score looks at: how far each feature moves it on average."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from features.known import Array
from training.evaluation.plots.drawing import ACCENT, Words, chinese_font, figure, saved, say


def plot_importance(
    labels: Sequence[Words], importance: Array, *, title: Words, folder: Path, name: str, most: int = 20
) -> tuple[Path, ...]:
    """Draw how far each feature moves the score on average, the most important first."""
    order = np.argsort(importance, kind="stable")[-most:]
    drawn, axis = figure(height=0.34 * len(order) + 1.2, width=9.0)
    axis.barh(range(len(order)), importance[order], color=ACCENT)
    axis.set_yticks(range(len(order)), [_wrapped(labels[i]) for i in order], fontsize=7)
    moves = Words("平均影响（对数几率）", "mean effect (log-odds)")
    axis.set(xlabel=say(moves), title=say(title))
    return saved(drawn, folder, name)


def _wrapped(words: Words) -> str:
    return "\n".join(textwrap.wrap(say(words), width=30 if chinese_font() else 52))
