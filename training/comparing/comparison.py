"""The comparison of two bundles, score by score, on the same cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.known import Array
from features.register import Stage
from models.bundle import Bundle
from models.scores import ReadAt, score_rows
from training.comparing.paired import Paired, Verdict, paired
from training.comparing.unseen import unseen
from training.config import Settings
from training.console import Console
from training.errors import CommandError
from training.evaluation.evaluate import judged_by, periods_of
from training.evaluation.measures import CHANCE, MEASURES, SHARE, Judged, Measure, resamples
from training.history import History
from training.learning.labels import Outcomes
from training.learning.stage_data import StageData

MAIN = {True: "log_loss", False: "mse"}
"""The measure by which courts are looked at one by one, for chances and for shares."""


@dataclass(frozen=True)
class OfCourt:
    """The main measure of one court's cases; None where they are too few to conclude from."""

    court: str
    n: int
    paired: Paired | None


@dataclass(frozen=True)
class ScoreCompared:
    """One score of both bundles: the day it is read at, the cases, every measure, and the courts one by one."""

    stage: Stage
    name: str
    day: float
    n: int
    twins: int
    measures: tuple[Paired, ...]
    courts: tuple[OfCourt, ...]

    @property
    def label(self) -> str:
        """Stage and name, as gates and records name it."""
        return f"{self.stage}.{self.name}"


@dataclass(frozen=True)
class Comparison:
    """All scores that both bundles have; `only_old` and `only_new` name those that one of them has."""

    old: Bundle
    new: Bundle
    scores: tuple[ScoreCompared, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    tolerated: Mapping[str, float]

    @property
    def worse(self) -> tuple[tuple[ScoreCompared, Paired], ...]:
        """The measures in which the new bundle is worse, for certain, and by more than the court tolerates."""
        return tuple((one, held) for one in self.scores for held in one.measures if self._worse(held))

    @property
    def better(self) -> tuple[tuple[ScoreCompared, Paired], ...]:
        """The measures in which it is better, for certain."""
        return tuple((one, held) for one in self.scores for held in one.measures if held.verdict is Verdict.BETTER)

    def _worse(self, held: Paired) -> bool:
        measure = MEASURES[held.measure]
        return held.worse_by(self.tolerated.get(held.measure, 0.0), more_is_better=measure.more_is_better)


def compare(old: Bundle, new: Bundle, history: History, settings: Settings, *, console: Console) -> Comparison:
    """Hold every score that both bundles have against its counterpart, on cases that neither has learned from.

    Raises
    ------
    CommandError
        NOT_FOUND where they have no score in common, TOO_FEW_CASES where too few cases are unseen by both.
    """
    both, only_old, only_new = _names(old), _names(old) - _names(new), _names(new) - _names(old)
    asked = [(stage, name) for stage, name in sorted(both & _names(new)) if name in settings.targets.get(stage, {})]
    if not asked:
        zh = "两个模型包没有共同的分数"
        raise CommandError("NOT_FOUND", zh, "the two bundles have no score in common")
    found = []
    with console.step("比较", "comparing", total=len(asked)) as advance:
        for stage in {stage: None for stage, _ in asked}:
            work = _Work(old, new, history, settings, stage)
            for name in [name for other, name in asked if other is stage]:
                found.append(work.compared(name))
                advance()
    return Comparison(
        old, new, tuple(found), _labels(only_old), _labels(only_new), tolerated=settings.comparison.tolerated
    )


class _Work:
    """What the comparisons of one stage share: both matrices of the same cases."""

    def __init__(self, old: Bundle, new: Bundle, history: History, settings: Settings, stage: Stage) -> None:
        self.history, self.settings, self.stage = history, settings, stage
        self.sides = [(one, StageData.of(history, stage, one.stages[stage].features)) for one in (old, new)]

    def compared(self, name: str) -> ScoreCompared:
        """Compare one score."""
        settings, target = self.settings, self.settings.targets[self.stage][name]
        at = [periods_of(bundle) for bundle, _ in self.sides]
        cases, twins = unseen(self.history, self.stage, name, at=at, settings=settings)
        data = self.sides[0][1]
        cases = cases.where(data.place[cases.row] >= 0)
        self._check(name, len(cases))
        measures = CHANCE if target.causes else SHARE
        old, new = (judged_by(self._shown(bundle, side, name, cases), cases, target) for bundle, side in self.sides)
        draws = resamples(cases.group, count=settings.comparison.resamples, seed=settings.seed)
        main = {key: measures[key] for key in (MAIN[bool(target.causes)],)}
        return ScoreCompared(
            stage=self.stage,
            name=name,
            day=target.reading,
            n=int((old.weight > 0).sum()),
            twins=twins,
            measures=tuple(paired(old, new, measures, draws=draws)),
            courts=tuple(self._courts(old, new, cases, main)),
        )

    def _shown(self, bundle: Bundle, data: StageData, name: str, cases: Outcomes) -> Array:
        """Return the scores that a bundle shows for the cases, read at the day of the settings."""
        place = data.place[cases.row]
        day = self.settings.targets[self.stage][name].reading
        table = score_rows(
            bundle.stages[self.stage],
            data.rows[place],
            data.courts_of(place),
            at=ReadAt(days={name: day}, waited=data.known.waited[place], only={name}),
            threads=self.settings.booster.threads,
        )
        return table.columns[name].p

    def _courts(self, old: Judged, new: Judged, cases: Outcomes, main: Mapping[str, Measure]) -> list[OfCourt]:
        data = self.sides[0][1]
        court, settings = data.court[data.place[cases.row]], self.settings
        found = []
        for code in np.unique(court):
            mine = court == code
            n = int((mine & (old.weight > 0)).sum())
            if n < settings.evaluation.slice_min:
                found.append(OfCourt(str(code), n, None))
                continue
            draws = resamples(cases.group[mine], count=settings.comparison.resamples, seed=settings.seed)
            held = paired(old.where(mine), new.where(mine), main, draws=draws)
            found.append(OfCourt(str(code), n, held[0]))
        return found

    def _check(self, name: str, n: int) -> None:
        least = max(1, self.settings.min_cases // 4)
        if n < least:
            zh = f"{self.stage}.{name} 只有 {n} 件案件是两个模型包都没有学过且结果已定的，至少需要 {least} 件"
            en = f"{self.stage}.{name}: {n} finished cases are unseen by both bundles, at least {least} are needed"
            raise CommandError("TOO_FEW_CASES", zh, en)


def _names(bundle: Bundle) -> set[tuple[Stage, str]]:
    return {(stage, name) for stage, models in bundle.stages.items() for name in models.scores}


def _labels(names: set[tuple[Stage, str]]) -> tuple[str, ...]:
    return tuple(f"{stage}.{name}" for stage, name in sorted(names))
