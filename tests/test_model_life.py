"""The model in use: proven first, loaded then, done without when it is missing or damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.bundle import Bundle, verify
from models.bundle.manifest import DamagedBundleError
from serving.bootstrap import current_model
from serving.describe.descriptions import model_json
from serving.model_life import NO_BUNDLE, ModelLife, load_current
from serving.model_life.downgrade import degraded_for
from serving.model_life.pointer import PointerError, read_pointer, signature_of
from serving.model_life.renewal import Renewal
from serving.model_life.sight import Sight
from serving.settings import Settings
from tests.builders_models import tiny_bundle


def loaded(bundles: Path) -> ModelLife[str]:
    """Load with a loader that only says what it was called with."""
    return load_current(bundles, load=lambda folder: folder.name)


def point_to(bundles: Path, text: str) -> Path:
    """Write the file `current`."""
    bundles.mkdir(exist_ok=True)
    (bundles / "current").write_text(text, encoding="utf-8")
    return bundles


def test_without_a_promoted_model_the_rules_answer(tmp_path: Path) -> None:
    """No file `current`, no model, and the way to get one."""
    assert loaded(tmp_path / "bundles") == ModelLife(None, None, NO_BUNDLE)


def test_the_model_that_the_pointer_names_is_loaded(tmp_path: Path) -> None:
    """Mode, name and model, and nothing to excuse."""
    life = loaded(point_to(tmp_path, "v3\n"))
    assert (life.mode, life.name, life.bundle, life.downgrade) == ("model", "v3", "v3", None)


@pytest.mark.parametrize(
    "name",
    ["../secrets", "/etc", "", "a/b", ".", "..", "v3\nv4", "x" * 200, ".hidden", "-rf", "v3\x00", "ｖ3", "v3\u202e",
     "v3/../v4", "~", "%2e%2e", "C:\\v3", "v3 v4"],
)  # fmt: skip
def test_only_a_folder_beside_current_can_be_named(tmp_path: Path, name: str) -> None:
    """What `current` says is a name, not a path, and reads as it is."""
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


def test_a_pointer_that_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    """A link is not followed, though what it leads to would be a good name."""
    bundles = point_to(tmp_path, "v3")
    (bundles / "current").rename(tmp_path / "elsewhere")
    (bundles / "current").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PointerError, match=r"current: cannot be read"):
        read_pointer(bundles, "current")


def test_a_pipe_in_the_place_of_the_pointer_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Neither a pipe nor an endless file is read to its end."""
    os.mkfifo(tmp_path / "current")
    with pytest.raises(PointerError, match="cannot be read"):
        read_pointer(tmp_path, "current")
    (tmp_path / "current").unlink()
    with pytest.raises(PointerError, match="cannot be read"):
        read_pointer(point_to(tmp_path, "v" * 10_000), "current")


def test_a_touched_bundle_has_another_signature(tmp_path: Path) -> None:
    """Content of the same length, a new file, a removed one: each is noticed without reading."""
    folder = tmp_path / "v3"
    folder.mkdir()
    (folder / "a.txt").write_text("one")
    seen = [signature_of(folder)]
    os.utime(folder / "a.txt", ns=(1, 1))
    seen.append(signature_of(folder))
    (folder / "b.txt").write_text("two")
    seen.append(signature_of(folder))
    (folder / "a.txt").unlink()
    seen.append(signature_of(folder))
    assert len(set(seen)) == len(seen)
    assert signature_of(folder) == seen[-1]


def test_a_damaged_model_is_named_with_its_file(tmp_path: Path) -> None:
    """Log and description say which file, in both languages; an answer says it without the machine's details."""

    def refuse(_: Path) -> None:
        raise DamagedBundleError("A/ability/full.txt", "内容与清单不符", "content differs")

    life = load_current(point_to(tmp_path, "v3"), load=refuse)
    assert (life.name, life.bundle) == ("v3", None)
    assert life.downgrade is not None
    assert "A/ability/full.txt" in life.downgrade.zh
    assert "A/ability/full.txt" in life.downgrade.en
    assert life.downgrade.degraded == degraded_for("DAMAGED_BUNDLE")
    assert "full.txt" not in life.downgrade.degraded.text


def test_a_folder_that_cannot_be_read_is_no_crash(tmp_path: Path) -> None:
    """A failing disk is a reason for rules mode."""

    def unreadable(_: Path) -> str:
        raise PermissionError(13, "denied")

    life = load_current(point_to(tmp_path, "v3"), load=unreadable)
    assert life.downgrade is not None
    assert "PermissionError" in life.downgrade.zh


def test_a_real_bundle_is_loaded_and_described(tmp_path: Path) -> None:
    """Mode, hash of the manifest, whether it was trained on simulated data, until when it is valid."""
    bundles = tmp_path / "bundles"
    tiny_bundle(bundles, "tiny-1")
    point_to(bundles, "tiny-1")
    found = model_json(Renewal(bundles=bundles).begin(Sight()).value)
    assert (found["mode"], found["name"], found["simulated"]) == ("model", "tiny-1", True)
    assert found["sha256"] == verify(bundles / "tiny-1") == Bundle.load(bundles / "tiny-1").sha256
    assert found["degraded_reason"] is None


@pytest.mark.parametrize("damage", ["changed byte", "cut file", "missing file", "extra file", "missing folder", "link"])
def test_any_damage_means_rules(tmp_path: Path, damage: str) -> None:
    """However a bundle is hurt, nothing of it is used."""
    bundles = tmp_path / "bundles"
    folder = tiny_bundle(bundles, "tiny-1")
    point_to(bundles, "tiny-2" if damage in {"missing folder", "link"} else "tiny-1")
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
    elif damage == "link":
        (bundles / "tiny-2").symlink_to(folder)
    life = current_model(Settings(home=tmp_path))
    assert life.bundle is None
    assert life.downgrade is not None
    assert life.downgrade.code == "DAMAGED_BUNDLE"
