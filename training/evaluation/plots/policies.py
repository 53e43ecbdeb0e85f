"""Policies side by side: figures with intervals, shares of lanes, and queues over a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.known import Array
from training.evaluation.measures import Estimate
from training.evaluation.plots.drawing import ACCENT, FAINT, INK, LINES, Words, figure, grid, saved, say

STYLES = ("-", "--", "-.", ":")


@dataclass(frozen=True)
class Panel:
    """One figure of every policy: its words and the estimates in the order of the policies."""

    title: Words
    estimates: Sequence[Estimate]


def plot_figures(
    policies: Sequence[Words], panels: Sequence[Panel], *, title: Words, folder: Path, name: str
) -> tuple[Path, ...]:
    """Draw one panel for each figure: a point a policy, with its interval."""
    columns = 3
    rows = -(-len(panels) // columns)
    drawn, axes = grid(rows, columns, height=(0.26 * len(policies) + 1.3) * rows, width=12.0)
    places = np.arange(len(policies), dtype=np.float64)[::-1]
    for number, axis in enumerate(axes.flat):
        if number >= len(panels):
            axis.set_visible(False)
            continue
        _points(axis, panels[number], places)
        labels = [say(words) for words in policies] if number % columns == 0 else [""] * len(policies)
        axis.set_yticks(places, labels, fontsize=7)
        axis.set_title(say(panels[number].title), fontsize=8, color=INK)
    drawn.suptitle(say(title), fontsize=10)
    return saved(drawn, folder, name)


def _points(axis: object, panel: Panel, places: Array) -> None:
    value = np.array([one.value for one in panel.estimates])
    low = np.array([one.value - one.lower for one in panel.estimates])
    high = np.array([one.upper - one.value for one in panel.estimates])
    spread = np.nan_to_num(np.stack([low, high]))
    axis.errorbar(value, places, xerr=spread, fmt="o", color=ACCENT, ecolor=FAINT, capsize=2, markersize=4)  # type: ignore[attr-defined]
    axis.grid(axis="x", color=FAINT, alpha=0.3)  # type: ignore[attr-defined]
    axis.tick_params(axis="x", labelsize=7)  # type: ignore[attr-defined]


def plot_shares(
    policies: Sequence[Words], parts: Mapping[str, tuple[Words, Array]], *, title: Words, folder: Path, name: str
) -> tuple[Path, ...]:
    """Draw how each policy divides the cases, as bars that add up to the whole."""
    drawn, axis = figure(height=0.3 * len(policies) + 1.6, width=9.0)
    places, left = np.arange(len(policies))[::-1], np.zeros(len(policies))
    for color, (words, share) in zip(LINES, parts.values(), strict=False):
        axis.barh(places, share, left=left, color=color, label=say(words), height=0.7)
        left = left + share
    axis.set_yticks(places, [say(words) for words in policies], fontsize=7)
    axis.set(xlim=(0, 1), title=say(title))
    axis.legend(ncols=len(parts), fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.06), frameon=False)
    return saved(drawn, folder, name)


def plot_weeks(
    lines: Mapping[str, tuple[Words, Array]], *, title: Words, axis_words: tuple[Words, Words], folder: Path, name: str
) -> tuple[Path, ...]:
    """Draw one line for each policy over the weeks of a year."""
    drawn, axis = figure(height=4.6, width=9.0)
    for number, (words, values) in enumerate(lines.values()):
        style = STYLES[number // len(LINES) % len(STYLES)]
        axis.plot(np.arange(1, len(values) + 1), values, style, color=LINES[number % len(LINES)], label=say(words))
    axis.set(xlabel=say(axis_words[0]), ylabel=say(axis_words[1]), title=say(title), ylim=(0, None))
    axis.legend(fontsize=7, frameon=False, ncols=2)
    return saved(drawn, folder, name)
