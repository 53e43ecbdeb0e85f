"""Measures by their identities, and censoring that does not bias them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss as sklearn_log_loss
from sklearn.metrics import roc_auc_score

from training.evaluation.measures import (
    CHANCE,
    MEASURES,
    SPREAD,
    Judged,
    auc,
    brier,
    calibration_error,
    explained_variance,
    gap,
    intervals,
    judge,
    log_loss,
    rank_correlation,
    resamples,
)
from training.evaluation.wider import Curve, coverage, gains, integrated_brier, lift, marginal_curve, money_error
from training.learning.labels import Outcomes

SCORES = st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]), st.booleans()), min_size=8, max_size=60)


def judged(score: list[float], outcome: list[float]) -> Judged:
    """Return cases of equal weight."""
    return Judged(np.array(score), np.array(outcome, dtype=np.float64), np.ones(len(score)))


@given(SCORES)
def test_auc_and_log_loss_agree_with_the_common_library(cases: list[tuple[float, bool]]) -> None:
    """Ties included, the figures are those of scikit-learn."""
    given_cases = judged([c[0] for c in cases], [c[1] for c in cases])
    if len(set(given_cases.outcome)) == 2:
        assert auc(given_cases) == pytest.approx(roc_auc_score(given_cases.outcome, given_cases.score))
    expected = sklearn_log_loss(given_cases.outcome, given_cases.score, labels=[0, 1])
    assert log_loss(given_cases) == pytest.approx(expected)


@given(SCORES)
def test_counting_a_case_twice_is_weighing_it_twice(cases: list[tuple[float, bool]]) -> None:
    """Every measure treats a weight as a number of cases, which is what resampling relies on."""
    once = judged([c[0] for c in cases], [c[1] for c in cases])
    times = np.arange(len(cases)) % 3
    weighed = once.weighted(times.astype(np.float64))
    repeated = judged(np.repeat(once.score, times).tolist(), np.repeat(once.outcome, times).tolist())
    for measure in CHANCE.values():
        assert measure.of(weighed) == pytest.approx(measure.of(repeated), nan_ok=True)


def test_turning_the_scores_round_turns_the_auc_round() -> None:
    """The AUC of 1 - p is 1 - AUC of p."""
    cases = judged([0.1, 0.4, 0.4, 0.8, 0.9], [0, 1, 0, 0, 1])
    turned = Judged(1 - cases.score, cases.outcome, cases.weight)
    assert auc(turned) == pytest.approx(1 - auc(cases))


def test_a_true_probability_has_almost_no_calibration_error() -> None:
    """Scores from which the outcomes were drawn are honest; scores moved by 0.2 are off by about 0.2."""
    rng = np.random.default_rng(3)
    p = rng.uniform(0.3, 0.6, size=50_000)
    outcome = (rng.random(50_000) < p).astype(np.float64)
    weight = np.ones(50_000)
    assert calibration_error(Judged(p, outcome, weight)) < 0.01
    assert calibration_error(Judged(p + 0.2, outcome, weight)) == pytest.approx(0.2, abs=0.01)


def test_a_constant_that_equals_the_base_rate_is_calibrated_and_blind() -> None:
    """Calibration alone is not enough: the constant has no error and no ranking."""
    constant = judged([0.25] * 8, [1, 0, 0, 0, 1, 0, 0, 0])
    assert calibration_error(constant) == pytest.approx(0)
    assert auc(constant) == pytest.approx(0.5)


def test_the_truth_has_no_loss_and_the_mean_explains_nothing() -> None:
    """Brier of the outcomes themselves is 0; R² of the mean is 0, of the truth 1."""
    outcome = [0.0, 1.0, 0.5, 0.2]
    assert brier(judged([0, 1, 0.5, 0.2], outcome)) == 0
    assert explained_variance(judged([0.425] * 4, outcome)) == pytest.approx(0)
    assert explained_variance(judged(outcome, outcome)) == 1
    assert rank_correlation(judged(outcome, outcome)) == pytest.approx(1)


def test_without_anybody_of_one_kind_there_is_no_auc() -> None:
    """A figure that cannot be worked out is missing, not 0.5."""
    assert np.isnan(auc(judged([0.1, 0.2], [0, 0])))


def test_censored_cases_are_left_out_and_stood_in_for() -> None:
    """Half of the cases are lost at random before the day; the weighted rate is still the true one."""
    rng = np.random.default_rng(5)
    event_at = rng.exponential(100, size=40_000)
    lost_at = rng.exponential(150, size=40_000)
    time = np.minimum(event_at, lost_at)
    cause = (event_at <= lost_at).astype(np.int64)
    found = judge(np.zeros(40_000), time=time, cause=cause, day=90)
    rate = (found.outcome * found.weight).sum() / found.weight.sum()
    assert rate == pytest.approx(1 - np.exp(-0.9), abs=0.01)
    assert found.weight[(cause == 0) & (time < 90)].sum() == 0


def test_another_end_is_a_case_without_the_event() -> None:
    """Whoever was closed as 终本 before the day has not performed by then."""
    found = judge(np.zeros(3), time=np.array([10.0, 20.0, 400.0]), cause=np.array([1, 2, 1]), day=180)
    assert found.outcome.tolist() == [1, 0, 0]
    assert found.weight.tolist() == [1, 1, 1]


def test_whole_debtors_are_drawn() -> None:
    """Two cases of one debtor always come together, so the interval does not pretend to more evidence than there is."""
    group = np.array([4, 4, 9, 9, 2])
    for times in resamples(group, count=20, seed=1):
        assert times[0] == times[1]
        assert times[2] == times[3]
        assert times.sum() > 0


def test_the_interval_of_a_mean_covers_it_as_often_as_it_says() -> None:
    """Over 200 samples about 95 % of the 95 % intervals hold the true Brier score."""
    hits = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        p = np.full(200, 0.3)
        cases = Judged(p, (rng.random(200) < 0.3).astype(np.float64), np.ones(200))
        draws = resamples(np.arange(200), count=100, seed=seed)
        found = intervals(cases, {"brier": CHANCE["brier"]}, draws=draws)["brier"]
        hits += found.lower <= 0.21 <= found.upper
    assert 0.89 <= hits / 200 <= 0.99


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", CHANCE)
def test_an_interval_holds_its_own_figure(name: str, seed: int) -> None:
    """Resampling inflates a calibration error; the interval is moved back, so the figure lies inside."""
    rng = np.random.default_rng(seed)
    p = rng.beta(2, 3, 1_500)
    cases = Judged(p, (rng.random(1_500) < p).astype(np.float64), rng.uniform(0.5, 2, 1_500))
    draws = resamples(rng.integers(1_200, size=1_500), count=60, seed=seed)
    found = intervals(cases, {name: CHANCE[name]}, draws=draws)[name]
    assert CHANCE[name].bounds[0] <= found.lower < found.value < found.upper <= CHANCE[name].bounds[1]


def test_an_interval_stays_within_what_a_measure_can_be() -> None:
    """A perfect ranking of few cases has no AUC above one, a perfect calibration no error below zero."""
    cases = judged([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    draws = resamples(np.arange(4), count=40, seed=1)
    for name, found in intervals(cases, CHANCE, draws=draws).items():
        lowest, highest = CHANCE[name].bounds
        assert lowest <= found.lower <= found.value <= found.upper <= highest, name


def test_money_error_weighs_yuan() -> None:
    """One large claim counts as its yuan, not as one case; a claim nobody knows counts nothing."""
    share, claim = np.array([1.0, 0.0, 0.5]), np.array([100.0, 900.0, np.nan])
    assert money_error(share, share, claim).value == 0
    assert money_error(np.array([1.0, 0.1, 0.9]), share, claim).value == pytest.approx(0.9)


@given(SCORES)
def test_the_parts_of_the_loss_add_up(cases: list[tuple[float, bool]]) -> None:
    """Brier = miscalibration - discrimination + uncertainty, whatever the scores and weights."""
    found = judged([c[0] for c in cases], [c[1] for c in cases]).weighted(1.0 + np.arange(len(cases)) % 3)
    part = {name: measure.of(found) for name, measure in SPREAD.items()}
    whole = part["miscalibration"] - part["discrimination"] + part["uncertainty"]
    assert brier(found) == pytest.approx(whole)
    assert part["miscalibration"] >= -1e-12
    assert part["discrimination"] >= -1e-12


def test_the_gap_says_which_way_scores_err() -> None:
    """Too high is above zero."""
    assert gap(judged([0.5, 0.7], [0, 1])) == pytest.approx(0.1)


def censored(n: int, *, seed: int) -> tuple[Outcomes, np.ndarray]:
    """Return cases with two competing exponential ends, lost at random, and what would have come of them unlost."""
    rng = np.random.default_rng(seed)
    score = rng.uniform(0.2, 0.9, n)
    ends = np.stack([rng.exponential(60 / score), rng.exponential(200, n), rng.exponential(150, n)])
    first = ends.argmin(axis=0)
    unlost = ends[:2].argmin(axis=0)
    event_by_30 = ((unlost == 0) & (ends[:2].min(axis=0) <= 30)).astype(np.float64)
    nothing = np.zeros(n)
    cause = np.where(first == 2, 0, first + 1)
    arrays = {"entered_at": nothing, "start": nothing, "entry": nothing, "followed": nothing, "share": nothing}
    cases = Outcomes(row=np.arange(n), time=ends.min(axis=0), cause=cause, group=np.arange(n), **arrays)
    return cases, np.stack([score, event_by_30])


def test_the_auc_under_censoring_is_that_of_the_uncensored_cases() -> None:
    """A third of the cases are lost before the day: leaving them out would rank others; the weights do not."""
    cases, (score, event) = censored(30_000, seed=4)
    found = auc(judge(score, time=cases.time, cause=cases.cause, day=30))
    assert found == pytest.approx(roc_auc_score(event, score), abs=0.012)


def test_the_weighted_auc_is_the_sum_over_pairs() -> None:
    """By hand: every pair of one with and one without, weighed by both weights, half for a tie."""
    cases, (score, _) = censored(60, seed=5)
    held = judge(score.round(1), time=cases.time, cause=cases.cause, day=30)
    one, other = held.outcome == 1, (held.outcome == 0) & (held.weight > 0)
    weight = np.outer(held.weight[one], held.weight[other])
    above = np.sign(held.score[one][:, None] - held.score[other][None, :]) / 2 + 0.5
    assert auc(held) == pytest.approx((weight * above).sum() / weight.sum())


def test_the_integrated_brier_score_prefers_the_curve_that_is_true() -> None:
    """Best for the true curve, with an interval around it; worse for everybody's curve, worst for its mirror image."""
    cases, (score, _) = censored(6_000, seed=6)
    grid = (10.0, 30.0, 60.0)
    rate = score[:, None] / 60
    truth = rate / (rate + 1 / 200) * (1 - np.exp(-(rate + 1 / 200) * np.array(grid)))
    draws = resamples(cases.group, count=20, seed=1)
    tried = [truth, marginal_curve(cases, grid, n=len(cases)), 1 - truth]
    found = [integrated_brier(Curve(curve, grid, cases), draws=draws) for curve in tried]
    assert found[0].value < found[1].value < found[2].value
    assert all(one.lower < one.value < one.upper for one in found)


def test_lift_is_what_a_team_gets_that_takes_the_best_first() -> None:
    """Of four cases two are taken: with both events it is twice as good as chance; a constant gets the mean."""
    assert lift(judged([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]), capacity=0.5) == 2
    assert lift(judged([0.4] * 4, [1, 1, 0, 0]), capacity=0.5) == 1
    assert np.isnan(lift(judged([0.4] * 4, [0] * 4), capacity=0.5))
    taken, caught = gains(judged([0.9, 0.8, 0.2, 0.1], [1, 0, 1, 0]))
    assert taken.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert caught.tolist() == [0, 0.5, 0.5, 1, 1]


def test_coverage_counts_cells_of_a_hundred_cases_of_one_court() -> None:
    """Two cells of one court and one of another; what is left over makes none, and a wrong range holds nothing."""
    score, court = np.linspace(0.2, 0.4, 390), np.repeat(["甲", "乙"], [240, 150])
    outcome = (np.arange(390) % 10 < 3).astype(np.float64)
    cases = Judged(score, outcome, np.ones(390))
    held = coverage(cases, (score - 0.15, score + 0.15), court)
    assert (held.value, held.upper) == (1.0, 1.0)
    assert 0.3 < held.lower < 0.5  # of three cells
    assert coverage(cases, (score + 0.4, score + 0.5), court).value == 0.0
    assert np.isnan(coverage(cases.where(score < 0.21), (score, score), court[score < 0.21]).value)


def test_measures_say_which_way_is_better() -> None:
    """Gates and tables rely on the direction."""
    better = {name for name, m in MEASURES.items() if m.more_is_better}
    assert better == {"auc", "r2", "spearman", "sharpness", "discrimination", "lift", "coverage"}
