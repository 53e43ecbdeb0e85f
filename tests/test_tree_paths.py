"""Tree paths: the library's own TreeSHAP, number for number, at a fraction of its time over periods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.estimators.boosters import Binned, Booster, BoosterSettings, BoosterTextError, Lesson
from models.estimators.person_period import at_periods
from models.estimators.tree_paths import TreePaths


def booster(seed: int = 0, *, trees: int = 20, leaves: int = 15, n: int = 500) -> tuple[Booster, np.ndarray]:
    """Return a random booster and its rows: columns with holes, without holes, of one value, and a period."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 8)).astype(np.float32)
    rows[:, :3][rng.random((n, 3)) < 0.3] = np.nan
    rows[:, 5] = 1.0
    rows[:, 7] = rng.integers(0, 6, n)
    label = (np.nan_to_num(rows[:, 0]) * rows[:, 3] + rows[:, 7] / 4 + rng.normal(size=n) > 0.5).astype(float)
    chosen = BoosterSettings(trees=trees, leaves=leaves)
    return Binned(rows, settings=chosen.at_scale(n)).learn(Lesson(label=label)), rows


@settings(max_examples=12)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(2, 31))
def test_contributions_equal_the_librarys_own(seed: int, trees: int, leaves: int) -> None:
    """On random boosters and rows, holes included, every column's share is the library's, to 1e-6."""
    model, rows = booster(seed, trees=trees, leaves=leaves)
    paths = TreePaths.of(model)
    rows[:10] = np.where(np.random.default_rng(seed).random((10, 8)) < 0.5, np.nan, rows[:10])
    own = np.array([paths.contributions(row) for row in rows[:20]])
    theirs = model.contributions(rows[:20])

    assert np.allclose(own, theirs[:, :-1], rtol=0, atol=1e-6)
    assert np.allclose(paths.base, theirs[:, -1], rtol=0, atol=1e-6)


def test_contributions_and_base_sum_to_the_score() -> None:
    """Nothing is left over."""
    model, rows = booster()
    paths = TreePaths.of(model)
    sums = [paths.base + paths.contributions(row).sum() for row in rows[:50]]

    assert np.allclose(sums, model.raw(rows[:50]), rtol=0, atol=1e-9)


def test_a_column_that_no_tree_asks_for_contributes_nothing() -> None:
    """A column of one value has no share."""
    model, rows = booster()

    assert TreePaths.of(model).contributions(rows[0])[5] == 0.0


def test_a_gap_where_training_had_none_counts_as_zero() -> None:
    """The library reads such a gap as the number 0, and so do the paths."""
    model, rows = booster()
    row = rows[:1].copy()
    row[0, 3] = np.nan

    assert np.allclose(TreePaths.of(model).contributions(row[0]), model.contributions(row)[0, :-1], atol=1e-9)


@given(st.lists(st.floats(-3, 3), min_size=6, max_size=6))
def test_one_weighted_pass_serves_all_periods(weights: list[float]) -> None:
    """The weighted sum over periods, in one pass, is the sum of the periods' own shares, negative weights included."""
    model, rows = booster()
    theirs = np.asarray(weights) @ model.contributions(at_periods(rows[:1, :-1], 6))

    assert np.allclose(TreePaths.of(model).over_periods(rows[0, :-1], np.asarray(weights)), theirs[:-2], atol=1e-9)


def test_a_booster_without_splits_has_no_shares() -> None:
    """Where nothing could be learned, everything is base."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(60, 3)).astype(np.float32)
    model = Binned(rows, settings=BoosterSettings(min_rows=50)).learn(Lesson(label=(rows[:, 0] > 0).astype(float)))
    paths = TreePaths.of(model)

    assert not paths.contributions(rows[0]).any()
    assert not paths.over_periods(rows[0, :-1], np.ones(4)).any()
    assert paths.base == pytest.approx(model.raw(rows[:1])[0])


def test_a_categorical_split_is_refused() -> None:
    """The project trains none; a text with one is not ours."""
    model, _ = booster(trees=1)
    text = model.text.replace("\ndecision_type=", "\ndecision_type=1 ", 1)
    foreign = Booster(model.text)
    foreign.text = text

    with pytest.raises(BoosterTextError, match="no paths here: 1"):
        TreePaths.of(foreign)
