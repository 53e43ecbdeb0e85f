"""The whole office from its settings: a promoted bundle scores, and every answer can be given again from the record."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from features.case import Case, parse_case
from features.register import load_register
from models.advise import Judged, advise
from models.bundle import Bundle
from models.rules.rule import RuleFault, RuleTableError
from models.rules.table import RuleTable
from serving.bootstrap import load_rules, open_office, preheat, warm
from serving.keys import key_ring
from serving.model_life.standing import register_of
from serving.office import Office
from serving.opening import now
from serving.routes.table import TABLE
from serving.samples import SAMPLES, sample
from serving.settings import Settings
from serving.store.tables.advice import SEALED, advice
from tests.builders_models import tiny_bundle
from tests.builders_serving import KEYS, ORIGIN, Fixed

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@dataclass(frozen=True)
class Open:
    """An open office and the home it lives in."""

    office: Office
    home: Path

    def rows(self) -> list[dict[str, Any]]:
        """Return what is on record."""
        engine = sa.create_engine(f"sqlite:///{self.home / 'fenliu.db'}")
        with engine.connect() as connection:
            found = [dict(row) for row in connection.execute(sa.select(advice)).mappings()]
        engine.dispose()
        seal = key_ring(self.home / "keys").seal
        for row in found:
            row |= {name: seal.open(row[name], f"advice.{name}:{row['id']}") for name in SEALED}
        return found


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Open an office with a small promoted bundle."""
    home = tmp_path_factory.mktemp("home")
    tiny_bundle(home / "bundles", "tiny-1")
    (home / "bundles" / "current").write_text("tiny-1", encoding="utf-8")
    office = open_office(Settings(home=home), TABLE)
    yield Open(office, home)
    office.close()


async def test_a_promoted_bundle_is_named_in_every_answer(opened: Open) -> None:
    """Model, its hash, the rules and their hash, and that the model was trained on simulated data."""
    answer = json.loads(await opened.office.desk.preview(sample("fast"), origin=ORIGIN))
    model = json.loads(opened.office.shown().descriptions["/v1/models/current"]())
    rules = json.loads(opened.office.shown().descriptions["/v1/rulesets/current"]())
    assert (answer["versions"]["model"], answer["versions"]["model_sha256"]) == ("tiny-1", model["sha256"])
    assert answer["versions"]["ruleset_sha256"] == rules["sha256"]
    assert answer["simulated"] is True
    assert model["notice"] == "模拟，不得用于办案"
    assert "<h2>⚠ 模拟，不得用于办案 / simulated: not for real cases</h2>" in opened.office.shown().page.decode()


@pytest.mark.parametrize("name", SAMPLES)
async def test_a_stored_answer_can_be_given_again_bit_for_bit(opened: Open, name: str) -> None:
    """Stored question + named bundle + rules = the same features, bit for bit, and the same advice."""
    stored = await opened.office.desk.score(sample(name), key=f"replay-{name}", origin=ORIGIN)
    (row,) = (found for found in opened.rows() if found["id"] == stored.id)
    bundle = Bundle.load(opened.home / "bundles" / "tiny-1")
    register = register_of(bundle)
    case = parse_case(json.loads(row["input"]), now=now(), register=register)
    again = advise(case, bundle=bundle, rules=RuleTable.load(register=register), register=register)
    assert row["model_sha256"] == bundle.sha256
    assert row["features"] == again.features
    assert len(row["features"]) == 4 * len(bundle.stages[case.stage].features)
    answer = json.loads(stored.answer)
    assert {key: answer[key] for key in again.advice.to_json()} == json.loads(json.dumps(again.advice.to_json()))


async def test_the_office_describes_rules_reasons_and_schemas(opened: Open) -> None:
    """Each description is JSON, in both languages where people read it."""
    found = {path: json.loads(body()) for path, body in opened.office.shown().descriptions.items()}
    rules = found["/v1/rulesets/current"]
    assert {rule["id"] for rule in rules["rules"] if rule["statutory"]} >= {"H01", "H07", "P01"}
    assert {limit["id"]: limit["value"] for limit in rules["limits"]}["T13"] == 3
    codes = {entry["code"]: entry for entry in found["/v1/reason-codes"]["codes"]}
    assert codes["W01"]["text"] == "自动履行记录"
    assert codes["W01"]["questions"]
    assert found["/v1/schema/A"]["properties"]["stage"]["const"] == "A"
    assert "tiny-1" in opened.office.shown().page.decode()


def test_a_rule_table_that_begins_after_the_samples_is_no_obstacle() -> None:
    """Warming up is a courtesy: the samples' day may lie before the court's own table."""
    judged: list[str] = []

    def too_early(case: Case) -> Judged:
        judged.append(case.application_id)
        raise RuleTableError([RuleFault("court", "-", "早于规则表的施行日", "no table")])

    warm(Fixed(judging=too_early), KEYS.token)
    assert len(judged) == len(SAMPLES)


def test_what_is_done_before_workers_are_forked_touches_nothing_and_starts_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that forks may have no second thread; keys, store and model are the workers' own."""
    opened: list[object] = []
    monkeypatch.setattr("serving.bootstrap.open_store", opened.append)
    monkeypatch.setattr("serving.bootstrap.load_current", opened.append)
    threads = threading.active_count()
    preheat(Settings(home=tmp_path / "home"))

    assert threading.active_count() == threads
    assert opened == []
    assert not (tmp_path / "home").exists()


def test_a_wrong_rule_file_is_left_for_the_worker_to_say(tmp_path: Path) -> None:
    """The worker ends with a sentence that names the fault; the process before it must get that far."""
    wrong = tmp_path / "court.toml"
    wrong.write_bytes(b"\xff not a rule table")
    preheat(Settings(home=tmp_path, rules=wrong))
    with pytest.raises(RuleTableError, match="不是 UTF-8"):
        load_rules(Settings(home=tmp_path, rules=wrong), load_register())
