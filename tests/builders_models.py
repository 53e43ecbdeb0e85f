"""Builders for models: a small but whole bundle, trained in seconds on random cases that look like cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

import numpy as np

from features.catalogue import catalogue
from features.clock import SHANGHAI, days_of
from features.columns import column_names, complete, is_words
from features.feature import Feature
from features.known import Known
from features.matrix import matrix
from features.register import Field, Stage, load_register
from models.abstention import Ranges, key_fields_of
from models.bundle import About, Bundle
from models.bundle.canaries import canary_rows
from models.drift import Reference
from models.estimators.boosters import BoosterSettings
from models.estimators.calibration import Calibrator
from models.estimators.comparable import Comparable
from models.estimators.hazard import HazardLessons, HazardTarget
from models.estimators.line import Lines
from models.estimators.line_fit import Watched, learn_lines
from models.estimators.person_period import FollowUp
from models.estimators.recovery import RecoveryLessons
from models.stage_models import HazardScore, Reading, RecoveryScore, ScoreModel, StageModels

SETTINGS = BoosterSettings(trees=15, leaves=7)
COURTS = ("浙1022", "浙1021")
CASES = 700

WILLINGNESS = (("paid", "ended"), (3.0, 7.0, 10.0, 15.0, 20.0, 30.0, 45.0), 15.0)
ABILITY = (("full", "zhongben", "other"), (15.0, 30.0, 60.0, 90.0, 120.0, 180.0, 270.0, 360.0), 180.0)
QUICK_CLOSE = (("quick", "other_end"), (10.0, 20.0, 30.0, 45.0), 30.0)

HAZARDS = {
    Stage.A: {"willingness": WILLINGNESS, "ability": ABILITY},
    Stage.B: {"ability": ABILITY, "quick_close": QUICK_CLOSE},
}
"""The hazard scores of each stage: causes, grid and usual reading day."""


def random_known(stage: Stage, n: int = CASES, *, seed: int = 1) -> Known:
    """Return random cases: every field of the stage drawn by its type, a fifth of the values missing."""
    rng = np.random.default_rng(seed)
    as_of = days_of(date(2025, 6, 2)) + rng.integers(0, 500, n) + 0.4
    columns: dict[str, np.ndarray] = {"received_at": as_of, "query_at": as_of}
    columns["cause_code"] = rng.choice(np.array(["108.3", "126", "9.1", None], dtype=object), n)
    for field in load_register().allowed_at(stage):
        if not is_words(field) and field.name not in columns:
            gone = rng.random(n) < 0.2
            drawn = ((name, _draw(field, n, as_of, rng)) for name in column_names(field))
            columns |= {name: np.where(gone, np.nan, values) for name, values in drawn}
    if stage is Stage.B:
        columns["filed_at"] = np.floor(as_of) - np.arange(n) % 10
    full = complete(columns, n, load_register(), stage)
    return Known.cut(full, as_of=as_of, stage=stage, register=load_register())


def _draw(field: Field, n: int, as_of: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if field.type in {"bool", "set"}:
        return (rng.random(n) < 0.4).astype(float)
    if field.type == "enum":
        return rng.integers(0, len(field.codes), n).astype(float)
    if field.type in {"date", "datetime"}:
        return np.floor(as_of - rng.exponential(200, n))
    if field.type == "decimal":
        return rng.lognormal(10, 1.5, n).round(2) * (rng.random(n) < 0.7)
    return rng.poisson(2.0, n).astype(float)


def random_rows(features: Sequence[Feature], stage: Stage, n: int = CASES, *, seed: int = 1) -> np.ndarray:
    """Return the matrix of random cases."""
    return matrix(random_known(stage, n, seed=seed), features)


def random_ends(rows: np.ndarray, causes: int, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return times and causes that depend on a few features, one case in six still open."""
    rng = np.random.default_rng(seed)
    pull = np.nan_to_num(rows[:, ::7].astype(float)).clip(-3, 3).mean(axis=1)
    ends = rng.exponential(60, (causes, len(rows))) * np.exp(-np.outer([3.0, *[-1.0] * (causes - 1)], pull))
    time, cause = ends.min(axis=0), ends.argmin(axis=0) + 1
    seen = rng.uniform(0, 500, len(rows))
    return np.minimum(time, seen), np.where(time <= seen, cause, 0)


def reading(raw: np.ndarray, day: float, *, seed: int = 1) -> Reading:
    """Return a calibrated reading on cases whose scores were a little too bold."""
    rng = np.random.default_rng(seed)
    event = (rng.random(len(raw)) < 0.1 + 0.8 * raw).astype(float)
    court = [COURTS[i % len(COURTS)] for i in range(len(raw))]
    calibrator = Calibrator.fit(raw, event, court)
    return Reading(day, calibrator, Comparable.fit(calibrator.apply(raw, court), event, court))


def half_lines(rows: np.ndarray, watched: Watched, pulls: tuple[int, ...]) -> Lines:
    """Return lines that count as much as the trees."""
    return replace(learn_lines(rows, watched, pulls=pulls, seed=1, holds=(100.0,) * 3).lines, share=0.5)


@cache
def tiny_stage(stage: Stage, *, seed: int = 1, settings: BoosterSettings = SETTINGS, cases: int = CASES) -> StageModels:
    """Return all models of a stage; training ranges are left open, so that no made-up case falls outside.

    Beside the trees of willingness, quick close and recovery stand lines.
    """
    features = catalogue(stage)
    pulls = tuple(feature.pull.sign for feature in features)
    known = random_known(stage, cases, seed=seed)
    rows = matrix(known, features)
    scores: dict[str, ScoreModel] = {}
    for name, (causes, grid, day) in HAZARDS[stage].items():
        time, cause = random_ends(rows, len(causes), seed=seed)
        follow, target = FollowUp(time, cause), HazardTarget(causes, grid)
        model = HazardLessons.of(rows, follow, target=target, settings=settings).learn(pulls, settings)
        if name != "ability":
            watched = Watched.of(follow, causes=len(causes), grid=grid)
            model = replace(model, lines=half_lines(rows, watched, pulls))
        scores[name] = HazardScore(model, (reading(model.incidence_at(rows, day), day),))
    share = np.where(random_ends(rows, 2)[1] == 1, np.random.default_rng(seed).random(cases), 0.0)
    watched = Watched(np.ones((cases, 1)), share[:, None], causes=0)
    recovery = RecoveryLessons.of(rows, share, settings=settings).learn(pulls, settings)
    recovery = replace(recovery, lines=half_lines(rows, watched, pulls))
    scores["recovery"] = RecoveryScore(recovery, (reading(recovery.share(rows), 180.0),))
    nothing = np.full(len(features), np.nan, dtype=np.float32)
    return StageModels(
        stage=stage,
        features=features,
        scores=scores,
        ranges=Ranges(lower=nothing, upper=nothing),
        key_fields=key_fields_of(known),
        canaries=canary_rows(rows, COURTS),
        reference=tuple(Reference.of(column.astype(np.float64)) for column in rows.T),
    )


def tiny_about(name: str = "tiny-1", *, simulated: bool = True, valid_until: date = date(2030, 1, 1)) -> About:
    """Return what the manifest of a tiny bundle says."""
    return About(
        name=name,
        created_at=datetime(2026, 11, 1, 9, 0, tzinfo=SHANGHAI),
        valid_until=valid_until,
        courts=COURTS,
        data_sha256="0" * 64,
        code_version="0.1.0",
        simulated=simulated,
        periods={"calibrate": (date(2026, 1, 1), date(2026, 6, 30))},
    )


def assembled(name: str = "tiny-1", *, simulated: bool = True, seed: int = 1) -> Bundle:
    """Return a whole bundle that was never saved."""
    stages = (tiny_stage(stage, seed=seed) for stage in Stage)
    return Bundle.assemble(stages, about=tiny_about(name, simulated=simulated))


def tiny_bundle(folder: Path, name: str = "tiny-1", *, simulated: bool = True, seed: int = 1) -> Path:
    """Save a whole bundle below `folder` and return its own folder, ready for `Bundle.load`."""
    path = folder / name
    assembled(name, simulated=simulated, seed=seed).save(path)
    return path
