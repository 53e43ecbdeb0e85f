"""Hazards: curves that sum to one, keep the declared pulls and never count a censored case as a zero."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.estimators.boosters import Binned, BoosterSettings, Lesson
from models.estimators.hazard import HazardLessons, HazardModel, HazardTarget, bounded, curves_of, read
from models.estimators.person_period import FollowUp, FollowUpError, person_periods, with_period

GRID = (15.0, 30.0, 60.0, 90.0)
FEW_TREES = BoosterSettings(trees=25, leaves=7)
PULLS = (1, -1, 0, 0, 0)
TARGET = HazardTarget(causes=("paid", "ended"), grid=GRID)


def cases(n: int = 1500, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows with holes, times and causes: feature 0 helps, feature 1 hurts, feature 2 says nothing."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 5)).astype(np.float32)
    pays = rng.exponential(60 * np.exp(-rows[:, 0] + rows[:, 1]))
    ends = rng.exponential(90, n)
    seen = rng.uniform(5, 200, n)
    time = np.minimum(np.minimum(pays, ends), seen)
    cause = np.where(time == pays, 1, np.where(time == ends, 2, 0)).astype(np.int64)
    rows[rng.random(rows.shape) < 0.15] = np.nan
    return rows, time, cause


def fitted(
    rows: np.ndarray,
    time: np.ndarray,
    cause: np.ndarray,
    *,
    pulls: tuple[int, ...] = PULLS,
    target: HazardTarget = TARGET,
    settings: BoosterSettings = FEW_TREES,
) -> HazardModel:
    """Return a model that has learned from cases."""
    return HazardLessons.of(rows, FollowUp(time, cause), target=target, settings=settings).learn(pulls, settings)


@pytest.fixture(scope="module")
def model() -> HazardModel:
    """Return one model trained on random cases."""
    rows, time, cause = cases()
    return fitted(rows, time, cause)


@given(st.integers(0, 2**32 - 1))
def test_curves_sum_to_one_and_rise(seed: int) -> None:
    """Whatever the hazards, incidences and survival sum to one, rise or fall with time, and are finite."""
    rng = np.random.default_rng(seed)
    curves = curves_of(bounded(rng.uniform(0, 1, size=(7, 3, 6)) ** rng.integers(1, 9)))

    assert np.allclose(curves.incidence.sum(axis=1) + curves.survival, 1.0, atol=1e-12)
    assert (np.diff(curves.incidence, axis=2) >= 0).all()
    assert (np.diff(curves.survival, axis=1) <= 0).all()


@given(st.integers(0, 2**32 - 1), st.floats(-1e6, 1e6))
def test_no_row_breaks_the_curves(model: HazardModel, seed: int, extreme: float) -> None:
    """Missing and extreme values in any mixture still give finite chances that sum to one."""
    rng = np.random.default_rng(seed)
    rows = (rng.normal(size=(4, 5)) * extreme).astype(np.float32)
    rows[rng.random(rows.shape) < 0.5] = np.nan
    curves = curves_of(model.hazards(rows))

    assert np.isfinite(curves.incidence).all()
    assert np.allclose(curves.incidence.sum(axis=1) + curves.survival, 1.0, atol=1e-12)


@given(st.integers(0, 2**32 - 1), st.floats(0, 80), st.floats(1, 90))
def test_declared_pull_holds_for_the_cumulative_chance(
    model: HazardModel, seed: int, elapsed: float, ahead: float
) -> None:
    """What may only help never lowers the chance of payment by any day; what may only hurt never raises it."""
    rng = np.random.default_rng(seed)
    before = rng.normal(size=(20, 5)).astype(np.float32)
    before[:, 2:][rng.random((20, 3)) < 0.3] = np.nan
    better = before + np.array([2, 0, 0, 0, 0], dtype=np.float32) * rng.random((20, 1)).astype(np.float32)
    worse = before + np.array([0, 2, 0, 0, 0], dtype=np.float32) * rng.random((20, 1)).astype(np.float32)
    day = elapsed + ahead
    chance = model.incidence_at(before, day, elapsed=elapsed)

    assert (model.incidence_at(better, day, elapsed=elapsed) >= chance - 1e-15).all()
    assert (model.incidence_at(worse, day, elapsed=elapsed) <= chance + 1e-15).all()


def test_a_day_inside_an_interval_is_read_on_the_straight_line(model: HazardModel) -> None:
    """Half way through an interval the chance is half way between its ends."""
    rows, _, _ = cases(50)
    ends = curves_of(model.hazards(rows)).incidence[:, 0, :]

    assert np.allclose(model.incidence_at(rows, 45.0), (ends[:, 1] + ends[:, 2]) / 2)


def test_elapsed_days_condition_the_curve(model: HazardModel) -> None:
    """After 30 unpaid days the chance by day 60 is what is left of it among the cases still open."""
    rows, _, _ = cases(50)
    curves = curves_of(model.hazards(rows))
    left = (curves.incidence[:, 0, 2] - curves.incidence[:, 0, 1]) / curves.survival[:, 1]

    assert np.allclose(model.incidence_at(rows, 60.0, elapsed=30.0), left)


def test_a_day_past_the_grid_reads_its_end(model: HazardModel) -> None:
    """The curve says nothing beyond its last day and stays where it is."""
    rows, _, _ = cases(10)

    assert np.array_equal(model.incidence_at(rows, 900.0), model.incidence_at(rows, 90.0))


def test_a_partly_watched_interval_counts_by_its_share() -> None:
    """Last seen open on day 20, a case counts once for days 0-15 and a third for days 15-30."""
    follow = FollowUp(time=np.array([20.0]), cause=np.array([0]))
    expanded = person_periods(follow, GRID)

    assert expanded.period.tolist() == [0, 1]
    assert np.allclose(expanded.weight, [1.0, 5 / 15])
    assert expanded.cause.tolist() == [0, 0]


def test_an_interval_that_ended_counts_whole() -> None:
    """An end on day 20 counts the interval 15-30 once, with its cause."""
    expanded = person_periods(FollowUp(time=np.array([20.0]), cause=np.array([2])), GRID)

    assert expanded.weight.tolist() == [1.0, 1.0]
    assert expanded.cause.tolist() == [0, 2]


def test_an_end_on_day_zero_is_not_lost() -> None:
    """Paid on the day the clock starts is an end in the first interval."""
    expanded = person_periods(FollowUp(time=np.array([0.0]), cause=np.array([1])), GRID)

    assert expanded.cause.tolist() == [1]


def test_each_case_may_be_read_on_a_day_of_its_own(model: HazardModel) -> None:
    """Cases with other days left are read together as each would be alone."""
    rows, _, _ = cases(4)
    days = np.array([0.0, 12.5, 45.0, 90.0])
    alone = [model.incidence_at(rows[[i]], day)[0] for i, day in enumerate(days.tolist())]

    assert np.array_equal(model.incidence_at(rows, days), alone)
    assert alone[0] == 0.0


def test_censored_cases_are_no_zeros() -> None:
    """With early censoring, "unpaid so far is unpaid" is far too low and the hazard is not."""
    rng = np.random.default_rng(11)
    rows = rng.normal(size=(6000, 1)).astype(np.float32)
    pays, seen = rng.exponential(50, 6000), rng.uniform(0, 90, 6000)
    time, cause = np.minimum(pays, seen), (pays <= seen).astype(np.int64)
    truth = 1 - np.exp(-60 / 50)
    model = fitted(rows, time, cause, pulls=(0,), target=HazardTarget(causes=("paid",), grid=GRID))

    assert (time[cause == 1] <= 60).sum() / 6000 < truth - 0.15
    assert abs(model.incidence_at(rows, 60.0).mean() - truth) < 0.03


def test_two_fits_give_the_same_text() -> None:
    """Training is repeatable to the letter."""
    rows, time, cause = cases(400)
    settings = replace(FEW_TREES, threads=2)
    first, second = (fitted(rows, time, cause, settings=settings) for _ in range(2))

    assert [b.text for b in first.boosters] == [b.text for b in second.boosters]


def test_streamed_rows_train_the_same_model_as_a_matrix() -> None:
    """Making person-period rows as they are needed saves memory and changes no letter."""
    rows, time, cause = cases(900)
    expanded = person_periods(FollowUp(time, cause), GRID)
    stream = with_period(rows, expanded)
    lesson = Lesson(label=(expanded.cause == 1).astype(float), weight=expanded.weight)
    texts = [Binned(kind, settings=FEW_TREES).learn(lesson).text for kind in (stream, stream[:].astype(np.float32))]

    assert texts[0] == texts[1]


def test_models_that_share_their_bins_are_those_that_learned_alone() -> None:
    """Rows are binned once; what one model learned from them before changes no letter of the next."""
    rows, time, cause = cases(900)
    lessons = HazardLessons.of(rows, FollowUp(time, cause), target=TARGET, settings=FEW_TREES)
    by_lot = replace(FEW_TREES, random_splits=True, columns=0.5, leaves=4, trees=9)
    asked = [(PULLS, FEW_TREES), ((0,) * 5, by_lot), (PULLS, FEW_TREES)]
    shared = [lessons.learn(pulls, size) for pulls, size in asked]
    alone = [fitted(rows, time, cause, pulls=pulls, settings=size) for pulls, size in asked]

    assert [m.boosters[0].text for m in shared] == [m.boosters[0].text for m in alone]
    assert [m.boosters[1].text.count("\nTree=") for m in shared] == [25, 9, 25]


def test_threads_do_not_change_what_is_learned() -> None:
    """One thread or two: the same trees."""
    rows, time, cause = cases(3000)
    one, two = (fitted(rows, time, cause, settings=replace(FEW_TREES, threads=n)) for n in (1, 2))

    assert np.array_equal(one.hazards(rows), two.hazards(rows))


def test_one_row_equals_its_batch_row_bit_for_bit(model: HazardModel) -> None:
    """A case scores the same alone and among others, with one thread or two."""
    rows, _, _ = cases(4100)
    batch = model.hazards(rows)

    assert np.array_equal(batch, model.hazards(rows, threads=2))
    for i in (0, 1, 1999, 2000, 4099):
        assert np.array_equal(model.hazards(rows[i : i + 1])[0], batch[i])


def test_hazards_over_one_are_scaled_to_one() -> None:
    """Where boosters together promise more than all cases, the interval ends every case and no more."""
    hazards = bounded(np.array([[[0.9], [0.6]]]))

    assert np.allclose(hazards.sum(axis=1), 1.0)
    assert read(hazards, np.ones(1))[0] == pytest.approx(0.6)


def test_unknown_cause_is_refused() -> None:
    """A cause beyond those of the target is a mistake in the labels."""
    rows, time, cause = cases(50)

    with pytest.raises(FollowUpError, match="causes run from 0 to 2"):
        fitted(rows, time, cause + 1)


def test_missing_time_is_refused() -> None:
    """A time that is not a number is a mistake in the labels."""
    rows, time, cause = cases(50)

    with pytest.raises(FollowUpError, match="time must hold 50 finite numbers"):
        fitted(rows, np.where(time > 1, np.nan, time), cause)


def test_negative_weight_is_refused() -> None:
    """A case cannot count less than not at all."""
    follow = FollowUp(time=np.ones(2), cause=np.zeros(2, dtype=np.int64), weight=np.array([1.0, -1.0]))

    with pytest.raises(FollowUpError, match=r"never negative, got -1\.0"):
        follow.check(2, 1)


def test_grid_must_rise() -> None:
    """Two readings on one day are a mistake in the settings."""
    with pytest.raises(ValueError, match="rising days"):
        HazardTarget(causes=("paid",), grid=(15.0, 15.0))
