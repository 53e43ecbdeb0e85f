"""One candidate learned as of one day: its figures in each window since, beside the constant and the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from features.known import Array
from features.register import Stage
from models.stage_models import ScoreModel
from training.backtesting.plan import Fold
from training.config import Settings
from training.evaluation.evaluate import LOSS, judged_by, measures_of
from training.evaluation.measures import Judged, Measure, interval_of, intervals, resamples
from training.evaluation.oracle import explained_share, oracle
from training.history import History
from training.learning.labels import Outcomes
from training.learning.overlap import Overlap
from training.learning.split import number_of
from training.learning.stage_data import ScoreData, StageData, features_of, score_data
from training.learning.train import SELECTIVE
from training.learning.train_score import Weigh, booster_settings, fit_score

Figures = dict[str, Any]
DRAWN = "drawn"


@dataclass(frozen=True)
class FoldWork:
    """A stage of a history and a fold, in which candidates are tried."""

    history: History
    data: StageData
    fold: Fold

    @classmethod
    def of(cls, history: History, stage: Stage, fold: Fold, settings: Settings) -> FoldWork:
        """Make the stage's matrix ready."""
        return cls(history, StageData.of(history, stage, features_of(history, stage, settings)), fold)

    def score(self, name: str, settings: Settings) -> Figures:
        """Fit one score and measure it in each window of the fold.

        Raises
        ------
        CommandError
            TOO_FEW_CASES in some period.
        """
        score = score_data(self.history, name, data=self.data, at=self.fold.periods, settings=settings)
        fitted = fit_score(self.data, score, settings=settings, weigh=self._weigh(score, settings))
        # Drawn once: a debtor who is met in several windows counts as often in each of them.
        draws = resamples(score.test.group, count=settings.evaluation.resamples, seed=settings.seed)
        numbers = range(len(self.fold.windows))
        windows = [self._window(score, fitted.score, number, settings=settings, draws=draws) for number in numbers]
        _keep_explained(windows)
        return {"sizes": score.sizes, "seconds": fitted.seconds, "windows": windows}

    def _weigh(self, score: ScoreData, settings: Settings) -> Weigh | None:
        """Return how overlap weights are given to the cases that people chose to urge, as training does."""
        if score.name != SELECTIVE or score.target.population != "urged" or not settings.overlap.weights:
            return None
        until, booster = self.fold.periods.calibrate_from, booster_settings(settings)
        overlap = Overlap.fit(self.history, self.data, until=until, settings=booster)
        return partial(overlap.weights, self.data)

    def _window(
        self, score: ScoreData, model: ScoreModel, number: int, *, settings: Settings, draws: list[Array]
    ) -> Figures:
        start, end = (number_of(day) for day in self.fold.windows[number])
        inside = (score.test.entered_at >= start) & (score.test.entered_at < end)
        cases, draws = score.test.where(inside), [times[inside] for times in draws]
        found: Figures = {"from": str(self.fold.windows[number][0]), "age": number, "n": len(cases)}
        if len(cases) < settings.evaluation.slice_min:
            return found | {"few": True}
        methods = dict(self._methods(score, model, cases, settings))
        loss = LOSS[bool(score.target.causes)]
        measures = measures_of(score.target)
        own = intervals(methods["fenliu"], {loss: measures[loss]}, draws=draws)[loss]
        found |= {"few": False, "loss": asdict(own)}
        found["measures"] = {key: _finite(one.of(methods["fenliu"])) for key, one in measures.items()}
        if "oracle" in methods:
            found[DRAWN] = _explained(methods, measures[loss], draws)
        return found | {
            name: _finite(measures[loss].of(judged)) for name, judged in methods.items() if name != "fenliu"
        }

    def _methods(
        self, score: ScoreData, model: ScoreModel, cases: Outcomes, settings: Settings
    ) -> Iterator[tuple[str, Judged]]:
        """Yield the fitted score, the constant of the training period, and the oracle where there is one."""
        shown = self._shown(model, cases, score.target.reading, settings)
        yield "fenliu", judged_by(shown, cases, score.target)
        label = score.train.happened(score.target.reading) if score.target.causes else score.train.share
        constant = float(np.nanmean(label[score.settled])) if score.settled.any() else float("nan")
        yield "constant", judged_by(np.full(len(cases), constant), cases, score.target)
        truth = oracle(self.history, self.data.stage, score.name, day=score.target.reading)
        if truth is not None and np.isfinite(truth[cases.row]).all():
            yield "oracle", judged_by(truth[cases.row], cases, score.target)

    def _shown(self, model: ScoreModel, cases: Outcomes, day: float, settings: Settings) -> Array:
        place = self.data.place[cases.row]
        rows, courts = self.data.rows[place], self.data.courts_of(place)
        threads = settings.booster.threads
        raw = model.raw(rows, day=day, waited=self.data.known.waited[place], threads=threads)
        return model.nearest(day).calibrator.apply_at(raw, courts)


def _explained(methods: dict[str, Judged], measure: Measure, draws: list[Array]) -> Array:
    """Return the share of what can be known that the score explains, first of all cases, then of each resample."""

    def of(times: Array) -> float:
        model, constant, best = (measure.of(methods[name].weighted(times)) for name in ("fenliu", "constant", "oracle"))
        return explained_share(constant=constant, model=model, best=best)

    return np.array([of(times) for times in (np.ones(len(draws[0])), *draws)])


def _keep_explained(windows: list[Figures]) -> None:
    """Replace the resamples in each window by intervals: of its explained share, and of the part of the first one's."""
    drawn = [window.pop(DRAWN, None) for window in windows]
    for window, here in zip(windows, drawn, strict=True):
        if here is None or drawn[0] is None:
            continue
        for name, values in (("explained", here), ("kept_explained", here / drawn[0])):
            window[name] = asdict(interval_of(float(values[0]), values[1:], (-np.inf, np.inf)))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
