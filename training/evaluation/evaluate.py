"""How good is a bundle on a later period: every figure with its interval, beside baselines on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.known import Array
from models.bundle import Bundle
from models.explain.contributions import attribute
from models.promotion.gates import FENLIU, check_gates
from models.scores import ReadAt, ScoreColumn, score_rows
from models.stage_models import HazardScore
from training.config import Settings, TargetSettings
from training.console import Advance, Console
from training.errors import CommandError, refusing_promotion
from training.evaluation.baselines import AMOUNT, BASELINES, CONSTANT, amount_rule, labels_for
from training.evaluation.calibration_bins import calibration_bins
from training.evaluation.fair_groups import fair_groups
from training.evaluation.measures import (
    CHANCE,
    GAP,
    SHARE,
    SPREAD,
    Estimate,
    Judged,
    Measure,
    Table,
    intervals,
    judge,
    resamples,
)
from training.evaluation.oracle import explained_share, oracle
from training.evaluation.parts.slices import Cut, Slice, met_before, slices_of
from training.evaluation.report import Evaluation, ReadingReport, ScoreReport
from training.evaluation.wider import Curve, coverage, integrated_brier, lift_at, marginal_curve, money_error
from training.history import History
from training.learning.labels import Outcomes
from training.learning.overlap import Overlap
from training.learning.split import Periods, number_of
from training.learning.stage_data import ScoreData, StageData, score_data
from training.learning.train import SELECTIVE
from training.learning.train_score import booster_settings

ORACLE = "oracle"
OVERLAP = "fenliu (overlap)"
LOSS = {True: "log_loss", False: "mse"}
"""The measure in which the explained share is counted, for chances and for shares."""


def evaluate(bundle: Bundle, history: History, settings: Settings, *, console: Console) -> Evaluation:
    """Measure every score of a bundle on the period after its calibration.

    Raises
    ------
    CommandError
        NOT_FOUND where the bundle holds no score that the settings describe,
        TOO_FEW_CASES where the later period is too small.
    """
    at = periods_of(bundle)
    asked = [(stage, name) for stage, models in bundle.stages.items() for name in models.scores]
    described = [(stage, name) for stage, name in asked if name in settings.targets.get(stage, {})]
    if not described:
        raise CommandError("NOT_FOUND", "配置中没有该模型包的任何分数", "the settings describe no score of this bundle")
    with console.step("评估", "evaluating", total=len(described) * 3) as advance:
        reports: dict[str, ScoreReport] = {}
        for stage in {stage: None for stage, _ in described}:
            data = StageData.of(history, stage, bundle.stages[stage].features)
            work = _Work(bundle, history, settings, at, data, advance)
            reports |= {f"{stage}.{name}": work.report(name) for other, name in described if other is stage}
    with refusing_promotion():
        gates = check_gates(settings.gates, {name: report.table for name, report in reports.items()})
    return Evaluation(reports, gates, at, history.simulated)


@dataclass(frozen=True)
class _Work:
    """What the reports of one stage share."""

    bundle: Bundle
    history: History
    settings: Settings
    at: Periods
    data: StageData
    advance: Advance

    def report(self, name: str) -> ScoreReport:
        """Measure one score."""
        score = score_data(self.history, name, data=self.data, at=self.at, settings=self.settings)
        shown = self._shown(score.test, name)
        methods = {FENLIU: shown.p} | self._baselines(score) | self._oracle(score)
        self.advance()
        judged = {method: judged_by(values, score.test, score.target) for method, values in methods.items()}
        judged |= self._overlapping(score, judged[FENLIU])
        table = self._table(score, judged)
        court = self.data.court[self.data.place[score.test.row]]
        table[FENLIU]["coverage"] = coverage(judged[FENLIU], (shown.lower, shown.upper), court)
        self.advance()
        found = ScoreReport(
            stage=self.data.stage,
            name=name,
            day=score.target.reading,
            sizes=score.sizes | {"dropped": score.dropped},
            table=table,
            figures=_figures(judged[FENLIU]) | _explained(table, chance=bool(score.target.causes)),
            readings=tuple(self._reading(score, day) for day in score.target.also if score.target.causes),
            slices=self._slices(score, judged[FENLIU]),
            bins=calibration_bins(judged[FENLIU], score.test.group),
            groups=fair_groups(self.history, self.data.stage, score.test, judged[FENLIU]),
            judged=judged,
            importance=self._importance(score),
        )
        self.advance()
        return found

    def _table(self, score: ScoreData, judged: Mapping[str, Judged]) -> dict[str, dict[str, Estimate]]:
        """Return every figure of every method, each with its interval."""
        lift = lift_at(self.settings.evaluation.capacity)
        measures = {**measures_of(score.target), **SPREAD, lift.name: lift}
        draws = self._draws(score)
        table = {method: intervals(cases, measures, draws=draws) for method, cases in judged.items()}
        for method, found in self._wider(score, judged, draws).items():
            table[method] = table[method] | found
        return table

    def _wider(
        self, score: ScoreData, judged: Mapping[str, Judged], draws: list[Array]
    ) -> dict[str, dict[str, Estimate]]:
        """Return the figures that need yuan or whole curves: of all methods, or of ours and the constant."""
        model = self.bundle.stages[self.data.stage].scores[score.name]
        place = self.data.place[score.test.row]
        if not isinstance(model, HazardScore):
            claim = self.data.claim[place]
            error = {m: money_error(one.score, score.test.share, claim, draws=draws) for m, one in judged.items()}
            return {method: {"money_error": found} for method, found in error.items()}
        grid = model.model.grid
        rows, waited, threads = self.data.rows[place], self.data.known.waited[place], self.settings.booster.threads
        own = model.curve(rows, self.data.courts_of(place), waited=waited, threads=threads)
        curves = {FENLIU: own, CONSTANT: marginal_curve(score.train.where(score.settled), grid, n=len(own))}
        return {
            method: {"ibs": integrated_brier(Curve(curve, grid, score.test), draws=draws)}
            for method, curve in curves.items()
        }

    def _reading(self, score: ScoreData, day: float) -> ReadingReport:
        """Measure the score as read at another of its days, beside the constant of that day."""
        happened = score.train.happened(day)[score.settled]
        constant = np.full(len(score.test), np.nanmean(happened) if np.isfinite(happened).any() else np.nan)
        judged = {
            method: judge(values, time=score.test.time, cause=score.test.cause, day=day)
            for method, values in ((FENLIU, self._shown(score.test, score.name, day).p), (CONSTANT, constant))
        }
        draws = self._draws(score)
        measures = measures_of(score.target) | {GAP.name: GAP}
        table = {method: intervals(cases, measures, draws=draws) for method, cases in judged.items()}
        return ReadingReport(day, table, judged[FENLIU])

    def _draws(self, score: ScoreData) -> list[Array]:
        return resamples(score.test.group, count=self.settings.evaluation.resamples, seed=self.settings.seed)

    def _shown(self, cases: Outcomes, name: str, day: float | None = None) -> ScoreColumn:
        """Return the bundle's scores and ranges of some cases, read at a day (None: the usual one)."""
        models = self.bundle.stages[self.data.stage]
        place = self.data.place[cases.row]
        days = {} if day is None else {name: day}
        at = ReadAt(days=days, waited=self.data.known.waited[place], only={name})
        table = score_rows(
            models, self.data.rows[place], self.data.courts_of(place), at=at, threads=self.settings.booster.threads
        )
        return table.columns[name]

    def _importance(self, score: ScoreData) -> Array:
        """Return each feature's mean absolute contribution over a sample of test cases, exact case by case."""
        asked = self.bundle.stages[self.data.stage].scores[score.name]
        chosen = np.random.default_rng(self.settings.seed).permutation(len(score.test))[
            : self.settings.evaluation.explained
        ]
        place = self.data.place[score.test.row[np.sort(chosen)]]
        waited, day = self.data.known.waited[place], score.target.reading
        parts = [
            attribute(asked, self.data.rows[[at]], day=day, waited=days)
            for at, days in zip(place, waited.tolist(), strict=True)
        ]
        return np.asarray(np.mean([np.abs(part.contributions) for part in parts], axis=0))

    def _baselines(self, score: ScoreData) -> dict[str, Array]:
        train, test = (self.data.place[part.row] for part in (score.train, score.test))
        found = {}
        for name, baseline in BASELINES.items():
            label, used = labels_for(name, score)
            learned, asked = self.data.rows[train][used], self.data.rows[test]
            found[name] = baseline(learned, label[used], asked, threads=self.settings.booster.threads)
        label, used = labels_for(AMOUNT, score)
        bounds = self.settings.evaluation.amount_rule
        found[AMOUNT] = amount_rule(self.data.claim[train][used], label[used], self.data.claim[test], bounds=bounds)
        return found

    def _oracle(self, score: ScoreData) -> dict[str, Array]:
        truth = oracle(self.history, self.data.stage, score.name, day=score.target.reading)
        if truth is None or np.isnan(truth[score.test.row]).any():
            return {}
        return {ORACLE: truth[score.test.row]}

    def _overlapping(self, score: ScoreData, judged: Judged) -> dict[str, Judged]:
        """Return the same cases weighed by how open it was that they would be urged."""
        if score.name != SELECTIVE or score.target.population != "urged":
            return {}
        booster = booster_settings(self.settings)
        overlap = Overlap.fit(self.history, self.data, until=self.at.calibrate_from, settings=booster)
        return {OVERLAP: judged.weighted(overlap.weights(self.data, score.test.row))}

    def _slices(self, score: ScoreData, judged: Judged) -> tuple[Slice, ...]:
        cut, measures = Cut(self.history, self.data, score.test, judged), measures_of(score.target)
        known = judged_by(self._shown(score.met_before, score.name).p, score.met_before, score.target)
        other = Cut(self.history, self.data, score.met_before, known)
        return (
            *slices_of(cut, measures=measures, settings=self.settings),
            met_before(other, measures=measures, settings=self.settings),
        )


def measures_of(target: TargetSettings) -> dict[str, Measure]:
    """Return the main measures of a target: those of chances, or those of shares."""
    return dict(CHANCE if target.causes else SHARE)


def judged_by(values: Array, cases: Outcomes, target: TargetSettings) -> Judged:
    """Pair the scores of cases with what came of them by the target's reading day."""
    if not target.causes:
        return Judged(values, cases.share, np.ones(len(cases)))
    return judge(values, time=cases.time, cause=cases.cause, day=target.reading)


def _figures(judged: Judged) -> dict[str, float]:
    weight = judged.weight / judged.weight.sum()
    return {
        "n": float((judged.weight > 0).sum()),
        "rate": float((judged.outcome * weight).sum()),
        "mean_score": float((judged.score * weight).sum()),
    }


def _explained(table: Table, *, chance: bool) -> dict[str, float]:
    if ORACLE not in table:
        return {}
    loss = {method: table[method][LOSS[chance]].value for method in (CONSTANT, FENLIU, ORACLE)}
    return {"explained_share": explained_share(constant=loss[CONSTANT], model=loss[FENLIU], best=loss[ORACLE])}


def periods_of(bundle: Bundle) -> Periods:
    """Return the periods that the bundle was trained by: its test begins where its calibration ended."""
    dates = bundle.about.periods
    calibrate, (test, until) = dates["calibrate"][0], dates["test"]
    return Periods(number_of(calibrate), number_of(test), number_of(until))
