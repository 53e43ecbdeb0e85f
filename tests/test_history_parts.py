"""A history read in parts says of every case what it says when read whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from features.register import Stage
from tests.builders_history import a_case, an_event, tiny_history, write_history
from training.history import History, HistoryError, parts


@pytest.mark.parametrize("size", [7, 60, 1000])
@pytest.mark.parametrize("stage", list(Stage))
def test_parts_hold_every_case_once_as_it_was_known(tmp_path: Path, stage: Stage, size: int) -> None:
    """However many cases a part may hold, ids, moments and columns are those of the whole history."""
    whole = History.open(tiny_history(tmp_path / "h", n=60))
    known, columns, rows = whole.known(stage)

    found = [(part, *part.known(stage)) for part in parts(whole, size=size)]

    assert max(part.cases.num_rows for part, *_ in found) == min(size, 60)
    ids = [one for part, _, _, own in found for one in part.case_ids[own].tolist()]
    assert ids == whole.case_ids[rows].tolist()
    assert np.array_equal(np.concatenate([one.as_of for _, one, _, _ in found]), known.as_of)
    for name, column in columns.items():
        together = np.concatenate([own[name] for _, _, own, _ in found])
        same = together == column if column.dtype == object else np.isclose(together, column, equal_nan=True)
        assert np.all(same), name


@pytest.mark.parametrize("group", [7, 33, 1000])
def test_how_a_file_was_written_does_not_decide_how_it_is_divided(tmp_path: Path, group: int) -> None:
    """Small groups of rows are put together, large ones divided."""
    path = tiny_history(tmp_path / "h", n=50)
    whole = pq.read_table(path / "cases.parquet")
    pq.write_table(whole, path / "cases.parquet", row_group_size=group)
    found = list(parts(History.open(path), size=20))
    assert [part.cases.num_rows for part in found] == [20, 20, 10]
    assert [one for part in found for one in part.case_ids] == whole["case_id"].to_pylist()


def test_a_case_in_two_parts_is_found(tmp_path: Path) -> None:
    """A repeated key is an error even when no part holds it twice."""
    history = History.open(write_history(tmp_path / "h", cases=[a_case("c1"), a_case("c2"), a_case("c1")]))
    with pytest.raises(HistoryError, match="1 行案件编号重复"):
        next(parts(history, size=2))


def test_an_event_of_no_case_is_found_although_no_part_holds_it(tmp_path: Path) -> None:
    """Nothing is lost by reading in parts, not even what is wrong."""
    history = History.open(write_history(tmp_path / "h", cases=[a_case()], events=[an_event("file", 3.0, "c9")]))
    with pytest.raises(HistoryError, match="1 行不属于任何案件"):
        next(parts(history, size=2))
