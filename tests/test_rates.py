"""Rates with intervals: clusters count for less than cases, and nothing is more certain than what was seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.rates import rate


def apart(outcomes: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cases of as many debtors, each of the same weight."""
    return np.array(outcomes, dtype=float), np.ones(len(outcomes)), np.arange(len(outcomes))


@given(st.lists(st.integers(0, 1), min_size=1, max_size=60), st.integers(1, 9))
def test_the_rate_lies_in_its_interval_and_the_interval_in_zero_to_one(outcomes: list[int], debtors: int) -> None:
    """However the cases fall, and however many debtors they belong to."""
    y, w, g = apart(outcomes)
    found = rate(y, w, g % debtors)
    assert 0 <= found.lower <= found.value <= found.upper <= 1
    assert found.n == len(outcomes)


def test_without_a_known_outcome_there_is_no_rate() -> None:
    """Cases of weight zero are not counted."""
    found = rate(np.ones(3), np.zeros(3), np.arange(3))
    assert found.n == 0
    assert np.isnan([found.value, found.lower, found.upper]).all()


def test_independent_cases_have_wilsons_interval() -> None:
    """84 of 100: the textbook interval, give or take the small-sample factor of the spread."""
    found = rate(*apart([1] * 84 + [0] * 16))
    assert (found.lower, found.upper) == pytest.approx((0.7558, 0.8989), abs=0.002)


def test_ten_cases_of_one_debtor_say_less_than_ten_debtors() -> None:
    """The same outcomes, once in 20 clusters of ten and once apart."""
    outcomes = [1] * 120 + [0] * 80
    y, w, g = apart(outcomes)
    wide, narrow = rate(y, w, g // 10), rate(y, w, g)
    assert wide.upper - wide.lower > 2 * (narrow.upper - narrow.lower)


def test_where_all_went_the_same_way_the_interval_keeps_its_width() -> None:
    """Twenty of twenty is not certainty, and two clusters are less than twenty."""
    y, w, g = apart([1] * 20)
    assert rate(y, w, g).lower == pytest.approx(0.839, abs=0.001)
    assert rate(y, w, g % 2).lower < 0.4


def test_the_interval_holds_the_truth_nineteen_times_in_twenty() -> None:
    """500 samples of 80 clusters of one to five alike cases, drawn at 0.3."""
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(500):
        sizes = rng.integers(1, 6, 80)
        chance = rng.beta(3, 7, 80)
        g = np.repeat(np.arange(80), sizes)
        found = rate((rng.random(len(g)) < chance[g]).astype(float), np.ones(len(g)), g)
        hits += found.lower <= 0.3 <= found.upper
    assert 0.92 <= hits / 500 <= 0.98
