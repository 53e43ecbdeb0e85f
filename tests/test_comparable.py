"""Comparable cases: own court first, widened until there are enough, and a range that holds."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.estimators.comparable import Comparable, frequency_range


def counted(n: int, court: str = "甲", seed: int = 2) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return calibrated scores, events that follow them, and the court of each."""
    rng = np.random.default_rng(seed)
    p = rng.beta(2, 3, n)
    return p, (rng.random(n) < p).astype(float), [court] * n


def test_range_holds_the_frequency_of_the_next_hundred_cases() -> None:
    """In nine of ten groups of 100 later cases the observed frequency lies in the range."""
    rng = np.random.default_rng(8)
    truth = rng.uniform(0.1, 0.9, 4000)
    lower, upper = frequency_range(rng.binomial(400, truth).astype(float), np.full(4000, 400.0))
    later = rng.binomial(100, truth) / 100

    assert 0.87 <= ((later >= lower) & (later <= upper)).mean() <= 0.93


def test_own_court_comes_first() -> None:
    """A court with its own cases is compared with them, not with all courts'."""
    p, event, court = counted(3000)
    comparable = Comparable.fit(np.tile(p, 2), np.append(event, np.zeros(3000)), [*court, *["乙"] * 3000])

    assert comparable.look(["甲"], np.array([0.4])).lower[0] > comparable.look(["未见"], np.array([0.4])).lower[0]


def test_the_search_widens_until_a_hundred_cases() -> None:
    """Where cases are thin, a wider band of scores counts, and says how many."""
    thin, dense = Comparable.fit(*counted(700)), Comparable.fit(*counted(20000))

    assert thin.look(["甲"], np.array([0.3])).n[0] >= 100
    assert dense.look(["甲"], np.array([0.3])).n[0] > 1000


def test_too_few_cases_say_so() -> None:
    """With forty cases in all, the count stays below the line at which the model abstains."""
    assert Comparable.fit(*counted(40)).look(["甲"], np.array([0.4])).n[0] < 50


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_the_range_always_holds_the_score(seed: int, p: float) -> None:
    """Whatever the period, the score shown lies inside the range shown, inside [0, 1]."""
    found = Comparable.fit(*counted(300, seed=seed)).look(["甲"], np.array([p]))

    assert 0.0 <= found.lower[0] <= p <= found.upper[0] <= 1.0


def test_a_missing_score_has_no_comparable_cases() -> None:
    """What is not a number is comparable with nothing."""
    found = Comparable.fit(*counted(300)).look(["甲"], np.array([np.nan]))

    assert found.n[0] == 0
    assert np.isnan([found.lower[0], found.upper[0]]).all()


def test_json_round_trip_is_exact() -> None:
    """Saved ranges are the ranges."""
    comparable = Comparable.fit(*counted(900))
    again = Comparable.from_json(json.loads(json.dumps(comparable.to_json())))
    p = np.linspace(0, 1, 33)

    assert np.array_equal(again.look(["甲"] * 33, p).lower, comparable.look(["甲"] * 33, p).lower)
    assert np.array_equal(again.look(["甲"] * 33, p).n, comparable.look(["甲"] * 33, p).n)


def test_never_seen_and_always_seen_reach_the_ends() -> None:
    """None of 200 leaves 0 inside the range, all of 200 leaves 1 inside."""
    lower, upper = frequency_range(np.array([0.0, 200.0]), np.array([200.0, 200.0]))

    assert lower[0] == 0.0
    assert upper[1] == 1.0
    assert upper[0] == pytest.approx(0.03, abs=0.02)
