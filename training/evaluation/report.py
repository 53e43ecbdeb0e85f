"""What an evaluation leaves: every score beside its baselines, at each reading day, in parts, and held to gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from features.known import Array
from features.register import Stage
from models.evidence import FORMAT, Bin, Group
from models.promotion.gates import FENLIU, GateResult
from training.evaluation.measures import Estimate, Judged, Table
from training.evaluation.parts.slices import Slice
from training.learning.split import Periods

Estimates = Mapping[str, Estimate]


@dataclass(frozen=True)
class ReadingReport:
    """A score as read at one day: the estimates of ours and of the constant, and the cases behind them."""

    day: float
    table: Table
    judged: Judged


@dataclass(frozen=True)
class ScoreReport:
    """Everything measured of one score on the test period.

    `table` holds the estimates by method and measure, `figures` single numbers
    (base rate, mean score, explained share, ...), `readings` the other days at
    which the curve is read, `slices` the same measures in parts of the test
    period, `bins` the groups of near chances, `groups` the kinds of people with
    what was decided about them. `judged` keeps the scores and outcomes of every method for plots,
    `importance` the mean size of each feature's contribution in log-odds.
    """

    stage: Stage
    name: str
    day: float
    sizes: Mapping[str, int]
    table: Table
    figures: Mapping[str, float]
    readings: tuple[ReadingReport, ...]
    slices: tuple[Slice, ...]
    bins: tuple[Bin, ...]
    groups: tuple[Group, ...]
    judged: Mapping[str, Judged]
    importance: Array

    @property
    def own(self) -> Judged:
        """Our own scores with what came of the cases."""
        return self.judged[FENLIU]


@dataclass(frozen=True)
class Evaluation:
    """Reports of all scores of a bundle, and the gates held against them."""

    reports: Mapping[str, ScoreReport]
    gates: tuple[GateResult, ...]
    periods: Periods
    simulated: bool

    @property
    def passed(self) -> bool:
        """Whether no gate failed."""
        return all(result.passed for result in self.gates)

    def document(self) -> dict[str, object]:
        """Return plain values, to be kept and to be shown to programs; figures on simulated data say so."""
        return {
            "format": FORMAT,
            "simulated": self.simulated,
            "data": "模拟 / simulated" if self.simulated else "实际 / real",
            "periods": self.periods.dates(),
            "passed": self.passed,
            "gates": [asdict(result) for result in self.gates],
            "scores": {name: _document(report, simulated=self.simulated) for name, report in self.reports.items()},
        }


def _document(report: ScoreReport, *, simulated: bool) -> dict[str, object]:
    return {
        "data": "模拟 / simulated" if simulated else "实际 / real",
        "day": report.day,
        "sizes": dict(report.sizes),
        "figures": _finite(report.figures),
        "methods": _plain_table(report.table),
        "readings": [{"day": one.day, "methods": _plain_table(one.table)} for one in report.readings],
        "slices": [_plain_slice(part) for part in report.slices],
        "bins": [asdict(part) for part in report.bins],
        "groups": [asdict(part) for part in report.groups],
    }


def _plain_slice(part: Slice) -> dict[str, object]:
    told: dict[str, object] = {"bias": str(part.bias), "fairness": part.fairness, "estimates": _plain(part.estimates)}
    if part.bins is not None:
        told["bins"] = [asdict(one) for one in part.bins]
    return {"by": part.by, "part": part.part, "n": part.n, "few": part.few, **told}


def _plain_table(table: Table) -> dict[str, object]:
    return {method: _plain(estimates) for method, estimates in table.items()}


def _plain(estimates: Estimates) -> dict[str, object]:
    return {name: _finite(asdict(estimate)) for name, estimate in estimates.items()}


def _finite(figures: Mapping[str, float]) -> dict[str, object]:
    """Return figures as JSON holds them: one that cannot be worked out is null."""
    return {name: value if np.isfinite(value) else None for name, value in figures.items()}
