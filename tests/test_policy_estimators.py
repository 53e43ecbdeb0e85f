"""Estimators of a policy's value: identities that hold for every log, and honesty where chances or models are wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders_policy_value import Drawn, drawn
from training.policy_value.estimators import (
    ESTIMATORS,
    FOLLOW,
    Logged,
    direct,
    doubly_robust,
    weighted,
    weights,
)

NEVER = np.inf
"""No weight is cut."""


def targets(log: Drawn, *, seed: int, follow: bool = True) -> np.ndarray:
    """Return a random target for each case."""
    return np.random.default_rng(seed).integers(FOLLOW if follow else 0, 2, len(log.logged.action))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_what_was_decided_is_worth_its_own_mean(seed: int) -> None:
    """A policy that leaves every case as it was decided is worth exactly what came of it, whatever models expect."""
    log = drawn(200, seed=seed, expected=float(seed))
    target = np.full(200, FOLLOW)
    for scores in (weighted, doubly_robust):
        found = scores(log.logged, target, clip=5.0).mean(axis=0)
        assert found == pytest.approx(log.logged.outcome.mean(axis=0), abs=1e-9)


@pytest.mark.parametrize("name", list(ESTIMATORS))
@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_a_constant_outcome_gives_the_constant(name: str, seed: int) -> None:
    """Where everything brings seven, every policy is worth seven, by every estimator."""
    log = drawn(200, seed=seed, expected=7.0)
    same = replace(log.logged, outcome=np.full_like(log.logged.outcome, 7.0))
    found = ESTIMATORS[name].scores(same, targets(log, seed=seed), clip=20.0)
    assert found.mean(axis=0) == pytest.approx(7.0)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_without_errors_of_the_models_there_is_nothing_to_correct(seed: int) -> None:
    """Where outcomes are what the models expected, doubly robust and direct are one, case by case."""
    log = drawn(200, seed=seed)
    expected = log.would
    perfect = replace(log.logged, expected=expected)
    target = targets(log, seed=seed)
    assert doubly_robust(perfect, target, clip=20.0) == pytest.approx(direct(perfect, target, clip=20.0))


@given(seed=st.integers(0, 10_000), scale=st.floats(0.1, 1.0))
@settings(max_examples=20, deadline=None)
def test_self_normalised_weights_ignore_the_scale_of_the_chances(seed: int, scale: float) -> None:
    """Chances that are all too small by one factor give the same estimate and the same scores."""
    log = drawn(200, seed=seed)
    target = targets(log, seed=seed)
    scaled = replace(log.logged, chance=log.logged.chance * scale)
    assert weighted(scaled, target, clip=NEVER) == pytest.approx(weighted(log.logged, target, clip=NEVER))


def test_no_case_stands_for_more_than_the_limit() -> None:
    """Weights are one over the chance, cut at the limit; a case that went the other way stands for nothing."""
    log = drawn()
    target = np.ones(len(log.group), dtype=np.int64)
    free, cut = weights(log.logged, target, clip=NEVER), weights(log.logged, target, clip=4.0)
    agrees = log.logged.action == 1
    assert (free[agrees] == 1.0 / log.logged.chance[agrees, 1]).all()
    assert (cut[agrees] == np.minimum(free[agrees], 4.0)).all()
    assert not free[~agrees].any()


def errors(expected: str, chance: str, *, estimator: str) -> np.ndarray:
    """Return the mean error over fifty logs of "everybody gets the second action", in standard errors."""
    found = []
    for seed in range(50):
        log = drawn(2_000, seed=seed)
        model = log.would.mean(axis=2, keepdims=True) if expected == "right" else np.zeros_like(log.would)
        given = replace(log.logged, expected=np.broadcast_to(model, log.would.shape).copy())
        if chance == "wrong":
            given = replace(given, chance=np.full_like(given.chance, 0.5))
        target = np.ones(2_000, dtype=np.int64)
        estimate = ESTIMATORS[estimator].scores(given, target, clip=NEVER).mean(axis=0)
        found.append(estimate - log.truth(target))
    error = np.stack(found)[:, 0]
    return np.asarray(error.mean() / (error.std() / np.sqrt(50)))


@pytest.mark.parametrize(("expected", "chance"), [("right", "right"), ("right", "wrong"), ("wrong", "right")])
def test_doubly_robust_needs_only_one_of_both_to_be_right(expected: str, chance: str) -> None:
    """With right models or right chances there is no bias."""
    assert abs(errors(expected, chance, estimator="dr")) < 4.0


@pytest.mark.parametrize(
    ("estimator", "expected", "chance"),
    [("dr", "wrong", "wrong"), ("dm", "wrong", "right"), ("snipw", "right", "wrong")],
)
def test_where_what_an_estimator_leans_on_is_wrong_it_errs(estimator: str, expected: str, chance: str) -> None:
    """The comparison itself can tell: wrong models spoil the direct method, wrong chances the weights."""
    assert abs(errors(expected, chance, estimator=estimator)) > 10.0


def test_an_action_that_nobody_took_is_left_to_the_models() -> None:
    """Where no logged case agrees, weights have nothing to say and the models' word stands."""
    log = drawn(300, chance=0.0, expected=3.0)
    assert (log.logged.action == 0).all()
    scores = weighted(log.logged, np.ones(300, dtype=np.int64), clip=20.0)
    assert (scores == 3.0).all()


def test_scores_have_one_row_a_case_and_one_column_a_figure() -> None:
    """Every estimator gives shape (n, figures)."""
    log = drawn(100)
    for one in ESTIMATORS.values():
        assert one.scores(log.logged, targets(log, seed=1), clip=20.0).shape == log.logged.outcome.shape
    assert isinstance(log.logged, Logged)
