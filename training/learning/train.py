"""From a history to a bundle: all models of the asked stages, fitted, calibrated, ranged and put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np

from features.register import Stage
from models.abstention import Ranges, key_fields_of
from models.bundle import About, Bundle
from models.bundle.canaries import canary_rows
from models.drift import Reference
from models.stage_models import Propensity, StageModels
from training.config import Settings
from training.console import Advance, Console
from training.history import History
from training.learning.overlap import Overlap
from training.learning.split import Periods, day_of
from training.learning.stage_data import ScoreData, StageData, features_of, find_periods, score_data
from training.learning.train_score import FittedScore, booster_settings, fit_score
from training.provenance import code_version, lock_sha256

SELECTIVE = "willingness"
"""The score whose labels exist only because somebody chose to urge."""


@dataclass(frozen=True)
class Trained:
    """A bundle in memory, with the figures of its making: cases by period, twins dropped, seconds of each fit."""

    bundle: Bundle
    periods: Periods
    sizes: Mapping[str, Mapping[str, int]]
    seconds: Mapping[str, float]

    @property
    def freed(self) -> Mapping[str, tuple[str, ...]]:
        """Return the features of each score whose declared pull was given up."""
        stages = self.bundle.stages.items()
        return {f"{stage}.{name}": score.freed for stage, models in stages for name, score in models.scores.items()}


def train(
    history: History,
    settings: Settings,
    *,
    stages: Sequence[Stage],
    created_at: datetime,
    console: Console,
) -> Trained:
    """Train every score of the stages that the settings ask for.

    Same history, settings and instant: same bundle, byte for byte.

    Raises
    ------
    CommandError
        TOO_FEW_CASES or LABEL_CONTRADICTION, before anything is fitted for the stage.
    """
    at = find_periods(history, settings)
    asked = [stage for stage in stages if settings.targets.get(stage)]
    total = sum(len(settings.targets[stage]) + 1 for stage in asked)
    with console.step("拟合与校准", "fitting and calibrating", total=total) as advance:
        made = [_stage(history, stage, settings=settings, at=at, advance=advance) for stage in asked]
    data_sha256 = history.data_sha256()
    about = About(
        name=f"{created_at:%Y%m%dT%H%M%S}-{data_sha256[:8]}",
        created_at=created_at,
        valid_until=created_at.date() + timedelta(days=settings.validity_days),
        courts=tuple(sorted({court for stage in made for court in stage.courts})),
        data_sha256=data_sha256,
        code_version=code_version(),
        lock_sha256=lock_sha256(),
        simulated=history.simulated,
        currency=_currency(history),
        periods=_period_dates(history, at),
    )
    bundle = Bundle.assemble([stage.models for stage in made], about=about, extensions=history.extensions)
    return Trained(
        bundle=bundle,
        periods=at,
        sizes={name: sizes for stage in made for name, sizes in stage.sizes.items()},
        seconds={name: seconds for stage in made for name, seconds in stage.seconds.items()},
    )


@dataclass(frozen=True)
class _Made:
    """The models of one stage, the courts they have seen, and how they came about."""

    models: StageModels
    courts: frozenset[str]
    sizes: Mapping[str, Mapping[str, int]]
    seconds: Mapping[str, float]


def _stage(history: History, stage: Stage, *, settings: Settings, at: Periods, advance: Advance) -> _Made:
    data = StageData.of(history, stage, features_of(history, stage, settings))
    scores = {n: score_data(history, n, data=data, at=at, settings=settings) for n in settings.targets[stage]}
    advance()
    overlap = _overlap(history, data, at=at, settings=settings)
    fitted: dict[str, FittedScore] = {}
    for name, score in scores.items():
        weighed = overlap is not None and name == SELECTIVE and settings.overlap.weights
        weigh = partial(overlap.weights, data) if overlap is not None and weighed else None
        fitted[name] = fit_score(data, score, settings=settings, weigh=weigh)
        advance()
    learned = np.flatnonzero(data.known.as_of < (at.test_from if settings.refit else at.calibrate_from))
    training_rows = data.rows[learned]
    models = StageModels(
        stage=stage,
        features=data.features,
        scores={name: one.score for name, one in fitted.items()},
        ranges=Ranges.of(training_rows),
        key_fields=key_fields_of(data.known),
        canaries=canary_rows(training_rows, data.court[learned].tolist(), seed=settings.seed),
        propensity=_abstaining(overlap, settings),
        reference=_reference(data, at),
        known_changes=settings.monitor.known,
    )
    return _Made(
        models=models,
        courts=_courts(data, scores),
        sizes={f"{stage}.{n}": score.sizes | {"dropped": score.dropped} for n, score in scores.items()},
        seconds={f"{stage}.{n}": one.seconds for n, one in fitted.items()},
    )


def _reference(data: StageData, at: Periods) -> tuple[Reference, ...]:
    """Return how every feature lay up to the end of the calibration, which is what watching holds cases against."""
    rows = data.rows[data.known.as_of < at.test_from]
    return tuple(Reference.of(column.astype(np.float64)) for column in rows.T)


def _overlap(history: History, data: StageData, *, at: Periods, settings: Settings) -> Overlap | None:
    """Return who used to be urged; None where no score of the stage depends on it."""
    target = settings.targets[data.stage].get(SELECTIVE)
    if target is None or target.population != "urged":
        return None
    return Overlap.fit(history, data, until=at.calibrate_from, settings=booster_settings(settings))


def _abstaining(overlap: Overlap | None, settings: Settings) -> Propensity | None:
    if overlap is None or not settings.overlap.abstain:
        return None
    return Propensity(booster=overlap.booster, lowest=settings.overlap.lowest, highest=settings.overlap.highest)


def _courts(data: StageData, scores: Mapping[str, ScoreData]) -> frozenset[str]:
    rows = [part.row for score in scores.values() for part in (score.train, score.calibrating)]
    return frozenset(str(code) for code in np.unique(data.court[data.place[np.concatenate(rows)]]))


def _period_dates(history: History, at: Periods) -> dict[str, tuple[date, date]]:
    """Return first and last-but-one day of each period; a later evaluation keeps to them."""
    calibrate, test, until = (day_of(day) for day in (at.calibrate_from, at.test_from, at.test_until))
    first = day_of(float(history.received_at.min()))
    return {"train": (first, calibrate), "calibrate": (calibrate, test), "test": (test, until)}


def _currency(history: History) -> str:
    """Return the currency in which most claims of the history are stated; yuan where none says."""
    if "currency" not in history.cases.column_names:
        return "CNY"
    stated = Counter(one for one in history.cases["currency"].to_pylist() if one is not None)
    return str(stated.most_common(1)[0][0]) if stated else "CNY"
