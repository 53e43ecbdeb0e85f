"""Pictures of an evaluation: honesty by reading day, ageing, lift, the parts of the loss, and what scores look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from features.catalogue import catalogue
from models.bundle import Bundle
from models.promotion.gates import FENLIU
from training.console import Console
from training.evaluation.measures import MEASURES, Estimate
from training.evaluation.parts.slices import Slice
from training.evaluation.plots import (
    Gains,
    Words,
    plot_ageing,
    plot_calibration,
    plot_gains,
    plot_importance,
    plot_losses,
)
from training.evaluation.report import Evaluation, ScoreReport
from training.evaluation.showing.words import METHODS, score_words
from training.evaluation.wider import gains

AGED = ("log_loss", "mse")
"""The measure whose course over the quarters is drawn, for chances and for shares."""

PARTED = ("fenliu", "amount", "linear", "lightgbm", "oracle")
"""Methods whose lift and loss are drawn side by side; the constant gains nothing."""


@dataclass(frozen=True)
class Drawing:
    """What all pictures of an evaluation share: the bundle, the share of cases a team can take, and where they go."""

    bundle: Bundle
    capacity: float
    folder: Path


def draw(evaluation: Evaluation, drawing: Drawing, *, console: Console) -> list[Path]:
    """Draw every score of the evaluation, each picture as SVG and PNG."""
    mark = Words("（模拟）", " (simulated)") if evaluation.simulated else Words("", "")
    paths: list[Path] = []
    with console.step("绘图", "drawing", total=len(evaluation.reports)) as advance:
        for label, report in evaluation.reports.items():
            words = score_words(report.name)
            title = Words(f"{words.zh} {label}{mark.zh}", f"{words.en} {label}{mark.en}")
            for kind, made in _KINDS.items():
                paths += made(report, drawing, title, f"{label}.{kind}")
            advance()
    return paths


def _calibration(report: ScoreReport, drawing: Drawing, title: Words, name: str) -> tuple[Path, ...]:
    days = {report.day: report.own, **{one.day: one.judged for one in report.readings}}
    panels = [(Words(f"第 {day:g} 日", f"day {day:g}"), days[day]) for day in sorted(days)]
    return plot_calibration(panels, title=title, folder=drawing.folder, name=name)


def _ageing(report: ScoreReport, drawing: Drawing, title: Words, name: str) -> tuple[Path, ...]:
    measure = next(one for one in AGED if one in report.table[FENLIU])
    quarters = [part for part in report.slices if part.by == "quarter" and measure in part.estimates]
    course: list[tuple[str, Estimate]] = [(part.part, part.estimates[measure]) for part in _in_time(quarters)]
    named = MEASURES[measure]
    return plot_ageing(course, Words(named.zh, named.en), title=title, folder=drawing.folder, name=name)


def _lift(report: ScoreReport, drawing: Drawing, title: Words, name: str) -> tuple[Path, ...]:
    lines = [(METHODS[one], *gains(report.judged[one])) for one in PARTED if one in report.judged]
    asked = Gains(lines, drawing.capacity)
    return plot_gains(asked, title=title, folder=drawing.folder, name=name)


def _losses(report: ScoreReport, drawing: Drawing, title: Words, name: str) -> tuple[Path, ...]:
    parts = ("miscalibration", "discrimination", "uncertainty")
    chosen = [one for one in PARTED if one in report.table]
    found = [(METHODS[one], tuple(report.table[one][part].value for part in parts)) for one in chosen]
    names = [Words(MEASURES[part].zh, MEASURES[part].en) for part in parts]
    return plot_losses(found, names, title=title, folder=drawing.folder, name=name)


def _importance(report: ScoreReport, drawing: Drawing, title: Words, name: str) -> tuple[Path, ...]:
    models = drawing.bundle.stages[report.stage]
    chosen = {one.name for one in models.features}
    features = [one for one in catalogue(report.stage, drawing.bundle.extensions) if one.name in chosen]
    labels = [Words(feature.zh, feature.en) for feature in features]
    return plot_importance(labels, report.importance, title=title, folder=drawing.folder, name=name)


def _in_time(parts: list[Slice]) -> list[Slice]:
    return sorted(parts, key=lambda part: part.part)


_KINDS: dict[str, Callable[[ScoreReport, Drawing, Words, str], tuple[Path, ...]]] = {
    "calibration": _calibration,
    "ageing": _ageing,
    "lift": _lift,
    "losses": _losses,
    "importance": _importance,
}
