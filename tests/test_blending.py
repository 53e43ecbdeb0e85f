"""How far the map is followed: chosen on earlier periods, from nothing later than each of them."""

from __future__ import annotations

import numpy as np

from features.known import Array
from models.estimators.hazard import sigmoid
from training.learning.blending import FEWEST_FOLDS, MODERATE, SHARES, Predict, _chosen, as_of, choose
from training.learning.labels import Outcomes

DAY, UNTIL = 30.0, 800.0


def past(level: Array, *, slope: float = 1.0, seed: int = 1) -> Outcomes:
    """Return cases of eight periods with their own level; `share` holds what a model knows of each."""
    rng = np.random.default_rng(seed)
    n = 8_000
    entered = np.sort(rng.uniform(0, UNTIL, n))
    fact = rng.normal(size=n)
    odds = level[np.minimum((entered / 100).astype(int), 7)] + slope * fact
    paid = rng.random(n) < sigmoid(odds)
    followed = UNTIL - entered
    time = np.where(paid, rng.uniform(0, DAY, n), 60.0)
    seen = np.minimum(time, followed)
    cause = (paid & (time <= followed)).astype(np.int64)
    rows = np.arange(n)
    return Outcomes(rows, entered, entered, np.zeros(n), seen, cause, followed, rows, fact)


def knows(cases: Outcomes) -> Predict:
    """Learn the level of all of the past and nothing else; slope and facts are known from the start."""
    rate = np.nanmean(cases.happened(DAY))
    return lambda others: sigmoid(np.log(rate / (1 - rate)) + others.share)


def test_a_model_that_is_right_is_followed_in_full() -> None:
    """Where nothing moves, all that tells cases apart is kept."""
    found = choose(past(np.zeros(8)), knows, day=DAY, until=UNTIL, seed=1)

    assert found.folds >= FEWEST_FOLDS
    assert found.mapped + found.own == 1.0


def test_what_never_held_later_is_pulled_to_the_level_of_the_past() -> None:
    """Where facts say nothing of the outcome, a model that trusts them is shown near the frequency of the past."""
    found = choose(past(np.full(8, -1.0), slope=0.0), knows, day=DAY, until=UNTIL, seed=1)

    assert found.own <= 0.25
    assert abs(sigmoid(np.array(found.level)) - sigmoid(np.array(-1.0))) < 0.02


def test_a_level_that_moved_for_good_is_taken_from_the_map() -> None:
    """Where the frequency rises from period to period, the newest period says more than the model of all."""
    found = choose(past(np.linspace(-2.0, 2.0, 8)), knows, day=DAY, until=UNTIL, seed=1)

    assert found.mapped >= 0.75


def test_too_short_a_past_gets_the_moderate_shares() -> None:
    """Periods shorter than the reading day say nothing, and the bundle says that nothing was chosen."""
    found = choose(past(np.zeros(8)), knows, day=300.0, until=UNTIL, seed=1)

    assert (found.mapped, found.own, found.folds) == (*MODERATE, 0)


def tried(gains: dict[tuple[float, float], list[float]]) -> tuple[float, float]:
    """Return the shares chosen where these gain over the level in four periods, and all others lose in the second."""
    losses = np.full((4, len(SHARES)), 0.45)
    losses[1] = 0.55
    for pair, gained in gains.items():
        losses[:, SHARES.index(pair)] = 0.5 - np.array(gained)
    return SHARES[_chosen(losses, np.full((4, 1), 0.5))]


def test_the_larger_gain_is_chosen_where_periods_agree() -> None:
    """All of a map gained more than half of it in every period: it is followed."""
    assert tried({(0.5, 0.0): [0.03, 0.03, 0.03, 0.03], (0.5, 0.5): [0.07, 0.05, 0.06, 0.06]}) == (0.5, 0.5)


def test_one_period_that_lost_does_not_undo_the_others() -> None:
    """Three periods gained much and one lost a little: what claims least is not surer than that."""
    assert tried({(0.5, 0.5): [0.12, -0.01, 0.1, 0.1], (0.0, 0.02): [0.01, -0.001, 0.01, 0.01]}) == (0.5, 0.5)


def test_a_gain_is_taken_as_far_as_nine_of_ten_pasts_would_show_it() -> None:
    """Gains of three hundredths and one of nothing (error .0075): with 1.64 errors off, they are sure of .0102."""
    gains = [0.03, 0.0, 0.03, 0.03]
    assert tried({(0.5, 0.5): gains, (0.0, 0.02): [0.0104] * 4}) == (0.0, 0.02)
    assert tried({(0.5, 0.5): gains, (0.0, 0.02): [0.0100] * 4}) == (0.5, 0.5)


def test_a_gain_that_one_period_owes_to_luck_counts_for_nothing() -> None:
    """The best on the average gained in one period alone: the sure little stands."""
    assert tried({(0.5, 0.5): [0.3, -0.05, -0.05, -0.05], (0.0, 0.02): [0.002] * 4}) == (0.0, 0.02)


def test_a_fold_learns_from_nothing_later() -> None:
    """On a day in between, later cases are not there and later ends have not happened."""
    seen = as_of(past(np.zeros(8)), 400.0)

    assert (seen.entered_at < 400.0).all()
    assert (seen.start + seen.time <= 400.0).all()
    assert (seen.cause[seen.start + seen.time == 400.0] == 0).all()
