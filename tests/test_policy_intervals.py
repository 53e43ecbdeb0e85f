"""Intervals of policy values: debtors are drawn whole, comparisons are paired, the same seed gives the same."""

from __future__ import annotations

import numpy as np

from training.policy_value.figures import FIGURES
from training.policy_value.intervals import Debtors


def scores(values: np.ndarray) -> np.ndarray:
    """Return scores with the same values in every figure."""
    return np.tile(values[:, None], (1, len(FIGURES)))


def debtors(group: np.ndarray, *, seed: int = 1, level: float = 0.9) -> Debtors:
    """Return resamples of these groups."""
    return Debtors.of(group, count=400, level=level, seed=seed)


def test_the_interval_holds_the_mean_as_often_as_it_says() -> None:
    """Over 300 samples of debtors with up to six cases each, nine in ten intervals hold the true mean."""
    held = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        group = np.repeat(np.arange(120), rng.integers(1, 7, 120))
        values = rng.exponential(size=120)[group] + rng.normal(size=len(group))
        found = debtors(group, seed=seed).estimates(scores(values))["value"]
        held.append(found.lower <= 1.0 <= found.upper)
    assert 0.85 <= np.mean(held) <= 0.94


def test_cases_of_one_debtor_do_not_count_as_many() -> None:
    """Ten identical cases of a debtor tell no more than one; the interval is that of the debtors."""
    values = np.random.default_rng(3).normal(size=100)
    one, ten = np.arange(100), np.repeat(np.arange(100), 10)
    narrow = debtors(np.arange(1_000)).estimates(scores(np.repeat(values, 10)))["value"]
    honest = debtors(ten).estimates(scores(np.repeat(values, 10)))["value"]
    single = debtors(one).estimates(scores(values))["value"]
    assert abs(honest.lower - single.lower) < 1e-9
    assert honest.upper - honest.lower > 2.5 * (narrow.upper - narrow.lower)


def test_a_difference_is_paired() -> None:
    """Two policies that differ by exactly one everywhere differ by one with certainty, however much cases vary."""
    values = np.random.default_rng(4).normal(scale=1e3, size=500)
    whole = debtors(np.arange(500))
    found = whole.estimates(scores(values + 1.0) - scores(values))["value"]
    assert abs(found.lower - 1.0) < 1e-6
    assert abs(found.upper - 1.0) < 1e-6


def test_the_same_seed_gives_the_same_interval() -> None:
    """Nothing is drawn that was not handed in."""
    values = scores(np.random.default_rng(5).normal(size=200))
    group = np.arange(200)
    assert debtors(group).estimates(values) == debtors(group).estimates(values)
    assert debtors(group).estimates(values) != debtors(group, seed=2).estimates(values)
