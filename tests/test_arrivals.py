"""Arrivals: a court's record with what every lane would bring, the same at every drawing, true to the margins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.clock import days_of
from features.register import Stage
from tests import builders_court_year as build
from training.history import History
from training.simulate import draw_arrivals, fading
from training.simulate.arrivals import vanishing
from training.simulate.course import process
from training.simulate.settings import load_margins


def test_the_year_gets_its_number_of_applications() -> None:
    """On average a year has as many applications as asked for; here within four standard deviations."""
    year = build.settings()
    received = build.arrivals().received
    inside = (received >= days_of(year.year_from)) & (received < days_of(year.year_until))
    assert abs(inside.sum() - 500) < 4 * np.sqrt(500)
    assert received.min() >= days_of(year.first)
    assert (np.diff(received) >= 0).all()


def test_the_record_opens_as_a_history() -> None:
    """What a policy sees is read by the same road as a court's own history, and holds nothing of what is to come."""
    held = build.arrivals()
    history = History.of_tables({"cases": held.cases}, observed_until={held.court.code: "2030-01-01"})
    known, columns, rows = history.known(Stage.A)
    assert len(known) == len(rows) == len(held)
    assert np.allclose(columns["received_at"].astype(float), held.received, atol=1e-4)
    assert not {"filed_at", "query_at", "urge_start", "will", "means"} & set(columns)


def test_the_same_seed_gives_the_same_chance() -> None:
    """The same seed gives the same applications; another one gives others."""
    year = build.settings()
    again = draw_arrivals(np.random.SeedSequence([1]), court=year.court_place, span=build.span(year))
    other = draw_arrivals(np.random.SeedSequence([2]), court=year.court_place, span=build.span(year))
    assert np.array_equal(again.chance.work, build.arrivals().chance.work)
    assert not np.array_equal(other.received[:50], again.received[:50])


def test_the_race_is_that_of_the_histories() -> None:
    """The ways of a case, raced, give the course that the simulator writes into histories."""
    chance, margins = build.arrivals().chance, load_margins()
    lag = np.full(len(chance.will), 3.0)
    for lane in (0, 1):
        ways = process.ways(chance.means, chance.will, chance.shocks, lane=lane, margins=margins)
        course = process.run(chance.means, chance.will, chance.shocks, lane=lane, lag=lag, margins=margins)
        first = np.minimum.reduce(
            [ways.voluntary, np.where(ways.works, ways.path, np.inf), ways.zhongben - lag, ways.other]
        )
        assert np.allclose(course.closed, first + lag)


def test_days_lost_cost_willingness_and_means() -> None:
    """Both fade by the generator's own effect of a debt's age, and who has nothing can lose nothing."""
    margins = load_margins()
    lost = vanishing(margins)
    assert fading(margins) < 0
    assert lost[0] == 0.0
    assert (lost[1:] > 0).all()
    assert (lost < 0.005).all()


def test_means_vanish_at_the_rate_of_their_class() -> None:
    """The mean day on which unsecured means are gone is one over the rate; without means they never are."""
    year = build.settings("per_year=4000")
    chance = draw_arrivals(
        np.random.SeedSequence([4]), court=year.court_place, span=replace(build.span(year), per_year=4000)
    ).chance
    rate = vanishing(load_margins())
    for place in range(1, len(rate)):
        days = chance.vanish_day[chance.means == place]
        assert abs(days.mean() * rate[place] - 1.0) < 5.0 / np.sqrt(len(days))
    assert chance.vanish_day[chance.means == 0].min() > 1e6
