"""Contributions: exact in log-odds, for the curve of a hazard model as for the recovered share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.register import Stage
from models.estimators.boosters import Binned, BoosterSettings, Lesson
from models.estimators.hazard import HazardModel, logit
from models.estimators.person_period import at_periods
from models.explain.contributions import attribute, attribute_hazard, attribute_recovery
from models.stage_models import HazardScore, RecoveryScore
from tests.builders_models import random_rows, tiny_stage


def hazard_model(name: str = "ability") -> HazardModel:
    """Return one of the tiny hazard models."""
    score = tiny_stage(Stage.A).scores[name]
    assert isinstance(score, HazardScore)
    return score.model


ROWS = random_rows(tiny_stage(Stage.A).features, Stage.A, 40, seed=4)


@given(
    st.sampled_from(
        [("ability", 180.0), ("ability", 360.0), ("ability", 40.0), ("willingness", 3.0), ("willingness", 15.0)]
    ),
    st.integers(0, 39),
    st.sampled_from([0.0, 2.0, 10.0]),
)
def test_base_and_contributions_sum_to_the_logit_of_the_curve(at: tuple[str, float], i: int, elapsed: float) -> None:
    """On every day, after any elapsed days, with lines and without: the uncalibrated log-odds, to 1e-9."""
    model, day = hazard_model(at[0]), at[1]
    if elapsed >= day:
        day = elapsed + 5.0
    found = attribute_hazard(model, ROWS[i : i + 1], day=day, elapsed=elapsed)
    shown = logit(model.incidence_at(ROWS[i : i + 1], day, elapsed=elapsed))[0]

    assert found.logit == pytest.approx(shown, abs=1e-9)
    assert found.base + found.contributions.sum() == pytest.approx(shown, abs=1e-9)


@pytest.mark.parametrize("waited", [0.0, 3.0, 29.0])
def test_contributions_add_up_after_any_wait(waited: float) -> None:
    """What a judge reads as reasons adds up to the chance of the days that are left."""
    score = tiny_stage(Stage.B).scores["quick_close"]
    row = random_rows(tiny_stage(Stage.B).features, Stage.B, 1, seed=5)
    found = attribute(score, row, day=30.0, waited=waited)
    shown = logit(score.raw(row, day=30.0, waited=np.array([waited])))[0]

    assert found.base + found.contributions.sum() == pytest.approx(shown, abs=1e-9)


def test_an_empty_row_has_contributions_too() -> None:
    """A case of which nothing is known is explained like any other."""
    empty = np.full((1, ROWS.shape[1]), np.nan, dtype=np.float32)
    found = attribute_hazard(hazard_model(), empty, day=180.0)

    assert np.isfinite(found.contributions).all()


def test_with_one_cause_and_one_interval_the_contributions_are_tree_shap() -> None:
    """Where the curve is a single score, the path integral changes nothing."""
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(600, 4)).astype(np.float32)
    wide = at_periods(rows, 1)
    paid = (rows[:, 0] + rng.normal(size=600) > 0).astype(float)
    booster = Binned(wide, settings=BoosterSettings(trees=20, leaves=7).at_scale(600)).learn(Lesson(label=paid))
    model = HazardModel(("paid",), (30.0,), (booster,))

    found = attribute_hazard(model, rows[:1], day=30.0)
    assert np.allclose(found.contributions, booster.contributions(wide[:1])[0, :-2], atol=1e-9)


def test_boosters_that_promise_more_than_all_are_still_explained_exactly() -> None:
    """Where hazards had to be scaled down, base and contributions still add up."""
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(600, 4)).astype(np.float32)
    wide = at_periods(rows, 2)
    label = (np.repeat(rows[:, 0], 2) > -1.2).astype(float)
    booster = Binned(wide, settings=BoosterSettings(trees=30, leaves=7)).learn(Lesson(label=label))
    model = HazardModel(("paid", "ended"), (30.0, 60.0), (booster, booster))
    found = attribute_hazard(model, rows[:1], day=60.0)

    assert found.base + found.contributions.sum() == pytest.approx(logit(model.incidence_at(rows[:1], 60.0))[0])


def test_the_recovered_share_is_explained_exactly() -> None:
    """Base and contributions add up to the log-odds of the expected share."""
    score = tiny_stage(Stage.A).scores["recovery"]
    assert isinstance(score, RecoveryScore)
    for i in range(10):
        found = attribute_recovery(score.model, ROWS[i : i + 1])
        shown = logit(score.model.share(ROWS[i : i + 1]))[0]
        assert found.base + found.contributions.sum() == pytest.approx(shown, abs=1e-9)
