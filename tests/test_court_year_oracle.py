"""The oracle of a year: it obeys the law, takes what is worth more by the truth, and is the only one that knows it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from features.register import Stage
from models.lanes import LANE_CODE, Lane
from models.utility import Utility
from tests import builders_court_year as build
from training.court_year.consequences import GRID, PARTS, Consequences, at_will, value
from training.court_year.docket import applications, docket_of
from training.court_year.oracle import YearOracle, _Belief
from training.policies import amount_rule
from training.simulate.course import query
from training.simulate.settings import CLASSES, load_margins

URGE, FAST, COMPLEX, NONE = (LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX, Lane.NONE))
LIQUID = CLASSES.index("liquid")


@cache
def measured() -> Consequences:
    """Return the consequences measured on the small year."""
    return Consequences.measured(build.arrivals(), build.rules(), Utility.load(), build.settings())


def oracle(**changes: object) -> YearOracle:
    """Return the oracle of the small year."""
    given = {
        "arrivals": build.arrivals(), "consequences": measured(), "utility": Utility.load(), "rules": build.rules(),
        "claim_cap": 1e6,
    }  # fmt: skip
    return YearOracle(**(given | changes))


def test_consequences_are_what_they_can_be() -> None:
    """Days lie within the horizon, shares within one, no table has a hole, and who wants to pay more pays more."""
    for table in (measured().fast, measured().complex, measured().filed, measured().urged):
        assert table.shape[1:] == (len(CLASSES), PARTS, len(GRID))
        assert np.isfinite(table).all()
        assert (table[:, :, 0] >= 0).all()
        assert (table[:, :, 0] <= 360).all()
        assert (table[:, :, 1] >= 0).all()
        assert (table[:, :, 1] <= 1 + 1e-9).all()
        assert (table[:, :, 1, -1] >= table[:, :, 1, 0]).all()


def test_worth_is_the_utility_of_the_parts() -> None:
    """A table's parts are priced as the utility prices consequences."""
    utility = Utility.load()
    a = utility.amounts
    parts = np.array([[100.0], [0.5], [130.0], [4.0], [1.0]])
    expected = 1000 * (0.5 * a.yuan_per_yuan + a.delay_rate * 130) + a.yuan_per_day * 260 - a.yuan_per_hour * 4
    assert np.isclose(value(parts, np.array([1000.0]), utility)[0], expected - a.yuan_per_failed_urging)
    dearer = value(parts, np.array([1000.0]), utility, price=10.0)
    assert np.isclose(dearer[0], expected - a.yuan_per_failed_urging - 40)


def test_tables_are_read_between_their_points() -> None:
    """Half way between two points lies half of both; beyond the grid its edge holds."""
    table = np.arange(len(GRID), dtype=float)
    assert np.allclose(at_will(table, np.array([(GRID[3] + GRID[4]) / 2, -99.0, 99.0])), [3.5, 0.0, len(GRID) - 1.0])


def test_beliefs_are_chances_and_learn_from_the_query() -> None:
    """They add up to one for every case, and enough cash makes liquid means more likely."""
    chance, margins = build.arrivals().chance, load_margins()
    before = _Belief(chance.chances, chance.eta)
    after = _Belief(
        chance.chances * query.likelihood(chance.signs, firm=build.arrivals().firm, margins=margins), chance.eta
    )
    assert np.allclose(before.weight.sum(axis=(0, 1)), 1.0)
    assert np.allclose(after.weight.sum(axis=(0, 1)), 1.0)
    rich = chance.signs.cash == query.ENOUGH
    assert (after.weight[LIQUID].sum(axis=0)[rich] > before.weight[LIQUID].sum(axis=0)[rich]).all()


def test_beliefs_learn_from_urging_that_failed() -> None:
    """Who did not pay in fifteen days of urging is less willing and less liquid than one would have thought."""
    chance = build.arrivals().chance
    n = len(chance.eta)
    before = _Belief(chance.chances, chance.eta, chance.contact, np.zeros(n))
    after = _Belief(chance.chances, chance.eta, chance.contact, np.full(n, 15.0))
    quiet = chance.contact == 0
    assert (after.weight[LIQUID].sum(axis=0) <= before.weight[LIQUID].sum(axis=0) + 1e-12)[quiet].all()


def test_the_oracle_obeys_the_law() -> None:
    """It stops what every policy stops, and urges only what may be urged."""
    batch = applications(build.arrivals())
    own, bound = oracle().lanes(batch), amount_rule().lanes(batch)
    assert ((own == NONE) == (bound == NONE)).all()
    consent = batch.columns["consent_urge"] == 0.0
    assert consent[own == URGE].all()
    assert (own == URGE).any()


def test_the_oracle_follows_the_truth_that_it_is_given() -> None:
    """Where the fast lane costs days in every case, nothing is fast but by law; where it saves them, most is."""
    worse = replace(measured(), fast=measured().complex + np.array([100.0, 0, 0, 0, 0])[:, None])
    better = replace(measured(), fast=measured().complex - np.array([10.0, 0, 0, 0, 0])[:, None])
    batch = applications(build.arrivals())
    slow, quick = (
        docket_of(build.arrivals(), batch, oracle(consequences=one), build.settings()).second == FAST
        for one in (worse, better)
    )
    assert slow.mean() < 0.01
    assert quick.mean() > 0.8


def test_a_dear_hour_moves_the_oracle() -> None:
    """At a high price of hours it takes the lane with fewer of them, case by case."""
    cheap, dear = (
        docket_of(build.arrivals(), applications(build.arrivals()), oracle(price=price), build.settings())
        for price in (0.0, 1e5)
    )
    assert (cheap.second != dear.second).any()
    assert oracle().reads_truth


def test_the_oracle_looks_at_what_is_known_and_not_at_what_comes() -> None:
    """Other shocks, which nobody could foresee, do not change what it does at receipt."""
    drawn = build.arrivals()
    rng = np.random.default_rng(9)
    shocks = replace(drawn.chance.shocks, path=rng.standard_normal(len(drawn)), success=rng.random(len(drawn)))
    other = replace(drawn, chance=replace(drawn.chance, shocks=shocks, will=drawn.chance.will[::-1]))
    batch = applications(drawn)
    assert batch.stage is Stage.A
    assert (oracle(arrivals=other).lanes(batch) == oracle().lanes(batch)).all()
