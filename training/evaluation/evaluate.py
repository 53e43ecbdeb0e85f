"""How good is a bundle on a later period: every figure with its interval, beside baselines on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from features.known import Array
from features.register import Stage
from models.bundle import Bundle
from models.estimators.calibration import Courts
from models.evidence import FORMAT, Bin, Group
from models.explain.contributions import attribute_hazard, attribute_recovery
from models.scores import score_rows
from models.stage_models import HazardScore
from training.config import Settings, TargetSettings
from training.console import Advance, Console
from training.errors import CommandError
from training.evaluation.baselines import BASELINES, labels_for
from training.evaluation.calibration_bins import calibration_bins
from training.evaluation.fair_groups import fair_groups
from training.evaluation.gates import FENLIU, GateResult, Table, check_gates
from training.evaluation.measures import (
    CHANCE,
    SHARE,
    Estimate,
    Judged,
    Measure,
    integrated_brier,
    intervals,
    judge,
    money_error,
    resamples,
)
from training.evaluation.oracle import explained_share, oracle
from training.evaluation.slices import Slice, slices_of
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


@dataclass(frozen=True)
class ScoreReport:
    """Everything measured of one score on the test period.

    `table` holds the estimates by method and measure, `figures` single numbers
    (base rate, sharpness, integrated Brier score, explained share, ...),
    `slices` the same measures in parts of the test period, `bins` the groups
    of near chances, `groups` the kinds of people. `judged` keeps the
    scores and outcomes for plots, `importance` the mean size of each feature's
    contribution in log-odds.
    """

    stage: Stage
    name: str
    day: float
    sizes: Mapping[str, int]
    table: Table
    figures: Mapping[str, float]
    slices: tuple[Slice, ...]
    bins: tuple[Bin, ...]
    groups: tuple[Group, ...]
    judged: Judged
    importance: Array


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
            "scores": {name: _document(report, self.simulated) for name, report in self.reports.items()},
        }


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
        shown, figures = self._scores(score)
        self.advance()
        methods = {FENLIU: shown} | self._baselines(score) | self._oracle(score)
        self.advance()
        judged = {method: judged_by(values, score.test, score.target) for method, values in methods.items()}
        judged |= self._overlapping(score, judged[FENLIU])
        measures = CHANCE if score.target.causes else SHARE
        draws = resamples(score.test.group, count=self.settings.evaluation.resamples, seed=self.settings.seed)
        table = {method: intervals(cases, measures, draws=draws) for method, cases in judged.items()}
        self.advance()
        return ScoreReport(
            stage=self.data.stage,
            name=name,
            day=score.target.reading,
            sizes=score.sizes | {"dropped": score.dropped},
            table=table,
            figures=figures | _figures(judged[FENLIU]) | _explained(table, chance=bool(score.target.causes)),
            slices=self._slices(score, judged[FENLIU], measures),
            bins=calibration_bins(judged[FENLIU], score.test.group),
            groups=fair_groups(self.history, self.data.stage, score.test, judged[FENLIU]),
            judged=judged[FENLIU],
            importance=self._importance(score),
        )

    def _scores(self, score: ScoreData) -> tuple[Array, dict[str, float]]:
        """Return the bundle's calibrated scores of the test cases, and figures that need its curves or yuan."""
        models = self.bundle.stages[self.data.stage]
        place = self.data.place[score.test.row]
        rows = self.data.rows[place]
        courts = Courts.of(self.data.court[place].tolist())
        table = score_rows(models, rows, courts, threads=self.settings.booster.threads)
        shown = table.columns[score.name].p
        model = models.scores[score.name]
        if not isinstance(model, HazardScore):
            return shown, {"money_error": money_error(shown, score.test.share, self.data.claim[place])}
        curve = model.model.curves(rows, threads=self.settings.booster.threads).incidence[:, 0]
        test = score.test
        return shown, {"ibs": integrated_brier(curve, time=test.time, cause=test.cause, grid=model.model.grid)}

    def _importance(self, score: ScoreData) -> Array:
        """Return each feature's mean absolute contribution over a sample of test cases, exact case by case."""
        asked = self.bundle.stages[self.data.stage].scores[score.name]
        chosen = np.random.default_rng(self.settings.seed).permutation(len(score.test))[
            : self.settings.evaluation.explained
        ]
        rows = self.data.rows[self.data.place[score.test.row[np.sort(chosen)]]]
        parts = [
            attribute_hazard(asked.model, rows[i : i + 1], day=score.target.reading)
            if isinstance(asked, HazardScore)
            else attribute_recovery(asked.model, rows[i : i + 1])
            for i in range(len(rows))
        ]
        return np.asarray(np.mean([np.abs(part.contributions) for part in parts], axis=0))

    def _baselines(self, score: ScoreData) -> dict[str, Array]:
        train = self.data.rows[self.data.place[score.train.row]]
        test = self.data.rows[self.data.place[score.test.row]]
        found = {}
        for name, baseline in BASELINES.items():
            label, used = labels_for(name, score)
            found[name] = baseline(train[used], label[used], test, threads=self.settings.booster.threads)
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

    def _slices(self, score: ScoreData, judged: Judged, measures: Mapping[str, Measure]) -> tuple[Slice, ...]:
        return slices_of(self.data, score.test, judged, measures=measures, settings=self.settings)


def judged_by(values: Array, cases: Outcomes, target: TargetSettings) -> Judged:
    """Pair the scores of cases with what came of them by the target's reading day."""
    if not target.causes:
        return Judged(values, cases.share, np.ones(len(cases)))
    return judge(values, time=cases.time, cause=cases.cause, day=target.reading)


def _figures(judged: Judged) -> dict[str, float]:
    weight = judged.weight / judged.weight.sum()
    mean = float((judged.score * weight).sum())
    return {
        "n": float((judged.weight > 0).sum()),
        "rate": float((judged.outcome * weight).sum()),
        "mean_score": mean,
        "sharpness": float(np.sqrt((weight * (judged.score - mean) ** 2).sum())),
    }


def _explained(table: Table, *, chance: bool) -> dict[str, float]:
    if ORACLE not in table:
        return {}
    loss = {method: table[method][LOSS[chance]].value for method in ("constant", FENLIU, ORACLE)}
    return {"explained_share": explained_share(constant=loss["constant"], model=loss[FENLIU], best=loss[ORACLE])}


def periods_of(bundle: Bundle) -> Periods:
    """Return the periods that the bundle was trained by: its test begins where its calibration ended."""
    dates = bundle.about.periods
    calibrate, (test, until) = dates["calibrate"][0], dates["test"]
    return Periods(number_of(calibrate), number_of(test), number_of(until))


def _document(report: ScoreReport, simulated: bool) -> dict[str, object]:  # noqa: FBT001 - a fact, not a switch
    def plain(estimates: Mapping[str, Estimate]) -> dict[str, object]:
        return {name: _finite(asdict(estimate)) for name, estimate in estimates.items()}

    return {
        "data": "模拟 / simulated" if simulated else "实际 / real",
        "day": report.day,
        "sizes": dict(report.sizes),
        "figures": _finite(report.figures),
        "methods": {method: plain(estimates) for method, estimates in report.table.items()},
        "slices": [{**asdict(part), "estimates": plain(part.estimates)} for part in report.slices],
        "bins": [asdict(part) for part in report.bins],
        "groups": [asdict(part) for part in report.groups],
    }


def _finite(figures: Mapping[str, float]) -> dict[str, object]:
    """Return figures as JSON holds them: one that cannot be worked out is null."""
    return {name: value if np.isfinite(value) else None for name, value in figures.items()}
