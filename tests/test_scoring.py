"""Scores from file to file: every case answered, refused or withheld with a reason, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from features.register import Stage, load_register
from models.rules.table import RuleTable
from tests.builders_case import NOW, case_document, stage_b_document
from tests.builders_training import small_history, small_training
from training.scoring import Scorer
from training.scoring.input import Batch, Reject, batches_of_history, batches_of_lines
from training.scoring.output import FileForm, form_of, write_scored


def scorer(explain: int = 0) -> Scorer:
    """Return a scorer of the small bundle under the shipped rules."""
    return Scorer(bundle=small_training().trained.bundle, rules=RuleTable.load(), explain=explain)


def lines(tmp_path: Path, *documents: object) -> tuple[list[Batch], list[Reject]]:
    """Write one envelope a line and read them back as batches and rejects."""
    path = tmp_path / "cases.ndjson"
    path.write_text("\n".join(json.dumps(d, ensure_ascii=False) for d in documents), encoding="utf-8")
    rejects: list[Reject] = []
    return list(batches_of_lines(path, register=load_register(), now=NOW, rejects=rejects)), rejects


def test_every_case_of_a_history_comes_out_once_and_in_order() -> None:
    """However the rules in force divide the cases, the output lists them as the input did."""
    (batch,) = batches_of_history(small_history().path, Stage.A)
    found = scorer().score(batch)
    assert found["case_id"].tolist() == small_history().case_ids.tolist()
    assert set(found["data"].tolist()) == {"模拟"}


def test_a_score_is_shown_or_withheld_with_a_reason() -> None:
    """No case has both a number and a reason to withhold it, and none has neither."""
    (batch,) = batches_of_history(small_history().path, Stage.A)
    found = scorer().score(batch)
    withheld = np.array([reason is not None for reason in found["abstained"]])
    assert (np.isnan(found["ability"].astype(float)) == withheld).all()
    assert 0 < withheld.sum() < len(withheld)


def test_without_a_model_the_rules_route_alone(tmp_path: Path) -> None:
    """Every case has its lane and its rule, and no score stands beside them."""
    (batch,), _ = lines(tmp_path, case_document(consent_urge="refuse"))
    found = Scorer(bundle=None, rules=RuleTable.load()).score(batch)

    assert (found["lane"][0], found["status"][0], found["bundle"][0]) == ("complex", "rules_only", None)
    assert found["rule"][0] == "H07"
    assert "ability" not in found


def test_an_envelope_is_scored_as_in_its_history(tmp_path: Path) -> None:
    """One case alone gets the number that it gets among others."""
    documents = [case_document(application_id=f"A{i}", court_code="浙1004") for i in range(3)]
    (batch,), _ = lines(tmp_path, *documents)
    (alone,), _ = lines(tmp_path, documents[0])
    assert scorer().score(alone)["lane"][0] == scorer().score(batch)["lane"][2]
    assert scorer().score(alone)["abstained"][0] == scorer().score(batch)["abstained"][2]


def test_stages_are_scored_apart(tmp_path: Path) -> None:
    """A file may hold applications and filed cases; each goes to its own models."""
    batches, rejects = lines(tmp_path, case_document(), stage_b_document())
    assert [batch.stage for batch in batches] == [Stage.A, Stage.B]
    assert rejects == []


def test_a_line_that_is_no_case_is_refused_without_its_values(tmp_path: Path) -> None:
    """The others go on; the refusal names line, field and code, never what stood there."""
    batches, rejects = lines(tmp_path, case_document(), case_document(claim_amount="三万八"))
    assert len(batches[0].ids) == 1
    assert rejects[0].line == 2
    assert any("claim_amount" in reason for reason in rejects[0].reasons)
    assert "三万八" not in str(rejects)


def test_reasons_are_the_strongest_and_come_with_their_question() -> None:
    """At most as many as asked for, the largest effect first."""
    (batch,) = batches_of_history(small_history().path, Stage.B)
    found = scorer(explain=2).score(batch.where(np.arange(40)))
    told = [reasons for reasons in found["reasons"] if reasons]
    assert told
    for reasons in told[0].values():
        sizes = [abs(reason["log_odds"]) for reason in reasons]
        assert len(reasons) <= 2
        assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("name", "form"), [("a.csv", FileForm.CSV), ("a.parquet", FileForm.ARROW), ("a.ndjson", FileForm.NDJSON)]
)
def test_every_form_holds_every_case(tmp_path: Path, name: str, form: FileForm) -> None:
    """The ending of the file decides its form."""
    assert form_of(Path(name)) is form
    (batch,) = batches_of_history(small_history().path, Stage.A)
    count = write_scored([scorer().score(batch.where(np.arange(50)))], tmp_path / name, form)
    assert count == 50
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_parquet_keeps_numbers_and_leaves_withheld_ones_empty(tmp_path: Path) -> None:
    """A withheld score is empty, not zero and not NaN."""
    (batch,) = batches_of_history(small_history().path, Stage.A)
    write_scored([scorer().score(batch)], tmp_path / "a.parquet", FileForm.ARROW)
    table = pq.read_table(tmp_path / "a.parquet")
    assert str(table["ability"].type) == "double"
    assert table["ability"].null_count == len(table) - table["abstained"].null_count


def test_a_spreadsheet_runs_nothing(tmp_path: Path) -> None:
    """An application id that looks like a formula comes out as text."""
    (batch,), _ = lines(tmp_path, case_document(application_id="=1+1"))
    write_scored([scorer().score(batch)], tmp_path / "a.csv", FileForm.CSV)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(iter(csv.DictReader(file)))["case_id"] == "'=1+1"
