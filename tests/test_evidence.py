"""What was measured of a bundle: calibration in groups of enough cases, people side by side, kept and read strictly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.bundle import Bundle
from models.bundle.manifest import DamagedBundleError, canonical, parsed, read_bundle, write_bundle
from models.drift import Reference, drift
from models.evidence import EvidenceError, compared_path, evidence_path, read_compared, read_evidence
from tests.builders_models import assembled, tiny_about, tiny_stage
from tests.builders_training import small_evaluation, small_training
from training.evaluation.calibration_bins import calibration_bins
from training.evaluation.measures import Judged

SHA = "a" * 64


def judged(score: np.ndarray, outcome: np.ndarray) -> Judged:
    """Return cases whose outcomes are all known."""
    return Judged(score, outcome.astype(float), np.ones(len(score)))


@given(st.lists(st.sampled_from([0.1, 0.2, 0.30001, 0.5, 0.9]), max_size=400))
@example([0.1] * 45 + [0.9] * 55)
def test_every_case_stands_in_one_group_of_thirty_at_least(scores: list[float]) -> None:
    """However many share a chance; below thirty there is no group at all."""
    score = np.array(scores)
    bins = calibration_bins(judged(score, np.zeros(len(score))), np.arange(len(score)))
    assert sum(one.n for one in bins) == (len(score) if len(score) >= 30 else 0)
    assert len(bins) <= min(10, len(set(scores)))
    assert all(one.n >= 30 and one.lower <= one.observed <= one.upper for one in bins)
    assert [one.predicted for one in bins] == sorted(one.predicted for one in bins)


def test_a_score_that_promises_too_much_lies_outside_the_interval() -> None:
    """Nine of ten promised, half come true: nobody can call that chance."""
    outcome = np.arange(400) % 2
    (one,) = calibration_bins(judged(np.full(400, 0.9), outcome), np.arange(400))
    assert (one.n, one.certain) == (400, True)
    assert one.off == pytest.approx(0.4)


def test_one_debtor_with_many_cases_says_less_than_many_debtors() -> None:
    """The interval of clustered cases is the wider one."""
    score, outcome = np.full(300, 0.5), np.repeat([0, 1], 150)
    alone = calibration_bins(judged(score, outcome), np.arange(300))[0]
    few = calibration_bins(judged(score, outcome), np.repeat(np.arange(6), 50))[0]
    assert few.upper - few.lower > 3 * (alone.upper - alone.lower)


def test_an_evaluation_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Bins and groups included; without a file there is none."""
    document = small_evaluation().document()
    path = evidence_path(tmp_path, SHA)
    assert read_evidence(tmp_path, SHA) is None
    path.parent.mkdir()
    path.write_text(json.dumps(document), encoding="utf-8")
    found = read_evidence(tmp_path, SHA)
    assert found is not None
    report = small_evaluation().reports["A.ability"]
    assert found.scores["A.ability"].bins == report.bins
    assert found.scores["A.ability"].groups == report.groups
    assert (found.simulated, len(found.gates)) == (True, len(small_evaluation().gates))


def test_every_debtor_is_in_a_group_and_few_of_a_kind_are_only_counted() -> None:
    """Persons and firms together are all cases; below thirty there are no figures of single people."""
    report = small_evaluation().reports["A.ability"]
    groups = report.groups
    assert sum(one.n for one in groups if one.by == "debtor") == int(report.figures["n"])
    persons = next(one.n for one in groups if (one.by, one.part) == ("debtor", "person"))
    for by in ("age", "gender", "origin"):
        assert sum(one.n for one in groups if one.by == by) == persons
    assert all((one.observed is None) == (one.n < 30) for one in groups)
    assert all(one.urged <= one.decided <= one.n for one in groups)


def test_an_evaluation_of_before_has_neither_groups_nor_bins(tmp_path: Path) -> None:
    """It is read all the same, and says that they are missing."""
    document = json.loads(json.dumps(small_evaluation().document()))
    for score in document["scores"].values():
        del score["bins"], score["groups"]
    del document["format"]
    path = evidence_path(tmp_path, SHA)
    path.parent.mkdir()
    path.write_text(json.dumps(document), encoding="utf-8")
    found = read_evidence(tmp_path, SHA)
    assert found is not None
    assert {(one.bins, one.groups) for one in found.scores.values()} == {(None, None)}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"gates": 1}', '{"passed": true, "periods": []}', "[" * 100_000])
def test_a_damaged_record_is_refused_by_name(tmp_path: Path, content: str) -> None:
    """It is never taken for an evaluation, and never brings a page down with another error."""
    readers: list[tuple[Callable[[Path, str], Path], Callable[[Path, str], object]]] = [
        (evidence_path, read_evidence), (compared_path, read_compared),
    ]  # fmt: skip
    for place, read in readers:
        place(tmp_path, SHA).parent.mkdir()
        place(tmp_path, SHA).write_text(content, encoding="utf-8")
        with pytest.raises(EvidenceError, match="无法读取"):
            read(tmp_path, SHA)


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1), st.lists(st.floats(-1e6, 1e6)))
def test_a_kept_distribution_says_what_the_column_itself_said(before: list[float], now: list[float]) -> None:
    """What a bundle carries is enough: the same index, the same noise."""
    kept = json.loads(json.dumps(vars(Reference.of(np.array(before)))))
    again = Reference(tuple(kept["edges"]), tuple(kept["counts"])).against(np.array(now))
    assert again == drift(np.array(before), np.array(now)) or not now


def test_a_trained_bundle_carries_how_its_features_lay() -> None:
    """One distribution a feature, and it survives saving."""
    found = Bundle.load(small_training().bundle).stages
    for stage, models in found.items():
        assert len(models.reference) == len(models.features)
        assert models.reference == small_training().trained.bundle.stages[stage].reference


def test_a_bundle_of_before_is_loaded_without(tmp_path: Path) -> None:
    """Its answers are the same; only drift cannot be told."""
    old = [replace(tiny_stage(stage), reference=()) for stage in assembled().stages]
    Bundle.assemble(old, about=tiny_about("old-1")).save(tmp_path / "old-1")
    assert not any("reference" in str(path) for path in (tmp_path / "old-1").rglob("*"))
    assert {models.reference for models in Bundle.load(tmp_path / "old-1").stages.values()} == {()}


@pytest.mark.parametrize(
    ("change", "said"),
    [({"version": 2}, "不支持的版本 2"), ({"features": [{"edges": [1.0]}]}, "不是特征分布"),
     ({"features": [{"edges": [2.0, 1.0], "counts": [1, 1, 1, 0]}]}, "不是特征分布")],
)  # fmt: skip
def test_a_distribution_that_is_none_makes_the_bundle_damaged(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    """Even where every hash is right."""
    about, files, _ = read_bundle(_saved(tmp_path))
    name = "A/reference.json"
    changed = {**files, name: canonical({**parsed(files, name), **change})}
    write_bundle(tmp_path / "changed", about, changed)
    with pytest.raises(DamagedBundleError, match=said):
        Bundle.load(tmp_path / "changed")


def _saved(folder: Path) -> Path:
    assembled().save(folder / "tiny-1")
    return folder / "tiny-1"
