"""Promotion: verified, measured, passed, recorded, switched in one step."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from models.bundle import promotions
from models.promotion.plan import Plan, Request, champion, evaluation_path, plan
from models.promotion.refusal import PromotionError
from models.promotion.switching import promote
from tests.builders_training import NOW, small_training
from training.errors import CommandError
from training.provenance import Home, write_json


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a home in which the small bundle was evaluated and passed."""
    home = Home(tmp_path)
    evaluated(home, passed=True)
    return home


def evaluated(home: Home, *, passed: bool) -> None:
    """Write an evaluation of the small bundle."""
    result = {"gate": "g", "score": "A.ability", "measure": "auc", "found": 0.7, "asked": "≥ 0.6", "passed": passed}
    write_json(evaluation_path(home.path, small_training().sha256), {"gates": [result]})


def checked(home: Home, *, passed: bool = True) -> Plan:
    """Return the plan that checking the small bundle would give; the checks themselves have their own tests."""
    gate = {"gate": "g", "score": "A.ability", "measure": "auc", "found": 0.7, "asked": "≥ 0.6", "passed": passed}
    name = small_training().trained.bundle.about.name
    return Plan(name, small_training().sha256, champion(home.path), (gate,), simulated=True)


def request(**changed: object) -> Request:
    """Return a request to promote the small bundle for a demonstration, changed as told."""
    asked = Request(bundle=small_training().bundle, by="王主任", reason="演示", at=NOW, demo=True)
    return replace(asked, **changed)  # type: ignore[arg-type]


def test_a_promoted_bundle_is_the_champion(home: Home) -> None:
    """The folder is there, `current` names it, and nothing unfinished is left behind."""
    place = promote(home.path, request(), checked(home))
    assert champion(home.path) == place.name == small_training().trained.bundle.about.name
    assert sorted(path.name for path in home.bundles.iterdir()) == sorted([place.name, "current", ".promoting"])


def test_the_ledger_says_who_when_why_and_on_what_grounds(home: Home) -> None:
    """One line holds everything that an inspector asks for."""
    promote(home.path, request(), checked(home))
    (line,) = (home.path / "promotions.jsonl").read_text(encoding="utf-8").splitlines()
    entry = json.loads(line)
    assert (entry["by"], entry["reason"], entry["at"]) == ("王主任", "演示", NOW.isoformat())
    assert entry["sha256"] == small_training().sha256
    assert entry["gates"][0]["passed"]


def test_promoting_again_adds_a_line_and_names_the_one_before(home: Home) -> None:
    """The ledger only grows."""
    for _ in range(2):
        promote(home.path, request(), checked(home))
    entries = [json.loads(line) for line in (home.path / "promotions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [entry["before"] for entry in entries] == [None, small_training().trained.bundle.about.name]


def test_planning_changes_nothing(home: Home) -> None:
    """A rehearsal verifies the bundle and leaves no champion and no ledger."""
    assert plan(home.path, request()) == checked(home)
    assert champion(home.path) is None
    assert not (home.path / "promotions.jsonl").exists()


def test_a_simulated_bundle_needs_consent_to_a_demonstration(home: Home) -> None:
    """A bundle that has never seen a real case does not slip into service."""
    with pytest.raises(PromotionError, match="由模拟数据训练") as caught:
        plan(home.path, request(demo=False))
    assert caught.value.code == "NEEDS_APPROVAL"


def test_a_failed_gate_stops_the_promotion(home: Home) -> None:
    """The plan names the gate, and promoting regardless is a fault of the caller."""
    planned = checked(home, passed=False)
    assert planned.failed == ("A.ability g",)
    with pytest.raises(ValueError, match="未通过关口不得发布"):
        promote(home.path, request(), planned)


def test_without_an_evaluation_there_is_no_promotion(tmp_path: Path) -> None:
    """Nobody promotes a bundle whose quality is unknown."""
    with pytest.raises(PromotionError, match="评估记录") as caught:
        plan(tmp_path, request())
    assert caught.value.code == "NOT_EVALUATED"


def test_a_changed_bundle_is_not_promoted(home: Home, tmp_path: Path) -> None:
    """One altered byte in any file is noticed before anything happens."""
    changed = tmp_path / "changed" / small_training().bundle.name
    shutil.copytree(small_training().bundle, changed)
    tree = next(changed.rglob("full.txt"))
    tree.write_text(tree.read_text(encoding="utf-8").replace("1", "2", 1), encoding="utf-8")
    with pytest.raises(PromotionError, match="BUNDLE_DAMAGED"):
        plan(home.path, request(bundle=changed))


def test_two_promotions_do_not_run_at_once(home: Home) -> None:
    """Whoever comes second is told so and changes nothing."""
    planned = checked(home)
    home.bundles.mkdir(parents=True)
    with promotions.alone(home.bundles), pytest.raises(PromotionError, match="正持有") as caught:
        promote(home.path, request(), planned)
    assert caught.value.code == "LOCKED"
    assert champion(home.path) is None


def test_bundles_are_found_by_the_names_people_use(home: Home) -> None:
    """A path, the newest training, and the champion."""
    run = home.path / "runs" / "20261120T093000-train" / "bundle" / small_training().bundle.name
    shutil.copytree(small_training().bundle, run)
    promote(home.path, request(), checked(home))
    assert home.find_bundle("latest") == run
    assert home.find_bundle("20261120T093000-train") == run
    assert home.find_bundle("champion") == home.bundles / run.name
    with pytest.raises(CommandError, match="没有模型包 'nobody'"):
        home.find_bundle("nobody")


def test_a_promoted_bundle_keeps_the_settings_of_its_training(home: Home) -> None:
    """Wherever it lies, it is measured and watched by what it was trained with."""
    run = home.path / "runs" / "20261120T093000-train"
    shutil.copytree(small_training().bundle, run / "bundle" / small_training().bundle.name)
    write_json(run / "config.lock.json", {})
    place = promote(home.path, request(), checked(home))
    assert home.config_of(place) == home.config_of(run / "bundle" / place.name) == run / "config.lock.json"
    assert home.config_of(home.bundles / "stranger") is None
