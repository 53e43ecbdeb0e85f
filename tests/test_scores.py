"""Scores: one road for one case and many, bit for bit, on any day the court asks about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.known import Known
from features.matrix import matrix
from features.register import Stage
from models.abstention import Abstain
from models.bundle import Bundle
from models.estimators.calibration import Courts
from models.scores import ReadAt, score
from models.stage_models import HazardScore
from tests.builders_models import COURTS, assembled, random_known, random_rows, tiny_bundle

BUNDLE = assembled()
NAMES = {Stage.A: {"willingness", "ability", "recovery"}, Stage.B: {"ability", "quick_close", "recovery"}}


def one(known: Known, i: int) -> Known:
    """Return one row of many."""
    columns = {name: column[i : i + 1] for name, column in known.columns.items()}
    filed_at = None if known.filed_at is None else known.filed_at[i : i + 1]
    return Known(known.stage, known.as_of[i : i + 1], columns, filed_at)


def hexed(table: object) -> list[str]:
    """Return every number of a table exactly."""
    columns = table.columns.values()  # type: ignore[attr-defined]
    arrays = [array for c in columns for array in (c.raw, c.p, c.lower, c.upper)] + [table.days]  # type: ignore[attr-defined]
    return [float(value).hex() for array in arrays for value in array]


@pytest.mark.parametrize("stage", list(Stage))
def test_each_stage_has_its_scores(stage: Stage) -> None:
    """Before filing willingness, after the query quick close; ability and recovery at both."""
    table = score(BUNDLE, random_known(stage, 3), ["浙1022"] * 3)

    assert set(table.columns) == NAMES[stage]
    assert table.days is not None


@pytest.mark.parametrize("stage", list(Stage))
def test_chances_and_ranges_are_chances(stage: Stage) -> None:
    """Every score lies in its range and every range in [0, 1]; days lie within the year."""
    table = score(BUNDLE, random_known(stage, 200, seed=9), ["浙1022"] * 200)
    assert table.days is not None

    for column in table.columns.values():
        assert ((column.lower >= 0) & (column.lower <= column.p)).all()
        assert ((column.p <= column.upper) & (column.upper <= 1)).all()
    assert ((table.days > 0) & (table.days <= 360)).all()


@pytest.mark.parametrize("stage", list(Stage))
def test_one_case_equals_its_batch_row_bit_for_bit(stage: Stage) -> None:
    """A case scores the same alone and among 60 others, with one thread and with two."""
    known = random_known(stage, 60, seed=5)
    court = [COURTS[i % 2] for i in range(60)]
    batch = score(BUNDLE, known, court)

    assert hexed(batch) == hexed(score(BUNDLE, known, court, threads=2))
    for i in range(60):
        single = score(BUNDLE, one(known, i), court[i : i + 1])
        assert single.row(0) == batch.row(i)


def test_scores_survive_saving_bit_for_bit(tmp_path: Path) -> None:
    """What was evaluated is what is served."""
    loaded = Bundle.load(tiny_bundle(tmp_path))
    for stage in Stage:
        known = random_known(stage, 50, seed=6)
        assert hexed(score(loaded, known, ["浙1021"] * 50)) == hexed(score(BUNDLE, known, ["浙1021"] * 50))


def test_the_urging_window_is_a_setting() -> None:
    """A court with a longer window reads the same curve on a later day."""
    known = random_known(Stage.A, 30)
    usual = score(BUNDLE, known, ["浙1022"] * 30).columns["willingness"]
    longer = score(BUNDLE, known, ["浙1022"] * 30, at=ReadAt(days={"willingness": 30.0})).columns["willingness"]

    assert (usual.day, longer.day) == (15.0, 30.0)
    assert (longer.raw >= usual.raw).all()


def test_elapsed_days_lower_the_chance_within_the_window() -> None:
    """Day 12 unpaid is not day 0."""
    known = random_known(Stage.A, 30)
    fresh = score(BUNDLE, known, ["浙1022"] * 30).columns["willingness"]
    late = score(BUNDLE, known, ["浙1022"] * 30, at=ReadAt(elapsed={"willingness": 12.0})).columns["willingness"]

    assert (late.raw < fresh.raw).all()


def waiting(days: float) -> Known:
    """Return cases of which the query was answered so many days after filing; NaN: the day of filing is unknown."""
    known = random_known(Stage.B, 30)
    return replace(known, filed_at=known.as_of - days)


def test_days_before_the_query_are_taken_off_the_window() -> None:
    """Of thirty days, nine that went by before the query leave twenty-one, and no chance once all are gone."""
    court = ["浙1022"] * 30
    late, fresh = score(BUNDLE, waiting(9.0), court), score(BUNDLE, waiting(0.0), court)
    rest = score(BUNDLE, waiting(0.0), court, at=ReadAt(days={"quick_close": 21.0}))
    gone = score(BUNDLE, waiting(31.0), court)

    assert np.array_equal(late.columns["quick_close"].raw, rest.columns["quick_close"].raw)
    assert late.columns["quick_close"].day == 30.0
    assert np.allclose(late.days - fresh.days, 9.0)
    assert (gone.columns["quick_close"].raw == 0.0).all()


def test_an_unknown_day_of_filing_takes_nothing_off() -> None:
    """Where filing is not dated, the days count from the query."""
    court = ["浙1022"] * 30

    assert hexed(score(BUNDLE, waiting(np.nan), court)) == hexed(score(BUNDLE, waiting(0.0), court))


def test_bundles_of_before_read_from_filing() -> None:
    """A curve that was learned from filing on is read on the day itself, however long the query took."""
    models = BUNDLE.stages[Stage.B]
    quick = models.scores["quick_close"]
    assert isinstance(quick, HazardScore)
    rows, waited = random_rows(models.features, Stage.B, 5), np.full(5, 9.0)
    before = replace(quick, from_sight=False).raw(rows, day=30.0, waited=waited)

    assert np.array_equal(before, quick.raw(rows, day=30.0, waited=np.zeros(5)))


@pytest.mark.parametrize("stage", list(Stage))
def test_a_case_of_which_nothing_is_known_is_withheld_not_broken(stage: Stage) -> None:
    """All columns missing: no crash, no number shown."""
    known = random_known(stage, 2)
    empty = Known(stage, known.as_of, {name: np.full(2, np.nan) for name in known.columns})
    scores = score(BUNDLE, empty, ["浙1022"] * 2).row(0)

    assert Abstain.KEY_FIELD_MISSING in scores.abstain


def test_no_case_gives_an_empty_table() -> None:
    """Scoring nothing is allowed."""
    table = score(BUNDLE, random_known(Stage.A, 0), [])

    assert all(column.p.shape == (0,) for column in table.columns.values())


@pytest.mark.parametrize("name", ["ability", "quick_close"])
def test_the_curve_shows_what_is_read_on_its_calibrated_day_and_never_falls(name: str) -> None:
    """A whole curve goes through the shown chance and rises on either side of it, whatever calibration did."""
    models, court = BUNDLE.stages[Stage.B], Courts.of(["浙1022"] * 30)
    known = waiting(4.0)
    shown, asked = score(BUNDLE, known, ["浙1022"] * 30).columns[name], models.scores[name]
    assert isinstance(asked, HazardScore)
    curve = asked.curve(matrix(known, models.features), court, waited=known.waited)

    assert np.array_equal(curve[:, asked.model.grid.index(shown.day)], shown.p)
    assert (np.diff(curve, axis=1) >= 0.0).all()
    assert ((curve >= 0.0) & (curve <= 1.0)).all()
