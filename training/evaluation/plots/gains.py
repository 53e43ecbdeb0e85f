"""What a team of limited size gets when it takes the highest scores first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from features.known import Array
from training.evaluation.plots.drawing import FAINT, LINES, Words, figure, saved, say


@dataclass(frozen=True)
class Gains:
    """For each method the share of cases taken and of events caught; `capacity` is the share that a team can take."""

    lines: Sequence[tuple[Words, Array, Array]]
    capacity: float


def plot_gains(gains: Gains, *, title: Words, folder: Path, name: str) -> tuple[Path, ...]:
    """Draw events caught against cases taken, one line for each method, and the team's capacity."""
    drawn, axis = figure(height=4.6, width=6.4)
    axis.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
    axis.axvline(gains.capacity, color=FAINT, linewidth=1)
    for color, (words, taken, caught) in zip(LINES, gains.lines, strict=False):
        axis.plot(taken, caught, color=color, label=say(words), linewidth=1.4)
    capacity = f"{gains.capacity:.0%}"
    reach = Words(f"承办的案件（竖线：团队可办 {capacity}）", f"cases taken (line: the team's {capacity})")
    axis.set(xlim=(0, 1), ylim=(0, 1), xlabel=say(reach), ylabel=say(Words("其中发生的占全部", "events caught")))
    axis.set_title(say(title))
    axis.legend(fontsize=8, frameon=False, loc="lower right")
    return saved(drawn, folder, name)
