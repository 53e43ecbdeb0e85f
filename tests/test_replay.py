"""Replay: every stored answer is given again bit for bit, and whatever was changed or is missing is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from features.extensions import ExtensionField
from features.feature import Group, Pull
from features.register import Field, Stage
from models.bundle import Bundle
from serving.replay import replaying
from serving.replay.verdict import CODES, Verdict
from serving.repositories.recorded import RecordedStore
from serving.store.tables.audit import audit
from tests.builders_case import ABSENT, case_document, stage_b_document
from tests.builders_models import tiny_about, tiny_bundle, tiny_stage
from tests.builders_replay import NOW, OPERATOR, Answered, of_another_court
from tests.builders_serving import KEYS, opened
from tests.builders_store import Database


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one bundle that no test changes."""
    return tiny_bundle(tmp_path_factory.mktemp("made"))


@pytest.fixture
def court(tmp_path: Path, made: Path) -> Answered:
    """Return a court whose model is `tiny-1`."""
    shutil.copytree(made, tmp_path / "bundles" / made.name)
    (tmp_path / "bundles" / "current").write_text(made.name, encoding="utf-8")
    return Answered(tmp_path, opened(tmp_path))


EXPLAINED: dict[str, Any] = {"explain": {"reasons": 5, "flips": 3}}
CASES: dict[str, Callable[[], dict[str, Any]]] = {
    "filing": case_document,
    "query": stage_b_document,
    "explained": lambda: case_document(**EXPLAINED),
    "by rule": lambda: case_document(relief_type="act"),
    "missing": lambda: case_document(batch_size=ABSENT, missing={"batch_size": "source_timeout"}),
}


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_given_again_bit_for_bit(court: Answered, name: str) -> None:
    """With a model, at both stages, explained or not, by rule or by score."""
    advice_id = court.score(CASES[name]())
    assert court.replay(advice_id) == Verdict(id=advice_id, code="SAME", program=replaying.program_version())


def test_it_holds_on_both_databases(database: Database, tmp_path: Path, made: Path) -> None:
    """What PostgreSQL gives back is what was put in."""
    shutil.copytree(made, tmp_path / "bundles" / made.name)
    (tmp_path / "bundles" / "current").write_text(made.name, encoding="utf-8")
    court = Answered(tmp_path, database.open())
    assert court.replay(court.score()).code == "SAME"


def test_an_answer_without_a_model_is_given_again(court: Answered) -> None:
    """Rules alone: because nothing was promoted, because the bundle was damaged, because it was switched off."""
    stopped = court.score(stopped=True)
    (court.home / "bundles" / "current").write_text("none", encoding="utf-8")
    damaged = court.score()
    (court.home / "bundles" / "current").unlink()
    none = court.score()
    reasons = [json.loads(court.row(one)["answer"])["degraded_reason"]["code"] for one in (stopped, damaged, none)]
    assert reasons == ["MODEL_STOPPED", "DAMAGED_BUNDLE", "NO_BUNDLE"]
    assert [court.replay(one).code for one in (stopped, damaged, none)] == ["SAME"] * 3


def test_neither_a_new_model_nor_new_rules_change_the_past(court: Answered) -> None:
    """The old bundle and the old rule text are found by their hashes."""
    advice_id = court.score()
    tiny_bundle(court.home / "bundles", "tiny-2", seed=2)
    (court.home / "bundles" / "current").write_text("tiny-2", encoding="utf-8")
    own = court.home / "own.toml"
    own.write_text(files("models.rules").joinpath("court_default.toml").read_text("utf-8") + "\n# 修订\n", "utf-8")
    newer = court.score(rules=own)
    own.unlink()
    rows = [court.row(one) for one in (advice_id, newer)]
    assert rows[0]["ruleset_sha256"] != rows[1]["ruleset_sha256"]
    assert [court.replay(one).code for one in (advice_id, newer)] == ["SAME", "SAME"]


def test_the_courts_own_fields_are_found_though_the_model_was_switched_off(tmp_path: Path) -> None:
    """An input with fields that only a bundle declares is read by that bundle's fields."""
    field = Field("x_grade", "等级", "grade", "int", "A")
    own = ExtensionField(field, "等级是多少？", "Which grade?", "级", Pull.NONE, Group.CASE)
    bundles = tmp_path / "bundles"
    Bundle.assemble([tiny_stage(Stage.A)], about=tiny_about("own"), extensions=[own]).save(bundles / "own")
    (bundles / "current").write_text("own", encoding="utf-8")
    court = Answered(tmp_path, opened(tmp_path))
    advice_id = court.score(case_document(x_grade=3), stopped=True)
    assert court.replay(advice_id).code == "SAME"


def test_a_damaged_copy_does_not_hide_the_whole_bundle(court: Answered) -> None:
    """Two folders claim the same hash: the answer is given again from the one that is whole."""
    advice_id = court.score()
    bundles = court.home / "bundles"
    shutil.copytree(bundles / "tiny-1", bundles / "bad")
    (bundles / "bad" / "A" / "stage.json").write_text("{}", encoding="utf-8")
    assert court.replay(advice_id).code == "SAME"


def test_a_missing_bundle_is_named(court: Answered) -> None:
    """By the hash that the record holds; so is one that no longer passes."""
    advice_id = court.score()
    sha256 = court.row(advice_id)["model_sha256"]
    folder = court.home / "bundles" / "tiny-1"
    (folder / "A" / "stage.json").write_text("{}", encoding="utf-8")
    assert (court.replay(advice_id).code, court.replay(advice_id).about) == ("BUNDLE_DAMAGED", "tiny-1")
    shutil.rmtree(folder)
    found = court.replay(advice_id)
    assert (found.code, found.outcome, found.about) == ("BUNDLE_MISSING", "impossible", sha256[:12])


def test_a_missing_rule_table_is_named(court: Answered) -> None:
    """By its hash."""
    advice_id = court.score()
    court.tamper(advice_id, ruleset_sha256="e" * 64)
    found = court.replay(advice_id)
    assert (found.code, found.about) == ("RULES_MISSING", "e" * 12)


def test_a_changed_input_is_told_from_a_changed_answer(court: Answered) -> None:
    """The digest beside the input tells; the trail is not even needed."""
    advice_id = court.score()
    changed = json.loads(court.row(advice_id)["input"])
    changed["case"]["claim_amount"] = "1.00"
    court.tamper(advice_id, on_trail=True, input=json.dumps(changed).encode())
    assert (court.replay(advice_id).code, court.replay(advice_id).pointer) == ("INPUT_CHANGED", "/input_sha256")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"status": "abstained"}, "/status"),
        ({"advice": {}}, "/advice/route"),
        ({"scores": {}}, "/scores/paid_full_180d"),
        ({"reasons_rest_per_100": 77}, "/reasons_rest_per_100"),
        ({"created_at": "2020-01-01T00:00:00+08:00"}, "/created_at"),
        ({"degraded_reason": {"code": "MADE_UP"}}, "/degraded_reason"),
        ({"extra": 1}, "/extra"),
        ({"versions": None}, ""),
    ],
)
def test_a_changed_answer_is_named_by_the_first_place(court: Answered, changes: dict[str, Any], pointer: str) -> None:
    """Whoever changes the answer and everything beside it cannot change what comes out again."""
    advice_id = court.score()
    if "scores" in changes:
        pointer = "/scores/" + next(iter(json.loads(court.row(advice_id)["answer"])["scores"]))
    court.edit(advice_id, **changes)
    found = court.replay(advice_id)
    assert (found.code, found.outcome, found.pointer) == ("ANSWER_CHANGED", "differs", pointer)


def test_an_answer_that_is_none_is_named(court: Answered) -> None:
    """Neither text that is no JSON nor other JSON ends a replay in an error."""
    advice_id = court.score()
    for content in (b"{", b"[]", b'"x"', b"\xff"):
        court.tamper(advice_id, answer=content)
        assert court.replay(advice_id).code == "ANSWER_CHANGED"


def test_an_input_that_is_none_is_named(court: Answered) -> None:
    """As above, for the question."""
    advice_id = court.score()
    for content in (b"{", b"[]", b'{"stage":"A"}'):
        court.tamper(advice_id, input=content)
        assert court.replay(advice_id).code == "INPUT_UNREADABLE"


def test_changed_features_are_named_by_feature(court: Answered) -> None:
    """Bit for bit: another number in one place of the row."""
    advice_id = court.score()
    row = np.frombuffer(court.row(advice_id)["features"], dtype="<f4").copy()
    row[5] = 1e9
    court.tamper(advice_id, on_trail=True, features=row.tobytes())
    name = tiny_stage(Stage.A).features[5].name
    found = court.replay(advice_id)
    assert (found.code, found.pointer, found.recorded) == ("FEATURES_CHANGED", f"/features/{name}", 1e9)


@pytest.mark.parametrize(
    ("column", "value"),
    [("route", "none"), ("court_code", "京0105"), ("status", "abstained"), ("features_sha256", "0" * 64),
     ("application_id", "SQ-2"), ("rules", b"[]"), ("versions", "{}"), ("decided_by", "none")],
)  # fmt: skip
def test_a_changed_column_beside_the_answer_is_named(court: Answered, column: str, value: object) -> None:
    """Lists and statistics are made from these columns; they must say what the answer says."""
    advice_id = court.score()
    court.tamper(advice_id, on_trail=True, **{column: value})
    found = court.replay(advice_id)
    assert (found.code, found.pointer) == ("RECORD_CHANGED", f"/{column}")


def test_what_only_the_trail_can_tell_is_told(court: Answered) -> None:
    """Who asked follows from nothing else; the digest on the audit trail knows."""
    advice_id = court.score()
    court.tamper(advice_id, created_by="account:li")
    assert court.replay(advice_id).code == "RECORD_CHANGED"


def test_a_moved_or_cut_envelope_is_named(court: Answered) -> None:
    """A sealed column that does not open is named; nothing is guessed from the rest."""
    first, second = court.score(), court.score(case_document(application_id="SQ-2"))
    query = sa.text("SELECT input FROM advice WHERE id = :id")
    moved = court.store.read(lambda connection: connection.scalar(query, {"id": second}))

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.text("UPDATE advice SET input = :moved WHERE id = :id"), {"moved": moved, "id": first})

    court.tamper(first, route="fast")
    court.store.write(work)
    found = court.replay(first)
    assert (found.code, found.about) == ("UNREADABLE", "input")


def test_an_erased_answer_is_no_difference(court: Answered) -> None:
    """It cannot be given again, and nobody did wrong."""
    advice_id = court.score()
    court.tamper(advice_id, erased_at="2027-01-01", input=None, features=None, rules=None, answer=None)
    assert (court.replay(advice_id).code, court.replay(advice_id).outcome) == ("ERASED", "impossible")


def test_another_program_is_told_from_a_changed_record(court: Answered, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answer by another program is the same; another answer is the program's unless the trail says no."""
    advice_id = court.score()
    for module in ("serving.replay.replaying", "models.advise"):
        monkeypatch.setattr(f"{module}.program_version", lambda: "9.9.9+0123456789ab")
    found = court.replay(advice_id)
    assert (found.code, found.outcome) == ("SAME_OTHER_PROGRAM", "same")
    monkeypatch.setattr("models.advise.EXPLAINED", dict.fromkeys(Stage, ()))
    explained = court.score(case_document(application_id="SQ-9", **EXPLAINED))
    assert court.replay(explained).code == "SAME"
    monkeypatch.undo()
    found = court.replay(explained)
    assert (found.code, found.about, found.program) == ("PROGRAM_DIFFERS", "ANSWER_CHANGED", "9.9.9+0123456789ab")
    court.edit(explained, reasons=[])
    assert court.replay(explained).code == "PROGRAM_DIFFERS"
    court.tamper(explained, created_by="account:li")
    assert court.replay(explained).code == "ANSWER_CHANGED"


def test_a_replay_is_on_the_audit_trail_and_keeps_to_the_callers_courts(court: Answered) -> None:
    """Whoever replays reads; another court's answers are not there."""
    advice_id = court.score()
    store = RecordedStore(court.store, KEYS)
    assert store.get(advice_id, origin=of_another_court(OPERATOR), at=NOW) is None
    assert store.get(advice_id, origin=OPERATOR, at=NOW) is not None
    query = sa.select(audit.c.actor).where(audit.c.action == "score.replay")
    assert court.store.read(lambda connection: connection.scalars(query).all()) == ["local:operator"]


def test_pages_go_through_everything_once(court: Answered, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of ids, from a day on."""
    monkeypatch.setattr("serving.repositories.recorded.TOGETHER", 2)
    ids = [court.score(case_document(application_id=f"SQ-{number}")) for number in range(5)]
    store = RecordedStore(court.store, KEYS)
    found: list[str] = []
    while page := store.page(after=found[-1] if found else "", since="", origin=OPERATOR, at=NOW):
        found += [one.id for one in page]
    assert found == ids
    assert store.page(after="", since="2099-01-01", origin=OPERATOR, at=NOW) == []


@pytest.mark.parametrize("code", CODES)
def test_every_verdict_has_words_in_both_languages(code: str) -> None:
    """And shows values only to who asks for them."""
    verdict = Verdict(id="SCR-20261120-000001", code=code, recorded="secret", again="other")
    assert all(verdict.words)
    assert "secret" not in json.dumps(verdict.to_json())
    assert "secret" in json.dumps(verdict.to_json(values=True))
