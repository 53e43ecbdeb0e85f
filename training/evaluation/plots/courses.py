"""How models of different ages went on: one line for each, over the periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.evaluation.plots.drawing import LINES, Words, figure, saved, say


@dataclass(frozen=True)
class Line:
    """One line: what it is called, and its value by period."""

    words: Words
    values: Mapping[str, float]


def plot_courses(lines: Sequence[Line], *, title: Words, folder: Path, name: str) -> tuple[Path, ...]:
    """Draw a loss over the periods, each line from the period in which it begins."""
    drawn, axis = figure(height=4.2, width=8.0)
    periods = sorted({period for line in lines for period in line.values})
    for number, line in enumerate(lines):
        places = [periods.index(period) for period in line.values]
        style, color = ("--", LINES[-1]) if number == len(lines) - 1 else ("o-", LINES[number % (len(LINES) - 1)])
        axis.plot(places, list(line.values.values()), style, color=color, label=say(line.words), markersize=4)
    axis.set_xticks(range(len(periods)), periods, fontsize=8)
    axis.set(xlabel=say(Words("测试期首日", "first day of the period")), ylabel=say(Words("损失", "loss")))
    axis.set_title(say(title))
    axis.legend(fontsize=7, frameon=False)
    return saved(drawn, folder, name)
