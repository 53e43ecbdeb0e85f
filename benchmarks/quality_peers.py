"""What others would train on the same rows: each peer with its defaults, fitted in one call, asked in another."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from features.known import Array
from training.evaluation.baselines import constant, lightgbm_default, linear

Rows = npt.NDArray[np.float32]
Answer = Callable[[Rows], Array]
"""Returns chances (or shares) of rows; a curve peer returns those of every day of the grid, shape (n, days)."""


@dataclass(frozen=True)
class Lesson:
    """Rows with their labels, yes or no or a share, and for curves the time and the end of each case."""

    rows: Rows
    label: Array
    time: Array
    cause: npt.NDArray[np.int64]
    seed: int
    threads: int

    @property
    def binary(self) -> bool:
        """Whether every label is yes or no."""
        return bool(np.isin(self.label, (0.0, 1.0)).all())


@dataclass(frozen=True)
class Peer:
    """A peer: the module it needs, how it learns, on how many rows at most, and whether it gives whole curves.

    One that learns `at_once` does so when it is asked: the time of asking is that of fitting.
    """

    module: str
    learn: Callable[[Lesson], Answer]
    most_rows: int = 1_000_000_000
    curve: bool = False
    at_once: bool = False

    def missing(self) -> str | None:
        """Return why the peer cannot take part, None where it can."""
        try:
            importlib.import_module(self.module)
        except Exception as error:  # noqa: BLE001 - whatever a stranger's import raises, it is left out by name
            return f"{self.module}: {type(error).__name__}: {error}"
        return None


def peers(*, survival_rows: int, additive_rows: int) -> Mapping[str, Peer]:
    """Return the peers by name, in the order of the table; two of them learn from so many rows at most."""
    return {
        "constant": Peer("numpy", _baseline(constant), at_once=True),
        "logistic": Peer("sklearn", _baseline(linear), at_once=True),
        "lightgbm": Peer("lightgbm", _baseline(lightgbm_default), at_once=True),
        "catboost": Peer("catboost", _catboost),
        "xgboost": Peer("xgboost", _xgboost),
        "ebm": Peer("interpret.glassbox", _additive, most_rows=additive_rows),
        "survivalboost": Peer("hazardous", _survival, most_rows=survival_rows, curve=True),
    }


def _baseline(baseline: Callable[..., Array]) -> Callable[[Lesson], Answer]:
    """Learn when asked, as the baselines of `fenliu evaluate` do."""

    def learn(lesson: Lesson) -> Answer:
        return lambda rows: baseline(lesson.rows, lesson.label, rows, threads=lesson.threads)

    return learn


def _catboost(lesson: Lesson) -> Answer:
    kind = "CatBoostClassifier" if lesson.binary else "CatBoostRegressor"
    model = getattr(importlib.import_module("catboost"), kind)(
        random_seed=lesson.seed, thread_count=lesson.threads, verbose=False, allow_writing_files=False
    )
    return _answering(model.fit(lesson.rows, lesson.label), binary=lesson.binary)


def _xgboost(lesson: Lesson) -> Answer:
    kind = "XGBClassifier" if lesson.binary else "XGBRegressor"
    model = getattr(importlib.import_module("xgboost"), kind)(
        random_state=lesson.seed, n_jobs=lesson.threads, tree_method="hist"
    )
    return _answering(model.fit(lesson.rows, lesson.label), binary=lesson.binary)


def _additive(lesson: Lesson) -> Answer:
    kind = "ExplainableBoostingClassifier" if lesson.binary else "ExplainableBoostingRegressor"
    model = getattr(importlib.import_module("interpret.glassbox"), kind)(
        random_state=lesson.seed, n_jobs=lesson.threads
    )
    return _answering(model.fit(lesson.rows, lesson.label), binary=lesson.binary)


def _answering(model: Any, *, binary: bool) -> Answer:
    if binary:
        return lambda rows: np.asarray(model.predict_proba(rows)[:, 1], dtype=np.float64)
    return lambda rows: np.clip(np.asarray(model.predict(rows), dtype=np.float64), 0.0, 1.0)


def _survival(lesson: Lesson) -> Answer:
    """SurvivalBoost gives whole curves of the first cause; `days` are asked for at each answer.

    It cannot take a column in which nothing is known of any case, so these are left out.
    """
    import pandas as pd

    held = np.flatnonzero(~np.isnan(lesson.rows).all(axis=0))
    names = [f"f{number}" for number in held]
    outcome = pd.DataFrame({"event": lesson.cause, "duration": np.maximum(lesson.time, 1e-3)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = importlib.import_module("hazardous").SurvivalBoost(random_state=lesson.seed, show_progressbar=False)
        model.fit(pd.DataFrame(lesson.rows[:, held], columns=names), outcome)

    def answer(rows: Rows, days: Array | None = None) -> Array:
        frame = pd.DataFrame(rows[:, held], columns=names)
        return np.asarray(model.predict_cumulative_incidence(frame, times=days)[:, 1, :], dtype=np.float64)

    return answer
