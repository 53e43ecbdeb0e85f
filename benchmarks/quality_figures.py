"""The figures of a method on the test cases of a task, with intervals over resampled debtors, and the table of all."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.quality_record import Answered, Figures, Key
from features.known import Array
from training.config import TargetSettings
from training.evaluation.evaluate import judged_by
from training.evaluation.measures import CHANCE, TINY, Judged, interval_of, intervals, resamples
from training.evaluation.wider import Curve, integrated_briers
from training.learning.labels import Outcomes

COLUMNS = ("auc", "log_loss", "brier", "ibs", "ece", "explained", "behind", "behind_ibs", "fit_s", "predict_s")
HEADS = {
    "log_loss": "log-loss", "ibs": "integrated Brier", "ece": "calibration error", "explained": "explained share",
    "behind": "loss less ours", "behind_ibs": "integrated Brier less ours", "fit_s": "fit s", "predict_s": "predict s",
}  # fmt: skip
NAN = float("nan")


@dataclass(frozen=True)
class Judging:
    """Test cases with what became of them, and the losses between which explained shares are read.

    `zero` is the constant of the training period, `best` the generator's own
    chances, None where there are none. A loss is the log-loss of chances, the
    squared error of shares.
    """

    test: Outcomes
    target: TargetSettings
    zero: float
    best: Array | None
    draws: Array

    @classmethod
    def of(cls, test: Outcomes, target: TargetSettings, *, zero: float, best: Array | None, count: int) -> Judging:
        """Make ready, with `count` resamples of whole debtors."""
        return cls(test, target, zero, best, np.stack(resamples(test.group, count=count, seed=0)))

    def figures(self, answered: Answered) -> Figures:
        """Return every measure of a method, each with its interval."""
        judged = judged_by(answered.chance, self.test, self.target)
        asked = answered.predict_s if np.isfinite(answered.predict_s) else None
        found: Figures = {"fit_s": answered.fit_s, "predict_s": asked, "n": answered.n}
        if self.target.causes:
            ready = {name: CHANCE[name] for name in ("auc", "ece")}
            for name, one in intervals(judged, ready, draws=list(self.draws)).items():
                found |= _spread(name, one.value, one.lower, one.upper)
            found |= self._interval("log_loss", self._mean(_surprise(judged), judged.weight))
        found |= self._interval("brier", self._mean(_distance(judged), judged.weight))
        if answered.curve is not None:
            found |= self._interval("ibs", self._integrated(answered.curve))
        return found | self._explained(answered.chance)

    def beside(self, theirs: Answered, ours: Answered) -> Figures:
        """Return how much more a method loses than ours on the same resamples: above zero, ours is better."""
        found = self._interval("behind", self._loss(theirs.chance) - self._loss(ours.chance))
        if theirs.curve is not None and ours.curve is not None:
            found |= self._interval("behind_ibs", self._integrated(theirs.curve) - self._integrated(ours.curve))
        return found

    def _explained(self, chance: Array) -> Figures:
        if self.best is None:
            return {}
        zero, best = self._loss(np.full(len(chance), self.zero)), self._loss(self.best)
        return self._interval("explained", (zero - self._loss(chance)) / (zero - best))

    def _loss(self, chance: Array) -> Array:
        judged = judged_by(chance, self.test, self.target)
        return self._mean(_surprise(judged) if self.target.causes else _distance(judged), judged.weight)

    def _integrated(self, curve: Array) -> Array:
        whole = np.ones((1, len(curve)))
        return np.array(integrated_briers(Curve(curve, self.target.grid, self.test), [*whole, *self.draws]))

    def _mean(self, values: Array, weight: Array) -> Array:
        """Return the weighted mean of all cases, then that of each resample."""
        whole = (values * weight).sum() / weight.sum()
        return np.concatenate(([whole], (self.draws @ (values * weight)) / (self.draws @ weight)))

    @staticmethod
    def _interval(name: str, values: Array) -> Figures:
        one = interval_of(float(values[0]), values[1:], (-np.inf, np.inf))
        return _spread(name, one.value, one.lower, one.upper)


def _spread(name: str, value: float, lower: float, upper: float) -> Figures:
    return {name: value, f"{name}_lower": lower, f"{name}_upper": upper}


def _surprise(judged: Judged) -> Array:
    p = np.clip(judged.score, TINY, 1 - TINY)
    return np.asarray(-np.where(judged.outcome == 1.0, np.log(p), np.log1p(-p)))


def _distance(judged: Judged) -> Array:
    return np.asarray((judged.score - judged.outcome) ** 2)


def table(results: Mapping[Key, Figures]) -> str:
    """Return all figures as one table in Markdown: medians over the seeds, of the interval's ends as well."""
    shown = [name for name in COLUMNS if any(name in figures for figures in results.values())]
    heads = ["score", "method", "seeds", "learned from", *(HEADS.get(name, name) for name in shown)]
    lines = [_row(heads), "|" + "---|" * len(heads)]
    for task in dict.fromkeys(key.task for key in results):
        for method in dict.fromkeys(key.method for key in results if key.task == task):
            runs = [figures for key, figures in results.items() if (key.task, key.method) == (task, method)]
            learned = f"{_median(runs, 'n'):,.0f}" if _median(runs, "n") else "–"
            lines.append(_row([task, method, str(len(runs)), learned, *(_cell(runs, name) for name in shown)]))
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(runs: list[Figures], name: str) -> str:
    value, lower, upper = (_median(runs, f"{name}{end}") for end in ("", "_lower", "_upper"))
    if value != value:  # noqa: PLR0124 - NaN where there is no such figure
        return "–"
    if name.endswith("_s"):
        return f"{value:.1f}"
    return f"{value:.4f}" if lower != lower else f"{value:.4f} [{lower:.4f}, {upper:.4f}]"  # noqa: PLR0124


def _median(runs: list[Figures], name: str) -> float:
    found = [run[name] for run in runs if run.get(name) is not None]
    return float(statistics.median(found)) if found else NAN
