"""Commands for bundles: back to an earlier one, a challenger beside, and nothing goes that a record needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.bundle import promotions
from models.bundle.manifest import read_bundle
from serving.model_life.kept import kept_bundles
from serving.model_life.pointer import read_pointer
from serving.opening import keys_of, open_store
from serving.operation.bundles import challenge, prune, roll_back, show
from serving.settings import Settings, SettingsError
from serving.store.tables.audit import audit
from tests.builders_models import tiny_bundle
from tests.builders_replay import Answered


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return a court that has promoted `one` and then `two`."""
    for number, name in enumerate(("one", "two"), start=1):
        sha256 = read_bundle(tiny_bundle(tmp_path / "bundles", name, seed=number))[2]
        before = read_pointer(tmp_path / "bundles", "current")
        entry = {"action": "promote", "bundle": name, "sha256": sha256, "before": before}
        promotions.note(tmp_path, entry)
        promotions.point(tmp_path / "bundles", name, pointer="current")
    return Settings(home=tmp_path)


def actions(settings: Settings) -> list[str]:
    """Return what the audit trail says was done."""
    store = open_store(settings, keys_of(settings))
    found = store.read(lambda connection: connection.scalars(sa.select(audit.c.action).order_by(audit.c.seq)).all())
    store.close()
    return list(found)


def test_rolling_back_needs_no_name(settings: Settings) -> None:
    """The ledger knows what answered before; ledger, trail and pointer say the same afterwards; and back again."""
    said: list[str] = []
    roll_back(settings, name="", reason="误差变大", say=said.append)
    assert read_pointer(settings.bundles, "current") == "one"
    assert said[0].startswith("现用模型改为 one，")
    entry = promotions.noted(settings.home)[-1]
    told = [entry[name] for name in ("action", "bundle", "before", "reason")]
    assert told == ["rollback", "one", "two", "误差变大"]
    assert actions(settings) == ["model.rollback"]
    roll_back(settings, name="", reason="误报", say=said.append)
    assert read_pointer(settings.bundles, "current") == "two"


def test_a_rollback_that_cannot_be_is_refused(settings: Settings) -> None:
    """No such bundle, the present one, one that never answered, no reason, somebody else at it: nothing changes."""
    tiny_bundle(settings.bundles, "four", seed=1)
    refused = {"three": "现有：four、one、two", "two": "就是现用模型包", "four": "台账中没有可退回的模型包 four"}
    for name, why in refused.items():
        with pytest.raises(SettingsError, match=why):
            roll_back(settings, name=name, reason="x", say=print)
    with pytest.raises(SettingsError, match="--reason"):
        roll_back(settings, name="one", reason=" ", say=print)
    with promotions.alone(settings.bundles), pytest.raises(SettingsError, match="另一个进程正持有"):
        roll_back(settings, name="one", reason="x", say=print)
    (settings.bundles / "one" / "features.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"features\.json"):
        roll_back(settings, name="one", reason="x", say=print)
    assert (read_pointer(settings.bundles, "current"), actions(settings)) == ("two", [])


def test_a_court_that_allows_no_demonstration_is_not_led_back_to_one(settings: Settings) -> None:
    """Its promotion.toml holds for this command as for the others."""
    (settings.home / "promotion.toml").write_text("signatures = 1\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="不允许演示"):
        roll_back(settings, name="one", reason="x", say=print)
    assert read_pointer(settings.bundles, "current") == "two"


def test_without_a_ledger_there_is_no_way_back(tmp_path: Path) -> None:
    """A guess would be worse."""
    with pytest.raises(SettingsError, match="台账中没有可退回的模型包"):
        roll_back(Settings(home=tmp_path), name="", reason="x", say=print)


def test_a_challenger_is_chosen_and_dismissed(settings: Settings) -> None:
    """By a pointer of its own, proven first, on the trail."""
    challenge(settings, name="one", say=lambda _: None)
    assert [(one.name, one.current, one.shadow) for one in kept_bundles(settings.bundles)] == [
        ("one", False, True),
        ("two", True, False),
    ]
    challenge(settings, name="", say=lambda _: None)
    assert read_pointer(settings.bundles, "shadow") is None
    with pytest.raises(SettingsError, match="没有模型 'x'"):
        challenge(settings, name="x", say=print)
    assert actions(settings) == ["shadow.choose", "shadow.choose"]


def test_bundles_are_listed_with_their_marks(settings: Settings) -> None:
    """Name, hash, last day; which one answers and which one is compared."""
    said: list[str] = []
    challenge(settings, name="one", say=lambda _: None)
    show(settings, said.append)
    assert said[0].endswith("对照 / challenger、模拟 / simulated")
    assert "现用 / current" in said[1]
    assert "2030-01-01" in said[1]


def test_nothing_goes_that_is_needed(settings: Settings) -> None:
    """What a pointer names, what an answer was made with, and the newest stay; the rest goes only when told."""
    store = open_store(settings, keys_of(settings))
    store.close()
    for number in (3, 4):
        tiny_bundle(settings.bundles, f"old-{number}", seed=number)
    promotions.point(settings.bundles, "old-3", pointer="current")
    # The keys of the tests' own court are not those of this home, so its answers are given by hand.
    with pytest.MonkeyPatch.context() as patch:
        needed = frozenset(one.sha256 for one in kept_bundles(settings.bundles) if one.name == "one")
        patch.setattr("serving.operation.bundles.models_on_record", lambda _: needed)
        said: list[str] = []
        prune(settings, keep=1, really=False, say=said.append)
        assert len(kept_bundles(settings.bundles)) == 4
        prune(settings, keep=1, really=True, say=said.append)
    left = {one.name for one in kept_bundles(settings.bundles)}
    assert {"one", "old-3"} <= left
    assert len(left) < 4
    assert "model.remove" in actions(settings)


def test_the_models_on_record_are_found(settings: Settings, tmp_path: Path) -> None:
    """Every hash an answer names, once."""
    from serving.repositories.recorded import models_on_record
    from tests.builders_serving import opened

    court = Answered(settings.home, opened(tmp_path / "other"))
    for _ in range(2):
        court.score()
    (digest,) = models_on_record(court.store)
    assert digest == next(one.sha256 for one in kept_bundles(settings.bundles) if one.current)


def test_a_torn_ledger_line_is_passed_over(tmp_path: Path) -> None:
    """A power cut in the middle of a line does not make the rest unreadable."""
    promotions.note(tmp_path, {"bundle": "one"})
    with (tmp_path / promotions.LEDGER).open("a", encoding="utf-8") as ledger:
        ledger.write('{"bundle": "tw')
    assert [entry["bundle"] for entry in promotions.noted(tmp_path)] == ["one"]
    promotions.note(tmp_path, {"bundle": "three"})
    assert [entry["bundle"] for entry in promotions.noted(tmp_path)] == ["one", "three"]
    assert json.loads((tmp_path / promotions.LEDGER).read_text(encoding="utf-8").splitlines()[0]) == {"bundle": "one"}
