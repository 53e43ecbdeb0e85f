"""What the comparison with other learners keeps: every finished answer, and nothing of another question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality_figures import table
from benchmarks.quality_record import Answered, Key, Record

OPTIONS = {"n": 100, "rows": 0}
KEY = Key("real A: A.ability", "fenliu", 7)


def answered(curve: bool = True) -> Answered:
    """Return what a method said of three cases."""
    return Answered(np.array([0.1, 0.2, 0.3]), np.eye(3)[:, :2] if curve else None, 1.5, 0.25, 40)


def test_a_second_call_finds_what_the_first_one_finished(tmp_path: Path) -> None:
    """Figures and answers are on disk before the next method begins."""
    Record(tmp_path / "all.json", OPTIONS).keep(KEY, answered(), {"auc": 0.7})
    again = Record(tmp_path / "all.json", OPTIONS)
    assert again.missing(KEY.task, ["fenliu", "ebm"], 7) == ["ebm"]
    assert again.missing(KEY.task, ["fenliu"], 8) == ["fenliu"]
    assert again.figures == {KEY: {"auc": 0.7}}
    held = again.answer(KEY)
    assert held.curve is not None
    assert (held.chance.tolist(), held.curve.tolist()) == ([0.1, 0.2, 0.3], [[1, 0], [0, 1], [0, 0]])
    assert (held.fit_s, held.predict_s, held.n) == (1.5, 0.25, 40)


@pytest.mark.parametrize("file", [None, "all.json"])
def test_a_method_without_a_curve_has_none_afterwards(tmp_path: Path, file: str | None) -> None:
    """With and without a file the same comes back."""
    record = Record(tmp_path / file if file else None, OPTIONS)
    record.keep(KEY, answered(curve=False), {})
    assert record.answer(KEY).curve is None
    assert record.answer(KEY).n == 40


def test_a_changed_learner_is_measured_anew(tmp_path: Path) -> None:
    """Only the named method is forgotten, and for good."""
    record = Record(tmp_path / "all.json", OPTIONS)
    for method in ("fenliu", "ebm"):
        record.keep(Key("A.ability", method, 1), answered(), {})
    record.forget(["fenliu"])
    assert Record(tmp_path / "all.json", OPTIONS).missing("A.ability", ["fenliu", "ebm"], 1) == ["fenliu"]


def test_figures_of_another_question_are_not_mixed(tmp_path: Path) -> None:
    """A court of another size needs another file."""
    Record(tmp_path / "all.json", OPTIONS).keep(KEY, answered(), {})
    with pytest.raises(SystemExit, match=r"holds figures of .*'n': 100.* asked are .*'n': 200"):
        Record(tmp_path / "all.json", {**OPTIONS, "n": 200})


def test_the_table_shows_medians_with_the_medians_of_the_ends() -> None:
    """Three seeds make one line; what nobody measured is a dash."""
    runs = {
        Key("A.ability", "fenliu", seed): {"n": 40, "auc": 0.6 + seed / 10, "auc_lower": 0.5, "auc_upper": 0.9}
        for seed in range(3)
    }
    (head, _, line) = table(runs | {}).splitlines()
    assert "auc" in head
    assert line == "| A.ability | fenliu | 3 | 40 | 0.7000 [0.5000, 0.9000] |"
