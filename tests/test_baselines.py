"""Baselines are what they say they are."""

from __future__ import annotations

import numpy as np
import pytest

from features.register import Stage
from tests.builders_training import settings, small_history
from training.evaluation.baselines import BASELINES, amount_rule, labels_for
from training.learning.stage_data import StageData, find_periods, score_data


def rows(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of which the first column decides the outcome, with holes and an absurd value."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    label = (x[:, 0] > 0).astype(np.float64)
    x[::7, 1] = np.nan
    x[0, 2] = 1e12
    return x, label


def test_the_constant_says_the_mean() -> None:
    """It neither ranks nor errs on the whole."""
    x, label = rows()
    assert BASELINES["constant"](x, label, x[:5], threads=1).tolist() == [pytest.approx(label.mean())] * 5


@pytest.mark.parametrize("name", ["linear", "lightgbm"])
def test_a_baseline_finds_an_obvious_effect_despite_holes(name: str) -> None:
    """Missing and absurd values are dealt with; a weak baseline would flatter us."""
    x, label = rows()
    found = BASELINES[name](x, label, x, threads=1)
    assert ((found > 0.5) == (label == 1)).mean() > 0.9
    assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.parametrize("name", ["linear", "lightgbm"])
def test_a_share_is_predicted_as_a_share(name: str) -> None:
    """For the recovered share the same baselines answer in [0, 1]."""
    x, label = rows()
    found = BASELINES[name](x, label * 0.6, x, threads=1)
    assert ((found >= 0) & (found <= 1)).all()
    assert np.corrcoef(found, label)[0, 1] > 0.7


def test_the_naive_label_calls_unfinished_cases_unpaid() -> None:
    """LightGBM out of the box uses all settled cases; the others leave out those whose outcome nobody knows."""
    chosen = settings("labels.recording_lag_days=60")
    data = StageData.of(small_history(), Stage.A)
    at = find_periods(small_history(), chosen)
    score = score_data(small_history(), "ability", data=data, at=at, settings=chosen)
    unknown = np.isnan(score.train.happened(180))
    naive, used = labels_for("lightgbm", score)
    assert (unknown & score.settled).any()
    assert (used == score.settled).all()
    assert (naive[unknown] == 0).all()
    assert (labels_for("linear", score)[1] == ~unknown & score.settled).all()


def test_the_amount_rule_knows_the_frequency_of_each_band() -> None:
    """Small, middle and large claims; an unknown claim and a band nobody taught get the mean of all."""
    claim, label = np.array([5.0, 6.0, 20.0, 20.0, np.nan]), np.array([1.0, 0.0, 1.0, 1.0, 0.0])
    found = amount_rule(claim, label, np.array([9.0, 10.0, 500.0, np.nan]), bounds=(10.0, 100.0))
    assert found.tolist() == [0.5, 1.0, 0.6, 0.6]
