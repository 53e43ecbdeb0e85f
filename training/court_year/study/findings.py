"""What a study found: runs gathered, compared with the amount rule and the oracle, and held against late filing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from models.indicators import Indicator, indicators
from models.rules.rule import Text
from training.court_year.measures.comparison import (
    Delay,
    Paired,
    Results,
    delays,
    gain_share,
    mean_over_seeds,
    paired,
)
from training.court_year.study.plan import ORACLE, REFERENCE, StudyPlan
from training.court_year.study.work import read_teams, result_path
from training.evaluation.measures import Estimate

VALUE = "value"
"""Name of what an application was worth among the figures."""

LESS_IS_BETTER = frozenset({"days", "hours", "failed_urging"})
"""Parts of what an application was worth that count against it."""

Figures = Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Findings:
    """The runs of a study: figures by policy and seed, promptly filed and held back, and words for every policy."""

    plan: StudyPlan
    words: Mapping[str, Text]
    prices: Mapping[str, float]
    prompt: Mapping[str, Mapping[int, Figures]]
    late: Mapping[str, Mapping[int, Figures]]
    indicators: Sequence[Indicator] = field(default_factory=indicators)

    @classmethod
    def read(cls, folder: Path) -> Findings:
        """Gather the figures that a study has kept; missing runs are left out."""
        plan = StudyPlan.read(folder)
        teams = {name: read_teams(folder, name) for name in plan.policies}
        return cls(
            plan=plan,
            words={name: Text(str(told["zh"]), str(told["en"])) for name, told in teams.items()},
            prices={name: float(str(told["price"])) for name, told in teams.items()},
            prompt={name: _kept(folder, name, range(plan.seeds), 0.0) for name in plan.policies},
            late={name: _kept(folder, name, range(plan.late_seeds), plan.late_days) for name in plan.policies},
        )

    @cached_property
    def figures(self) -> Results:
        """Indicators and parts of the utility by policy, seed and name."""
        return {name: {seed: _plain(one) for seed, one in runs.items()} for name, runs in self.prompt.items()}

    def beside(self, policy: str, name: str) -> Paired:
        """Return one figure of a policy, and its difference from the amount rule on the same seeds."""
        return paired(self.figures, policy, REFERENCE if REFERENCE in self.figures else policy, name)

    def share(self, policy: str, name: str) -> Estimate:
        """Return what part of the oracle's gain over the amount rule a policy reaches in one figure.

        NaN where the oracle gains nothing: a part of a loss would read like a gain.
        """
        if not {ORACLE, REFERENCE} <= set(self.figures) or not self._gains(name):
            return Estimate(float("nan"), float("nan"), float("nan"))
        return gain_share(self.figures, policy, best=ORACLE, reference=REFERENCE, name=name)

    def _gains(self, name: str) -> bool:
        """Whether the oracle is better than the amount rule in a figure, whichever direction is better."""
        improve = {one.key: one.better_by for one in self.indicators}.get(name)
        change = self.beside(ORACLE, name).difference.value
        return (improve(change) if improve else -change if name in LESS_IS_BETTER else change) > 0

    @cached_property
    def late_filing(self) -> Sequence[Delay]:
        """What holding filing back did to every indicator of every policy."""
        better = {one.key: one.better_by for one in self.indicators}
        held = {name: {seed: _plain(one) for seed, one in runs.items()} for name, runs in self.late.items()}
        return delays(self.figures, held, better)

    @property
    def gained_by_delay(self) -> Sequence[Delay]:
        """Reported indicators that late filing improved: there must be none."""
        reported = {one.key for one in self.indicators if one.reported}
        return [one for one in self.late_filing if one.gains and one.name in reported]

    def mean(self, policy: str, *path: str) -> float:
        """Return the mean over seeds of a figure that lies this deep, NaN where it does not."""
        values = [_at(one, path) for one in self.prompt[policy].values()]
        return mean_over_seeds(np.array(values, dtype=np.float64)).value

    def same_as(self, policy: str) -> str:
        """Return the policy that decided alike on every seed, empty where there is none."""
        twins = {str(one.get("same_as", "")) for one in self.prompt[policy].values()}
        return twins.pop() if len(twins) == 1 else ""


def _kept(folder: Path, policy: str, seeds: Sequence[int], late: float) -> dict[int, Figures]:
    paths = {seed: result_path(folder, policy, seed, late) for seed in seeds}
    return {seed: json.loads(path.read_text(encoding="utf-8")) for seed, path in paths.items() if path.is_file()}


def _plain(figures: Figures) -> dict[str, float]:
    """Return indicators as values, and what an application was worth with its parts."""
    counted, worth = figures["indicators"], figures["utility"]
    found: dict[str, float] = {}
    if isinstance(counted, Mapping):
        found |= {name: above / below if below else float("nan") for name, (above, below) in counted.items()}
    if isinstance(worth, Mapping):
        found |= {name: float(value) for name, value in worth.items()}
    return found


def _at(figures: object, path: Sequence[str]) -> float:
    for name in path:
        figures = figures.get(name) if isinstance(figures, Mapping) else None
    return float(figures) if isinstance(figures, int | float) else float("nan")
