"""Calibration: monotone, finite, and a court's own curve only as far as its cases bear it out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.estimators.blend import Blend
from models.estimators.calibration import Calibrator
from models.estimators.hazard import logit, sigmoid
from training.evaluation.measures import Judged, calibration_error


def period(sizes: dict[str, int], shifts: dict[str, float], seed: int = 1) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return raw scores that are too bold by half, events, and courts with their own shifts."""
    rng = np.random.default_rng(seed)
    court = [name for name, size in sizes.items() for _ in range(size)]
    truth = rng.normal(size=len(court))
    offset = np.array([shifts.get(name, 0.0) for name in court])
    event = (rng.random(len(court)) < sigmoid(truth + offset)).astype(float)
    return sigmoid(1.5 * truth), event, court


@given(st.integers(0, 2**32 - 1), st.integers(1, 600))
@example(30_000, 296)
def test_the_map_rises_and_is_finite(seed: int, n: int) -> None:
    """On any period, however small or odd, a higher raw score never gives a lower chance."""
    rng = np.random.default_rng(seed)
    raw, event = rng.random(n).round(1), (rng.random(n) < rng.random()).astype(float)
    court = rng.choice(["甲", "乙"], n).tolist()
    shown = Calibrator.fit(raw, event, court).apply(np.linspace(0, 1, 101), ["甲"] * 101)

    assert np.isfinite(shown).all()
    assert ((shown > 0) & (shown < 1)).all()
    assert (np.diff(shown) >= 0).all()


def test_bold_scores_are_brought_back_to_the_frequencies() -> None:
    """Scores that are too bold are shown as often as they come true."""
    raw, event, court = period({"甲": 20000}, {})
    shown = Calibrator.fit(raw, event, court).apply(raw, court)
    order = np.array_split(np.argsort(shown), 10)

    assert max(abs(shown[part].mean() - event[part].mean()) for part in order) < 0.02


@pytest.mark.parametrize(("n", "bend", "most"), [(3000, 0.0, 0.011), (60_000, 0.6, 0.012)])
def test_the_map_bends_only_as_far_as_many_cases_say(n: int, bend: float, most: float) -> None:
    """Bins of 200 cases would be off by .015 on the average where scores are right; many cases find a real bend."""
    off = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        raw = rng.beta(1.5, 3, n)
        truth = sigmoid(logit(raw) + bend * np.sin(2 * logit(raw)))
        shown = Calibrator.fit(raw, (rng.random(n) < truth).astype(float), [""] * n).apply(raw, [""] * n)
        off.append(np.abs(shown - truth).mean())

    assert np.mean(off) < most


def test_a_court_with_many_cases_gets_its_own_curve() -> None:
    """Three thousand cases that come true more often shift the court's curve almost all the way."""
    raw, event, court = period({"甲": 3000, "乙": 3000, "丙": 3000}, {"甲": 1.0, "乙": -1.0})
    calibrator = Calibrator.fit(raw, event, court)

    assert calibrator.shifts["甲"] - calibrator.shifts["乙"] == pytest.approx(2.0, abs=0.25)


def test_a_court_with_thirty_cases_gets_the_pooled_curve() -> None:
    """Thirty cases, all of them paid, do not move the court's curve."""
    raw, event, court = period({"甲": 3000, "乙": 3000, "丙": 3000}, {"甲": 0.5, "乙": -0.5})
    calibrator = Calibrator.fit(
        np.append(raw, np.full(30, 0.5)),
        np.append(event, np.ones(30)),
        [*court, *["小"] * 30],
    )

    assert calibrator.apply(np.array([0.4]), ["小"]) == calibrator.apply(np.array([0.4]), ["未见"])


def test_shrinkage_grows_with_fewer_cases() -> None:
    """The same frequencies move a court less when it has fewer cases."""
    raw, event, court = period({"甲": 4000, "乙": 4000, "丙": 4000, "丁": 100}, {"甲": 0.5, "乙": -0.5, "丁": 0.8})
    calibrator = Calibrator.fit(raw, event, court)
    mine = np.array(court) == "丁"
    p = sigmoid(np.interp(logit(raw[mine]), calibrator.x, calibrator.y))
    own = (event[mine] - p).sum() / (p * (1 - p)).sum()

    assert 0 < abs(calibrator.shifts["丁"]) < abs(own)


def test_average_of_an_unseen_court_is_the_pooled_one() -> None:
    """Printed reasons start from the court's average, or from all courts' where it has none."""
    calibrator = Calibrator.fit(*period({"甲": 500, "乙": 500}, {"甲": 1.0}))

    assert calibrator.average_of("未见") == calibrator.average
    assert calibrator.average_of("甲") > calibrator.average


def test_json_round_trip_is_exact() -> None:
    """A saved calibrator answers as before, to the last bit."""
    raw, event, court = period({"甲": 800, "乙": 800}, {"甲": 0.7})
    calibrator = Calibrator.fit(raw, event, court)
    again = Calibrator.from_json(json.loads(json.dumps(calibrator.to_json())))

    assert np.array_equal(again.apply(raw, court), calibrator.apply(raw, court))
    assert again.average_of("甲") == calibrator.average_of("甲")


def test_one_row_equals_its_batch_row() -> None:
    """A case is calibrated alone as among others."""
    raw, event, court = period({"甲": 300, "乙": 300}, {"甲": 0.7})
    calibrator = Calibrator.fit(raw, event, court)
    batch = calibrator.apply(raw, court)

    assert all(calibrator.apply(raw[i : i + 1], court[i : i + 1])[0] == batch[i] for i in range(len(raw)))


def test_a_missing_score_stays_missing() -> None:
    """What is not a number does not become a chance."""
    calibrator = Calibrator.fit(*period({"甲": 200}, {}))

    assert np.isnan(calibrator.apply(np.array([np.nan]), ["甲"])).all()


def test_an_empty_period_is_refused() -> None:
    """Without cases there is nothing to calibrate on."""
    with pytest.raises(ValueError, match="got 0 rows"):
        Calibrator.fit(np.array([]), np.array([]), [])


SIZES = np.array([3000, 2000, 1500, 1000, 800, 500, 120, 40])


def errors_of_courts(seed: int) -> list[float]:
    """Return the calibration error on later cases of all courts together, then of each, apart as real courts are."""
    rng = np.random.default_rng(seed)
    shift = rng.normal(0.0, 0.25, len(SIZES))

    def period(times: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        place = np.repeat(np.arange(len(SIZES)), SIZES * times)
        raw = rng.normal(-0.5, 1.2, len(place))
        return sigmoid(raw), sigmoid(0.7 * raw + 0.2 + shift[place]), place

    raw, truth, place = period(1)
    calibrator = Calibrator.fit(raw, (rng.random(len(raw)) < truth).astype(float), place.astype(str).tolist())
    raw, truth, place = period(3)
    shown = calibrator.apply(raw, place.astype(str).tolist())
    parts = [np.ones(len(shown), dtype=bool), *(place == one for one in range(len(SIZES)))]
    return [calibration_error(Judged(shown[one], truth[one], np.ones(one.sum()))) for one in parts]


def test_courts_large_and_small_are_calibrated_on_later_cases() -> None:
    """On average over drawn courts: within 0.015 for all together, within 0.03 for every one with 500 cases."""
    pooled, *courts = np.mean([errors_of_courts(seed) for seed in range(12)], axis=0)
    assert pooled < 0.015
    assert (np.array(courts)[SIZES >= 500] < 0.03).all()


def test_cases_that_look_alike_are_shown_alike_however_they_are_listed() -> None:
    """A score that most cases share comes out as their common frequency, though those that came true stand last."""
    raw = np.repeat([0.2, 0.44], [500, 4000])
    event = np.concatenate((np.zeros(400), np.ones(100), np.zeros(2400), np.ones(1600)))
    calibrator = Calibrator.fit(raw, event, ["甲"] * len(raw))

    assert calibrator.apply(np.array([0.44, 0.4401]), ["甲", "甲"]) == pytest.approx(0.4, abs=0.005)


def test_a_blend_stands_between_map_model_and_level() -> None:
    """Half of the map, a quarter of the model and a quarter of the level, in log-odds; the average follows."""
    raw, event, court = period({"甲": 5000}, {})
    whole = Calibrator.fit(raw, event, court)
    blended = whole.blended(Blend(0.5, 0.25, level=-1.0), raw, court, weight=np.ones(len(raw)))
    expected = 0.5 * logit(whole.apply(raw, court)) + 0.25 * logit(raw) - 0.25

    assert logit(blended.apply(raw, court)) == pytest.approx(expected)
    assert blended.average == pytest.approx(blended.apply(raw, court).mean())


def test_a_blend_outlives_saving_and_old_calibrators_have_none() -> None:
    """Shares and what they were chosen from are read as written; a text without them is read as before."""
    raw, event, court = period({"甲": 500}, {})
    plain = Calibrator.fit(raw, event, court)
    blended = plain.blended(Blend(0.5, 0.5, -1.0, folds=4, losses={"1/0": 0.5}), raw, court, weight=np.ones(500))

    assert Calibrator.from_json(json.loads(json.dumps(blended.to_json()))).blend == blended.blend
    assert "blend" not in plain.to_json()
    assert Calibrator.from_json(plain.to_json()).blend is None


def test_a_blend_that_would_turn_the_order_round_is_refused() -> None:
    """Neither a negative share nor a blend of nothing but the level is one."""
    for mapped, own in ((-0.1, 0.5), (0.0, 0.0), (0.8, 0.4)):
        with pytest.raises(ValueError, match="份额"):
            Blend(mapped, own, level=0.0)
