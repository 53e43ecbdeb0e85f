"""What a backtest shows: losses by period, how a model ages, and how far a rule of choice was from the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.backtesting.plan import SHIPPED
from training.backtesting.record import Backtest
from training.evaluation.oracle import explained_share
from training.learning.split import number_of

Window = Mapping[str, Any]


@dataclass(frozen=True)
class Aged:
    """How a model of some age compares, over all periods in which one of that age was looked at.

    `kept` is the part of what a fresh model gains over the constant in the same
    period, `explained` the share of what can be known (simulated data; NaN
    elsewhere), `explained_fresh` that of the same models in their first period.
    """

    age: int
    periods: int
    kept: float
    explained: float
    explained_fresh: float

    @property
    def kept_explained(self) -> float:
        """The part of its explained share that a model keeps."""
        return self.explained / self.explained_fresh if self.explained_fresh > 0 else float("nan")


@dataclass(frozen=True)
class Chosen:
    """A rule of choice: which candidate it took as of each origin, and how far that was from the best of the period."""

    rule: str
    picks: tuple[str, ...]
    regrets: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean regret; NaN where no origin had ripe figures to choose by."""
        return float(np.mean(self.regrets)) if self.regrets else float("nan")


@dataclass(frozen=True)
class ScoreFindings:
    """One score: its windows by candidate and fold, ageing of the shipped candidate, and the rules of choice."""

    label: str
    windows: Mapping[str, tuple[tuple[Window, ...], ...]]
    ageing: tuple[Aged, ...]
    choices: tuple[Chosen, ...]

    @property
    def oldest(self) -> tuple[Window, ...]:
        """All windows of the first candidate as of the first origin."""
        return next(iter(self.windows.values()))[0]

    def of(self, candidate: str) -> list[Window]:
        """Return each fold's own window."""
        return [fold[0] for fold in self.windows[candidate]]


def findings(backtest: Backtest) -> tuple[ScoreFindings, ...]:
    """Gather the finished pieces of a backtest, score by score."""
    held: dict[str, dict[str, list[tuple[Window, ...]]]] = {}
    for piece in backtest.pieces:
        for label, score in backtest.read(piece).items():
            held.setdefault(label, {}).setdefault(piece.candidate, []).append(tuple(score["windows"]))
    return tuple(_score(backtest, label, by_candidate) for label, by_candidate in held.items())


def _score(backtest: Backtest, label: str, held: Mapping[str, list[tuple[Window, ...]]]) -> ScoreFindings:
    windows = {name: tuple(folds) for name, folds in held.items()}
    first = SHIPPED if SHIPPED in windows else next(iter(windows))
    choices = tuple(_choice(backtest, label, windows, rule) for rule in _RULES)
    return ScoreFindings(label, windows, _ageing(windows[first]), choices)


def _ageing(folds: Sequence[Sequence[Window]]) -> tuple[Aged, ...]:
    """Compare a model of each age with the fresh one of the same period."""
    found = []
    for age in range(max(len(fold) for fold in folds)):
        pairs = [
            (folds[number][age], folds[number + age][0], folds[number][0])
            for number in range(len(folds) - age)
            if len(folds[number]) > age
        ]
        pairs = [(old, fresh, own) for old, fresh, own in pairs if not (old["few"] or fresh["few"] or own["few"])]
        if pairs:
            found.append(_aged(age, pairs))
    return tuple(found)


def _aged(age: int, pairs: Sequence[tuple[Window, Window, Window]]) -> Aged:
    gains = [[one["constant"] - one["loss"]["value"] for one in (old, fresh)] for old, fresh, _ in pairs]
    old_gain, fresh_gain = np.sum(gains, axis=0)
    explained = [[_explained(old), _explained(own)] for old, _, own in pairs]
    later, own = np.mean(explained, axis=0)
    kept = float(old_gain / fresh_gain) if fresh_gain > 0 else float("nan")
    return Aged(age, len(pairs), kept, float(later), float(own))


def _explained(window: Window) -> float:
    if window.get("oracle") is None:
        return float("nan")
    return explained_share(constant=window["constant"], model=window["loss"]["value"], best=window["oracle"])


def _choice(backtest: Backtest, label: str, windows: Mapping[str, Sequence[Sequence[Window]]], rule: str) -> Chosen:
    """Apply a rule as of each origin, by the periods whose labels were ripe on that day, and hold it to the next."""
    picks, regrets = [], []
    for number in range(len(backtest.folds)):
        ripe = [past for past in range(number) if _ripe(backtest, label, past, number)]
        now = {name: folds[number][0] for name, folds in windows.items()}
        if not ripe or any(one["few"] for one in now.values()):
            continue
        past = {name: [folds[one][0] for one in ripe] for name, folds in windows.items()}
        losses = {name: [one["loss"]["value"] for one in shown if not one["few"]] for name, shown in past.items()}
        pick = _RULES[rule]({name: values for name, values in losses.items() if values})
        here = {name: one["loss"]["value"] for name, one in now.items()}
        picks.append(pick)
        regrets.append(here[pick] - min(here.values()))
    return Chosen(rule, tuple(picks), tuple(regrets))


def _ripe(backtest: Backtest, label: str, past: int, now: int) -> bool:
    """Whether all labels of an earlier window were known on the day of a later origin."""
    stage, _, name = label.partition(".")
    settings = backtest.settings
    wait = settings.targets[stage][name].horizon + settings.labels.recording_lag_days
    return number_of(backtest.folds[past].windows[0][1]) + wait <= number_of(backtest.folds[now].origin)


def _newest(losses: Mapping[str, Sequence[float]]) -> str:
    return min(losses, key=lambda name: losses[name][-1])


def _mean(losses: Mapping[str, Sequence[float]]) -> str:
    return min(losses, key=lambda name: float(np.mean(losses[name])))


def _first(losses: Mapping[str, Sequence[float]]) -> str:
    return next(iter(losses))


_RULES = {"newest": _newest, "mean": _mean, "first": _first}
"""Rules of choice: best in the newest ripe period, best on average, and always the first candidate."""
