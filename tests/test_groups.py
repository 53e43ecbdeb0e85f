"""Groups of the fairness report and bands: nobody is put into a group that nobody knows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from features.history_tables import INSTANT
from training.evaluation.parts.groups import bands, group_names
from training.history import History


def history(**columns: list[object]) -> History:
    """Return a history of three applications, with the columns given."""
    table = {"case_id": ["a", "b", "c"], "court_code": ["浙1002", "京0105", "兵0101"]}
    cases = pa.table({**table, "received_at": pa.array([0, 0, 0], INSTANT), **columns})
    return History.of_tables({"cases": cases}, observed_until={})


def test_bands_part_the_line_without_gap_or_overlap() -> None:
    """A value on a bound belongs to the band above it; a missing one to none."""
    found = bands(np.array([0.0, 9_999.99, 10_000, 1_000_000, np.nan]), (10_000.0, 1_000_000.0))
    assert found.tolist() == ["<10000", "<10000", "10000-1000000", ">=1000000", None]


def test_a_firm_has_no_age_and_no_sex() -> None:
    """Missing stays missing."""
    known = history(age=[17, None, 60], gender=["F", None, "M"])
    assert group_names(known, "age").tolist() == ["<18", None, ">=60"]
    assert group_names(known, "gender").tolist() == ["F", None, "M"]


def test_origin_is_read_from_the_region_of_the_court() -> None:
    """浙1002 lies in 3310 and 京0105 in 1101; a court of 兵团 names no region and is where most of its debtors are."""
    known = history(huji_region=["331022", "331022", "659001"])
    assert group_names(known, "origin").tolist() == ["local", "elsewhere", "local"]
    assert group_names(history(huji_region=[None, "110101", None]), "origin").tolist() == [None, "local", None]


@pytest.mark.parametrize("by", ["age", "gender", "origin", "residence"])
def test_a_history_without_the_column_has_no_groups(by: str) -> None:
    """A court that does not keep ages is not asked for them."""
    assert group_names(history(), by).tolist() == [None] * 3


def test_residence_is_named() -> None:
    """Yes and no become words."""
    known = history(in_jurisdiction=pa.array([True, False, None], pa.bool_()))
    assert group_names(known, "residence").tolist() == ["in_district", "outside", None]
