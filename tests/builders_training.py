"""A small simulated history, a bundle trained on it and its evaluation, made once and shared by tests."""

from __future__ import annotations

import atexit
import io
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from features.register import Stage
from training.config import Settings, load_settings
from training.console import Console
from training.evaluation.evaluate import evaluate
from training.evaluation.report import Evaluation
from training.history import History
from training.learning.train import Trained, train
from training.simulate import CourtSettings, simulate

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=8)))
OVERRIDES = (
    "booster.trees=12",
    "booster.leaves=7",
    "booster.threads=1",
    "booster.columns=1.0",
    "booster.random_splits=false",
    "min_cases=60",
    "evaluation.resamples=5",
    "evaluation.slice_min=60",
    "evaluation.explained=3",
    "mlflow.enabled=false",
)
"""Enough to find a strong effect, little enough for seconds."""


@dataclass(frozen=True)
class Small:
    """One training with everything that it left behind."""

    history: History
    settings: Settings
    trained: Trained
    bundle: Path
    sha256: str


def silent() -> Console:
    """Return a console that keeps what it is told to itself."""
    return Console(quiet=True, out=io.StringIO(), err=io.StringIO())


def settings(*overrides: str) -> Settings:
    """Return the small settings, changed as told."""
    return load_settings(overrides=(*OVERRIDES, *overrides))


@cache
def small_history() -> History:
    """Return a history of 3,000 simulated cases of three courts."""
    return History.open(_folder("history"))


@cache
def small_training() -> Small:
    """Return a bundle of both stages trained on the small history."""
    chosen = settings()
    trained = train(small_history(), chosen, stages=list(Stage), created_at=NOW, console=silent())
    folder = _temporary() / "bundle" / trained.bundle.about.name
    return Small(small_history(), chosen, trained, folder, trained.bundle.save(folder))


@cache
def small_rival() -> Small:
    """Return a second bundle that was trained on the same history without most of what tells cases apart."""
    chosen = settings("booster.trees=2", 'features.exclude=["q_bank", "claim_amount"]')
    trained = train(small_history(), chosen, stages=list(Stage), created_at=NOW + timedelta(hours=1), console=silent())
    folder = _temporary() / "bundle" / trained.bundle.about.name
    return Small(small_history(), chosen, trained, folder, trained.bundle.save(folder))


@cache
def small_evaluation() -> Evaluation:
    """Return the evaluation of that bundle."""
    small = small_training()
    return evaluate(small.trained.bundle, small.history, small.settings, console=silent())


@cache
def _folder(name: str) -> Path:
    out = _temporary() / name
    simulate(out, CourtSettings(n=3_000, seed=11, courts=3, workers=1))
    return out


@cache
def _temporary() -> Path:
    path = Path(tempfile.mkdtemp(prefix="fenliu-tests-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path
