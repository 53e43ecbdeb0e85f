"""What anybody could do in an hour: the constant, the amount rule, a logistic regression, LightGBM out of the box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import lightgbm
import numpy as np
import numpy.typing as npt
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from features.known import Array
from training.learning.labels import Outcomes
from training.learning.stage_data import ScoreData

Rows = npt.NDArray[np.float32]


class Baseline(Protocol):
    """Takes training rows, their labels and the rows to score; returns probabilities or shares."""

    def __call__(self, train: Rows, label: Array, rows: Rows, *, threads: int) -> Array:
        """Learn and answer."""


CONSTANT, AMOUNT = "constant", "amount"
SEED = 0
MOST_LINEAR_ROWS = 100_000
"""A linear model learns nothing more from further rows, but needs memory for them."""


def constant(train: Rows, label: Array, rows: Rows, *, threads: int) -> Array:  # noqa: ARG001 - one shape for all
    """Return the mean of the training period for everybody."""
    return np.full(len(rows), float(label.mean()))


def amount_rule(claim: Array, label: Array, asked: Array, *, bounds: Sequence[float]) -> Array:
    """Return how often it came true among training claims of the same band: what a court knows that goes by amounts.

    `bounds` are the yuan at which the court's rule parts claims. An unknown
    claim, and a band that held no training case, get the mean of all.
    """
    edges = np.asarray(bounds)
    known = ~np.isnan(claim)
    band = np.searchsorted(edges, claim[known], side="right")
    n = np.bincount(band, minlength=len(edges) + 1)
    hits = np.bincount(band, weights=label[known], minlength=len(edges) + 1)
    rate = np.where(n > 0, hits / np.maximum(n, 1), label.mean())
    return np.where(np.isnan(asked), label.mean(), rate[np.searchsorted(edges, np.nan_to_num(asked), side="right")])


def linear(train: Rows, label: Array, rows: Rows, *, threads: int) -> Array:  # noqa: ARG001 - one shape for all
    """Logistic regression on the same questions: medians for missing values, beside an indicator that they are missing.

    For a recovered share, which is no yes or no, least squares held to [0, 1].
    """
    chosen = np.random.default_rng(SEED).permutation(len(train))[:MOST_LINEAR_ROWS]
    binary = bool(np.isin(label, (0.0, 1.0)).all())
    model = LogisticRegression(max_iter=1000) if binary else LinearRegression()
    steps = (SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), _Scale(), model)
    pipeline = make_pipeline(*steps).fit(_squeezed(train[chosen]), label[chosen])
    if binary:
        return np.asarray(pipeline.predict_proba(_squeezed(rows))[:, 1])
    return np.clip(np.asarray(pipeline.predict(_squeezed(rows)), dtype=np.float64), 0.0, 1.0)


def lightgbm_default(train: Rows, label: Array, rows: Rows, *, threads: int) -> Array:
    """LightGBM with its default settings and no thought: no constraints, no competing ends, no calibration."""
    binary = bool(np.isin(label, (0.0, 1.0)).all())
    parameters = {
        "objective": "binary" if binary else "regression",
        "verbosity": -1,
        "num_threads": threads,
        "seed": SEED,
    }
    parameters |= {"deterministic": True, "force_row_wise": True}
    booster = lightgbm.train(parameters, lightgbm.Dataset(train, label=label), num_boost_round=100)
    return np.clip(np.asarray(booster.predict(rows, num_threads=threads), dtype=np.float64), 0.0, 1.0)


BASELINES: Mapping[str, Baseline] = MappingProxyType(
    {CONSTANT: constant, "linear": linear, "lightgbm": lightgbm_default},
)
"""Baselines that read the features, by name, in the order of tables; the amount rule reads the claim alone."""


def labels_for(name: str, score: ScoreData) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return the training labels of a baseline and which training cases it uses.

    All keep a gap of one horizon before calibration: of later cases only the
    quick ends are known. LightGBM out of the box gets the naive label: whoever
    has not paid so far has not paid, also where the follow-up was too short.
    The others leave such cases out.
    """
    train: Outcomes = score.train
    if not score.target.causes:
        return train.share, score.settled
    happened = train.happened(score.target.reading)
    if name == "lightgbm":
        return np.nan_to_num(happened), score.settled
    return happened, score.settled & ~np.isnan(happened)


def _squeezed(rows: Rows) -> Array:
    """Return rows with money and counts on a logarithmic scale, sign kept, as anyone fitting a line would."""
    values = rows.astype(np.float64)
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)))


class _Scale(StandardScaler):  # type: ignore[misc]
    """Standard scores held to ten deviations: one absurd value must not swing a line."""

    def transform(self, X: Array, copy: bool | None = None) -> Array:  # noqa: FBT001 - scikit-learn's own signature
        """Return clipped standard scores."""
        scaled: Array = super().transform(X, copy=copy)
        return np.clip(scaled, -10.0, 10.0)
