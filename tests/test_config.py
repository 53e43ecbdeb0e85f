"""Settings: typed, strict, and changed one key at a time."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from training.config import load_gates, load_settings
from training.errors import CommandError, refusals


def test_the_defaults_ask_the_documented_questions() -> None:
    """Stage A asks for willingness, ability and recovery; stage B for ability, quick close and recovery."""
    settings = load_settings()
    assert {stage: sorted(t) for stage, t in settings.targets.items()} == {
        "A": ["ability", "recovery", "willingness"],
        "B": ["ability", "quick_close", "recovery"],
    }


def test_an_override_changes_one_key_only() -> None:
    """`--set` reaches into nested tables and leaves their neighbours alone."""
    settings = load_settings(overrides=["targets.A.ability.reading=365", "targets.A.ability.grid=[180,365]"])
    assert settings.targets["A"]["ability"].reading == 365
    assert settings.targets["A"]["ability"].causes == ("full", "zhongben", "other")
    assert settings.targets["B"] == load_settings().targets["B"]


def test_a_bare_word_is_a_string() -> None:
    """A name needs no quotation marks on the command line."""
    assert load_settings(overrides=["mlflow.model=court-1"]).mlflow.model == "court-1"


def test_periods_are_given_as_dates() -> None:
    """The split's dates are TOML dates."""
    settings = load_settings(overrides=["split.calibrate_from=2023-01-01", "split.test_from=2024-01-01"])
    assert settings.split.test_from == date(2024, 1, 1)


def test_the_courts_file_overrides_the_defaults(tmp_path: Path) -> None:
    """A court writes only what differs."""
    path = tmp_path / "court.toml"
    path.write_text("seed = 7\n[booster]\ntrees = 10\n", encoding="utf-8")
    settings = load_settings(path)
    assert (settings.seed, settings.booster.trees, settings.booster.leaves) == (7, 10, load_settings().booster.leaves)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("booster.treees=1", "未知的配置键 booster.treees"),
        ("seed=1.5", "seed 应为 int，收到 1.5"),
        ("mlflow.enabled=1", "mlflow.enabled 应为 bool，收到 1"),
        ("split.shares=[0.5,0.2,0.2]", "split.shares 应为三个正数"),
        ("targets.A.ability.grid=[30,30]", "targets.A.ability.grid 应为递增"),
        ("targets.A.ability.reading=900", "targets.A.ability.reading"),
        ("targets.A.ability.start=birth", "targets.A.ability.start"),
        ("targets.B.ability.start=received_at", "targets.B.ability.start"),
        ("targets.C.ability.reading=3", "缺少配置键|targets"),
        ("split.test_from=2024-01-01", "两个先后的日期"),
        ("split.test_until=soon", "split.test_until 应为 date，收到 'soon'"),
        ("seed", "--set 应为 键=值，收到 'seed'"),
    ],
)
def test_a_wrong_setting_is_named_with_the_value_received(override: str, words: str) -> None:
    """Whoever misspells a key reads the key, the value and what is allowed."""
    with pytest.raises(CommandError, match=words) as caught:
        load_settings(overrides=[override])
    assert caught.value.exit == 2


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    """A configuration file that is not there ends with exit 4."""
    with pytest.raises(CommandError, match="没有配置文件") as caught:
        load_settings(tmp_path / "none.toml")
    assert caught.value.exit == 4


def test_a_run_can_be_restricted_to_a_score() -> None:
    """A court that asks one question trains one; a name that no stage has is refused with those that exist."""
    only = load_settings().only(["A", "B"], ["quick_close"])
    assert {stage: list(targets) for stage, targets in only.targets.items()} == {"B": ["quick_close"]}
    with pytest.raises(CommandError, match="--score 应为 ability, recovery, willingness 之一"):
        load_settings().only(["A"], ["quick_close"])


def test_gates_come_from_a_file_of_their_own(tmp_path: Path) -> None:
    """A court can keep its limits apart from its training settings."""
    path = tmp_path / "gates.toml"
    path.write_text('[[gates]]\nname = "x"\nscore = "A.ability"\nmeasure = "auc"\nat_least = 0.7\n', encoding="utf-8")
    assert [(gate.score, gate.at_least) for gate in load_gates(path)] == [("A.ability", 0.7)]


def test_the_document_of_settings_reads_back_the_same(tmp_path: Path) -> None:
    """What is written beside a run is enough to repeat it."""
    settings = load_settings(overrides=["split.calibrate_from=2023-01-01", "split.test_from=2024-01-01", "seed=5"])
    path = tmp_path / "config.lock.json"
    path.write_text(json.dumps(settings.document(), default=str), encoding="utf-8")
    assert load_settings(path).document() == settings.document()


def test_every_refusal_has_a_way_out_in_both_languages() -> None:
    """No code without a hint, and exits are those of the contract."""
    for refusal in refusals().values():
        assert all((refusal.zh, refusal.en, refusal.hint_zh, refusal.hint_en)), refusal.code
        assert refusal.exit in {1, 2, 3, 4, 5, 6, 70, 130}
