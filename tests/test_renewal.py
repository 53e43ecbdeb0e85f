"""Making what answers: the start takes what is there, a renewal exchanges only what has changed and passed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from features.register import load_register
from models.bundle import Bundle, promotions
from models.bundle.manifest import DamagedBundleError
from models.rules.rule import RuleTableError
from serving.model_life.changeover import Change, Changeover
from serving.model_life.renewal import Renewal, load_promoted
from serving.model_life.sight import Sight
from serving.model_life.standing import Standing
from tests.builders_models import tiny_bundle
from tests.builders_serving import NOW, document, parse

RULES = files("models.rules").joinpath("court_default.toml").read_text("utf-8")


class Court:
    """A folder of bundles and a rule file; bundles are loaded without the child process, which has its own tests."""

    def __init__(self, home: Path, made: Path) -> None:
        self.bundles = home / "bundles"
        self.bundles.mkdir()
        for name in ("one", "two"):
            (self.bundles / name).mkdir()
            for source in (made / name).rglob("*.*"):
                place = self.bundles / source.relative_to(made)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(source.read_bytes())
        self.rules = home / "rules.toml"
        self.rules.write_text(RULES, encoding="utf-8")
        self.reported: list[Change] = []
        self.loads: list[str] = []
        self.now = 0.0

    def load(self, folder: Path) -> Bundle:
        """Load and remember that it was asked for."""
        self.loads.append(folder.name)
        return Bundle.load(folder)

    def point(self, pointer: str, name: str) -> None:
        """Let a pointer name a bundle."""
        (self.bundles / pointer).write_text(name, encoding="utf-8")

    def open(self) -> Changeover[Standing, Sight]:
        """Open the changeover as a worker does."""
        renewal = Renewal(
            bundles=self.bundles, rules=self.rules, watch_rules=True, prove=self.load, prove_at_start=self.load
        )
        return Changeover(
            renewal.begin, sight=renewal.sight, renew=renewal.renew, report=self.reported.append, timer=lambda: self.now
        )

    def damage(self, name: str) -> None:
        """Change a byte of a bundle."""
        model = min((self.bundles / name).rglob("*.txt"))
        content = bytearray(model.read_bytes())
        content[len(content) // 2] ^= 1
        model.write_bytes(bytes(content))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return two bundles that answer differently."""
    folder = tmp_path_factory.mktemp("made")
    tiny_bundle(folder, "one", seed=1)
    tiny_bundle(folder, "two", seed=2)
    return folder


@pytest.fixture
def court(tmp_path: Path, made: Path) -> Iterator[Court]:
    """Return a court with both bundles, none of them in use."""
    return Court(tmp_path, made)


def outcomes(court: Court) -> list[tuple[str, str]]:
    """Return what was reported, in short."""
    return [(change.part, change.outcome) for change in court.reported]


def test_without_anything_the_rules_stand(court: Court) -> None:
    """No bundle is no failure: it is reported as it is and not tried again."""
    current = court.open()
    assert (current.value.life.mode, current.value.life.bundle) == ("rules", None)
    assert outcomes(court) == [("model", "done")]
    court.now = 1000.0
    assert not current.look()


def test_a_promotion_exchanges_model_register_and_hash_together(court: Court) -> None:
    """After the exchange every part is the new one's; an answer that was begun keeps the old."""
    court.point("current", "one")
    current = court.open()
    old = current.value
    court.point("current", "two")
    assert current.look()
    new = current.value
    assert [standing.life.name for standing in (old, new)] == ["one", "two"]
    case = parse(document(), NOW)
    answered = [standing.judge(case, on=NOW.date()).advice.versions for standing in (old, new)]
    assert [versions.model for versions in answered] == ["one", "two"]
    assert answered[1].model_sha256 == new.life.bundle.sha256 == court.reported[-1].after  # type: ignore[union-attr]
    assert court.reported[-1].before == answered[0].model_sha256


def test_a_bad_bundle_leaves_the_old_one_and_is_named(court: Court) -> None:
    """The old answers, the reason names bundle and file; pointing back ends the complaint without loading anything."""
    court.point("current", "one")
    current = court.open()
    court.damage("two")
    court.point("current", "two")
    current.look()
    life = current.value.life
    assert (life.name, life.mode) == ("one", "model")
    assert life.refused is not None
    assert (life.refused.code, ".txt" in life.refused.zh) == ("DAMAGED_BUNDLE", True)
    assert outcomes(court)[1:] == [("model", "failed")]
    court.point("current", "one")
    court.loads.clear()
    current.look()
    assert (current.value.life.refused, court.loads) == (None, [])


def test_a_half_written_bundle_is_taken_once_it_is_whole(court: Court) -> None:
    """Nothing need be pointed again: the last file that arrives is noticed."""
    court.point("current", "one")
    current = court.open()
    manifest = court.bundles / "two" / "manifest.json"
    content = manifest.read_bytes()
    manifest.unlink()
    court.point("current", "two")
    current.look()
    assert current.value.life.name == "one"
    manifest.write_bytes(content)
    current.look()
    assert (current.value.life.name, current.value.life.refused) == ("two", None)


def test_a_model_that_was_bad_at_the_start_is_taken_when_it_is_mended(court: Court) -> None:
    """Rules answer meanwhile."""
    court.point("current", "two")
    court.damage("two")
    current = court.open()
    assert current.value.life.mode == "rules"
    court.damage("two")
    current.look()
    assert current.value.life.mode == "model"


def test_removing_the_pointer_switches_nothing_off(court: Court) -> None:
    """A file that is gone may be an accident; to switch a model off there is a switch."""
    court.point("current", "one")
    current = court.open()
    (court.bundles / "current").unlink()
    current.look()
    life = current.value.life
    assert life.mode == "model"
    assert life.refused is not None
    assert life.refused.code == "POINTER_GONE"


def test_the_challenger_is_loaded_aside_and_never_answers(court: Court) -> None:
    """It keeps no start waiting, is loaded at the first look, and goes when its pointer goes."""
    court.point("current", "one")
    court.point("shadow", "two")
    current = court.open()
    assert (court.loads, current.value.shadow) == (["one"], None)
    current.look()
    standing = current.value
    assert standing.shadow is not None
    assert (standing.life.name, standing.shadow.name) == ("one", "two")
    case = parse(document(), NOW)
    assert standing.judge(case, on=NOW.date()).advice.versions.model == "one"
    (court.bundles / "shadow").unlink()
    current.look()
    assert (current.value.shadow, outcomes(court)[1:]) == (None, [("shadow", "done")] * 2)


def test_a_bad_challenger_costs_the_champion_nothing(court: Court) -> None:
    """It is reported and not compared; the champion is not even loaded again."""
    court.point("current", "one")
    current = court.open()
    court.damage("two")
    court.point("shadow", "two")
    current.look()
    assert (court.loads, current.value.life.mode) == (["one", "two"], "model")
    assert outcomes(court)[1:] == [("shadow", "failed")]


def test_a_changed_rule_file_is_taken_or_refused_whole(court: Court) -> None:
    """Other hash, other rules; a file with a fault changes nothing and is named."""
    current = court.open()
    before = current.value.rules.sha256
    court.rules.write_text(RULES + "\n# 修订\n", encoding="utf-8")
    current.look()
    after = current.value.rules.sha256
    assert after != before
    court.rules.write_text(RULES[: len(RULES) // 2], encoding="utf-8")
    current.look()
    assert current.value.rules.sha256 == after
    assert current.value.rules_refused is not None
    assert "rules.toml" in current.value.rules_refused.zh
    court.rules.write_text(RULES, encoding="utf-8")
    current.look()
    assert (current.value.rules.sha256, current.value.rules_refused) == (before, None)


def test_the_start_refuses_wrong_rules(court: Court) -> None:
    """Models can be done without, the law cannot."""
    court.rules.write_text("format = 1", encoding="utf-8")
    with pytest.raises(RuleTableError, match=r"rules\.toml"):
        court.open()


def test_a_bundle_under_which_the_rules_cannot_be_read_is_refused(
    court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules about a field that the new bundle's court does not declare: both stay as they were."""
    court.point("current", "one")
    current = court.open()
    own = replace(load_register(), fields=tuple(f for f in load_register().fields if f.name != "relief_type"))
    monkeypatch.setattr("serving.model_life.renewal.register_of", lambda _: own)
    court.point("current", "two")
    current.look()
    refused = current.value.life.refused
    assert (current.value.life.name, current.value.rules.register) == ("one", load_register())
    assert refused is not None
    assert refused.code == "RULES_MISFIT"


def test_a_stopped_model_is_not_asked_and_the_answer_says_so(court: Court) -> None:
    """Rules only, with the reason; without a model in any case, the reason is that there is none."""
    court.point("current", "one")
    case = parse(document(), NOW)
    found = court.open().value.judge(case, on=NOW.date(), stopped=True).advice.to_json()
    assert (found["mode"], found["status"], found["degraded_reason"]["code"]) == (
        "rules",
        "rules_only",
        "MODEL_STOPPED",
    )
    (court.bundles / "current").unlink()
    none = court.open().value.judge(case, on=NOW.date()).advice.to_json()
    assert none["degraded_reason"]["code"] == "NO_BUNDLE"


def test_a_loader_that_raises_damage_names_the_file(court: Court) -> None:
    """What the loader says is what is reported."""

    def refuse(_: Path) -> Bundle:
        raise DamagedBundleError("B/stage.json", "坏", "bad")

    court.point("current", "one")
    court.load = refuse  # type: ignore[method-assign]
    assert "B/stage.json" in str(court.open().value.life.downgrade)


def test_a_bundle_other_than_the_promoted_one_is_refused(made: Path, tmp_path: Path) -> None:
    """A folder in which every hash was made right again is found by the ledger beside it."""
    folder = tmp_path / "bundles" / "one"
    shutil.copytree(made / "two", folder)
    promotions.note(tmp_path, {"bundle": "one", "sha256": Bundle.load(made / "one").sha256})
    with pytest.raises(DamagedBundleError, match="not what the ledger says was promoted"):
        load_promoted(folder)
    promotions.note(tmp_path, {"bundle": "one", "sha256": Bundle.load(made / "two").sha256})
    assert load_promoted(folder).sha256 == Bundle.load(made / "two").sha256
