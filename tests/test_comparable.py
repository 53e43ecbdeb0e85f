"""Comparable cases: own court first, widened until there are enough, and a range that holds."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.estimators.comparable import WANDER, Comparable, frequency_range, later


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
    seen = rng.binomial(100, truth) / 100

    assert 0.87 <= ((seen >= lower) & (seen <= upper)).mean() <= 0.93


def covered(truth: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """Return in how many groups of the next hundred cases the frequency lies in the range."""
    seen = np.random.default_rng(5).binomial(100, truth) / 100
    return float(((seen >= lower - 1e-9) & (seen <= upper + 1e-9)).mean())


@pytest.mark.parametrize("mean", [0.005, 0.02, 0.1, 0.5, 0.97])
def test_the_range_is_right_for_rare_and_for_certain_events(mean: float) -> None:
    """Between 0 and 3 of a hundred no range holds exactly nine times in ten; on average over near chances it does."""
    rng = np.random.default_rng(9)
    truth = np.clip(rng.uniform(mean - 0.004, mean + 0.004, 3000), 0.0005, 0.9995)
    n = rng.integers(100, 2000, 3000).astype(float)
    lower, upper = frequency_range(rng.binomial(n.astype(int), truth).astype(float), n)
    assert 0.86 <= covered(truth, lower, upper) <= 0.965


def moved(p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return chances of a later period, in which every level lies somewhat off: by 0.1 in log-odds, either way."""
    return np.asarray(1 / (1 + (1 / p - 1) * np.exp(rng.normal(0, WANDER, len(p)))))


def test_scores_of_every_size_are_covered_on_a_later_period() -> None:
    """Honest scores of two courts, many of them near zero: 88 to 92 of 100 cells hold, within chance."""
    rng = np.random.default_rng(12)
    p = rng.beta(0.5, 2.5, 8_000)
    court = ["甲" if one < 0.7 else "乙" for one in rng.random(8_000)]
    found = Comparable.fit(p, (rng.random(8_000) < p).astype(float), court)
    asked = rng.beta(0.5, 2.5, 3_000)
    shown = found.look(["乙"] * 3_000, asked)
    assert 0.87 <= covered(moved(asked, rng), shown.lower, shown.upper) <= 0.93


def test_any_number_of_cases_leaves_the_doubt_of_another_period() -> None:
    """A hundred thousand cases say no more of a later period than that levels move."""
    many, few = (later(np.array([n]), np.array([0.5]), np.ones(1))[0] for n in (1e5, 100.0))
    assert many == pytest.approx(4 / WANDER**2, rel=0.01)
    assert 75 < few < 85


def test_partial_recoveries_scatter_less_than_yes_and_no() -> None:
    """The range of a mean share is as wide as shares scatter: it holds nine times in ten, not nearly always."""
    rng = np.random.default_rng(13)
    p = rng.uniform(0.3, 0.7, 6_000)
    found = Comparable.fit(p, rng.beta(3 * p, 3 * (1 - p)), ["甲"] * 6_000)
    asked = np.full(2_000, 0.5)
    shown = found.look(["甲"] * 2_000, asked)
    mean = moved(asked, rng)[:, None]
    seen = rng.beta(3 * mean, 3 * (1 - mean), (2_000, 100)).mean(axis=1)
    assert 0.86 <= ((seen >= shown.lower) & (seen <= shown.upper)).mean() <= 0.94
    yes_or_no = Comparable.fit(p, (rng.random(6_000) < p).astype(float), ["甲"] * 6_000).look(["甲"], np.array([0.5]))
    assert shown.upper[0] - shown.lower[0] < 0.7 * (yes_or_no.upper[0] - yes_or_no.lower[0])


def test_a_case_that_stands_in_for_others_counts_as_one() -> None:
    """Two hundred cases of weight two say as much as two hundred, not as four hundred."""
    p, event, court = counted(3_000)
    once = Comparable.fit(p, event, court).look(["甲"], np.array([0.4]))
    twice = Comparable.fit(p, event, court, weight=np.full(3_000, 2.0)).look(["甲"], np.array([0.4]))
    assert (once.n, once.lower, once.upper) == (twice.n, twice.lower, twice.upper)


def test_ranges_of_a_bundle_that_names_no_knots_are_read_as_before() -> None:
    """Bundles of earlier versions keep a range for every fiftieth."""
    plain = {"courts": {}, "lower": [[0.1] * 51], "upper": [[0.9] * 51], "n": [[200] * 51]}
    plain["lower"] = [np.linspace(0.0, 0.5, 51).tolist()]
    assert Comparable.from_json(plain).look(["甲"], np.array([0.409])).lower[0] == pytest.approx(0.2)


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
