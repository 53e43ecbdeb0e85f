"""The experiment record: complete, at home, and honest when it cannot be reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from training.errors import CommandError
from training.registry import Registry, RunRecord


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose store is made once: creating its tables takes seconds."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def record(home: Path, tmp_path: Path) -> Callable[..., RunRecord]:
    """Return a builder of runs with a one-file bundle."""

    def build(sha256: str, stage: str = "A") -> RunRecord:
        bundle = tmp_path / "bundle"
        bundle.mkdir(exist_ok=True)
        (bundle / "manifest.json").write_text("{}", encoding="utf-8")
        return RunRecord(
            stage=stage,
            name="run",
            params={"seed": "1"},
            metrics={"ability_auc": 0.7, "ability_auc_lower": 0.6, "ability_auc_upper": 0.8},
            tags={"bundle_sha256": sha256, "data_sha256": "d" * 64},
            artifacts={"bundle": bundle},
        )

    return build


def test_a_run_is_recorded_with_its_bundle_under_the_home(home: Path, record: Callable[..., RunRecord]) -> None:
    """Store and artifacts lie under FENLIU_HOME, and the bundle is registered."""
    done = Registry(home, model="fenliu").record(record("a" * 64), register=True)
    assert done.version == "1"
    assert (home / "mlflow.db").is_file()
    assert len(list((home / "mlartifacts").rglob("manifest.json"))) == 1


def test_each_stage_has_its_own_experiment(home: Path, record: Callable[..., RunRecord]) -> None:
    """Runs of stage A and stage B are not mixed."""
    registry = Registry(home, model="fenliu")
    registry.record(record("a" * 64, "A"), register=False)
    registry.record(record("a" * 64, "B"), register=False)
    folders = {path.name for path in (home / "mlartifacts").iterdir()}
    assert folders == {"fenliu-A", "fenliu-B"}


def test_the_alias_follows_the_hash_and_not_the_order(home: Path, record: Callable[..., RunRecord]) -> None:
    """Whoever registered last, the champion is the version whose bundle was checked."""
    registry = Registry(home, model="court")
    first = registry.record(record("b" * 64), register=True)
    registry.record(record("c" * 64), register=True)
    assert registry.point("champion", "b" * 64) == first.version
    assert registry.point("champion", "f" * 64) is None


def test_an_unusable_store_is_a_refusal_with_exit_6(tmp_path: Path) -> None:
    """A home that cannot hold a database ends in one clear message, not in a traceback."""
    (tmp_path / "mlflow.db").mkdir()
    with pytest.raises(CommandError, match=r"MLflow 记录库 .* 无法使用") as caught:
        Registry(tmp_path, model="fenliu").check()
    assert caught.value.exit == 6


def test_an_absent_server_is_a_refusal_without_its_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message names the server and keeps the credentials to itself."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:secret@127.0.0.1:9")
    with pytest.raises(CommandError, match=r"127\.0\.0\.1:9") as caught:
        Registry(tmp_path, model="fenliu").check()
    assert "secret" not in str(caught.value)
