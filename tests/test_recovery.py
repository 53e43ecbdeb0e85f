"""Recovered share: within bounds, honest on average, and true to the declared pulls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.estimators.boosters import BoosterSettings
from models.estimators.recovery import RecoveryLessons, RecoveryModel

FEW_TREES = BoosterSettings(trees=30, leaves=7)


def shares(n: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and recovered shares: most nothing, more where feature 0 is high."""
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(n, 4)).astype(np.float32)
    some = rng.random(n) < 1 / (1 + np.exp(1 - rows[:, 0]))
    return rows, np.where(some, rng.beta(2, 2, n), 0.0)


def fitted(rows: np.ndarray, share: np.ndarray) -> RecoveryModel:
    """Return a model that has learned from shares, and keeps that feature 0 helps."""
    return RecoveryLessons.of(rows, share, settings=FEW_TREES).learn((1, 0, 0, 0), FEW_TREES)


@pytest.fixture(scope="module")
def model() -> RecoveryModel:
    """Return one model trained on random shares."""
    rows, share = shares()
    return fitted(rows, share)


def test_the_mean_share_is_met(model: RecoveryModel) -> None:
    """Over all cases the expected share is the observed one, although most brought nothing."""
    rows, share = shares()

    assert model.share(rows).mean() == pytest.approx(share.mean(), abs=0.01)


@given(st.integers(0, 2**32 - 1))
def test_share_stays_in_bounds_and_keeps_its_pull(model: RecoveryModel, seed: int) -> None:
    """More of what helps never lowers the share, which lies between nothing and all."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(20, 4)).astype(np.float32)
    better = rows + np.array([1, 0, 0, 0], dtype=np.float32)

    assert (model.share(better) >= model.share(rows)).all()
    assert ((model.share(rows) >= 0) & (model.share(rows) <= 1)).all()


def test_what_is_paid_more_often_but_in_smaller_parts_is_learned_whole() -> None:
    """Where a feature makes any payment likelier but each payment smaller, its promise speaks of the expected share."""
    rng = np.random.default_rng(8)
    rows = rng.normal(size=(6000, 4)).astype(np.float32)
    likely = 1 / (1 + np.exp(-2 * rows[:, 0]))
    size = 0.9 - 0.5 * likely
    share = np.where(rng.random(6000) < likely, size, 0.0)
    learned = fitted(rows, share).share(rows)

    assert np.abs(learned - likely * size).mean() < 0.03


def test_share_over_one_is_refused() -> None:
    """A share above one is a mistake in the labels."""
    rows, share = shares(20)

    with pytest.raises(ValueError, match="not all 0; got"):
        fitted(rows, share + 1)


def test_history_without_any_recovery_is_refused() -> None:
    """Nothing can be learned about shares where nothing ever came in."""
    rows, share = shares(20)

    with pytest.raises(ValueError, match="not all 0"):
        fitted(rows, share * 0)
