"""The model in use: proven first, loaded then, done without when it is missing or damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.bundle import Bundle, verify
from models.bundle.manifest import DamagedBundleError
from serving.bootstrap import current_model
from serving.describe.descriptions import model_json
from serving.model_life import NO_BUNDLE, ModelLife, load_current
from serving.settings import Settings
from tests.builders_models import tiny_bundle


def loaded(bundles: Path, order: list[str] | None = None) -> ModelLife[str]:
    """Load with a verifier and a loader that only say that they were called."""
    said = [] if order is None else order

    def prove(folder: Path) -> None:
        said.append(f"verify {folder.name}")

    def load(folder: Path) -> str:
        said.append(f"load {folder.name}")
        return folder.name

    return load_current(bundles, verify=prove, load=load)


def point_to(bundles: Path, text: str) -> Path:
    """Write the file `current`."""
    bundles.mkdir(exist_ok=True)
    (bundles / "current").write_text(text, encoding="utf-8")
    return bundles


def test_without_a_promoted_model_the_rules_answer(tmp_path: Path) -> None:
    """No file `current`, no model, and the way to get one."""
    assert loaded(tmp_path / "bundles") == ModelLife(None, None, NO_BUNDLE)


def test_a_model_is_proven_before_it_is_loaded(tmp_path: Path) -> None:
    """The child process comes first: it may crash, we may not."""
    order: list[str] = []
    life = loaded(point_to(tmp_path, "v3\n"), order)
    assert order == ["verify v3", "load v3"]
    assert (life.mode, life.name, life.bundle, life.downgrade) == ("model", "v3", "v3", None)


@pytest.mark.parametrize("name", ["../secrets", "/etc", "", "a/b", ".", "..", "v3\nv4", "x" * 200])
def test_only_a_folder_beside_current_can_be_named(tmp_path: Path, name: str) -> None:
    """What `current` says is a name, not a path."""
    life = loaded(point_to(tmp_path, name))
    assert life.bundle is None
    assert life.downgrade is not None
    assert (life.downgrade.code, life.mode) == ("DAMAGED_BUNDLE", "rules")


def test_an_unreadable_pointer_is_no_crash(tmp_path: Path) -> None:
    """Bytes that are no text, or a folder in the file's place."""
    bundles = point_to(tmp_path, "v3")
    (bundles / "current").write_bytes(b"\xff\xfe")
    assert loaded(bundles).mode == "rules"
    (bundles / "current").unlink()
    (bundles / "current").mkdir()
    assert loaded(bundles).mode == "rules"


def test_a_damaged_model_is_named_with_its_file(tmp_path: Path) -> None:
    """Log and description say which file, in both languages."""

    def refuse(_: Path) -> None:
        raise DamagedBundleError("A/ability/full.txt", "内容与清单不符", "content differs")

    life = load_current(point_to(tmp_path, "v3"), verify=refuse, load=lambda folder: folder)
    assert (life.name, life.bundle) == ("v3", None)
    assert life.downgrade is not None
    assert "A/ability/full.txt" in life.downgrade.zh
    assert "A/ability/full.txt" in life.downgrade.en


def test_a_folder_that_cannot_be_read_is_no_crash(tmp_path: Path) -> None:
    """A failing disk is a reason for rules mode."""

    def unreadable(_: Path) -> str:
        raise PermissionError(13, "denied")

    life = load_current(point_to(tmp_path, "v3"), verify=lambda _: None, load=unreadable)
    assert life.downgrade is not None
    assert "PermissionError" in life.downgrade.zh


def test_a_real_bundle_is_loaded_and_described(tmp_path: Path) -> None:
    """Mode, hash of the manifest, whether it was trained on simulated data, until when it is valid."""
    bundles = tmp_path / "bundles"
    tiny_bundle(bundles, "tiny-1")
    point_to(bundles, "tiny-1")
    life = current_model(Settings(home=tmp_path))
    found = model_json(life)
    assert (found["mode"], found["name"], found["simulated"]) == ("model", "tiny-1", True)
    assert found["sha256"] == verify(bundles / "tiny-1") == Bundle.load(bundles / "tiny-1").sha256
    assert found["degraded_reason"] is None


@pytest.mark.parametrize("damage", ["changed byte", "cut file", "missing file", "extra file", "missing folder"])
def test_any_damage_means_rules(tmp_path: Path, damage: str) -> None:
    """However a bundle is hurt, nothing of it is used."""
    bundles = tmp_path / "bundles"
    folder = tiny_bundle(bundles, "tiny-1")
    point_to(bundles, "tiny-2" if damage == "missing folder" else "tiny-1")
    model = min(folder.rglob("*.txt"))
    content = model.read_bytes()
    if damage == "changed byte":
        model.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    elif damage == "cut file":
        model.write_bytes(content[: len(content) // 2])
    elif damage == "missing file":
        model.unlink()
    elif damage == "extra file":
        (folder / "more.txt").write_text("x", encoding="utf-8")
    life = current_model(Settings(home=tmp_path))
    assert life.bundle is None
    assert life.downgrade is not None
    assert life.downgrade.code == "DAMAGED_BUNDLE"
