"""Proving a bundle in a child process: whatever the child does, the service says a sentence and goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from models.bundle import Bundle, load_verified, proving, verify
from models.bundle.manifest import DamagedBundleError
from models.bundle.proven import MOST, Proven
from tests.builders_models import tiny_bundle


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a saved bundle that no test changes."""
    return tiny_bundle(tmp_path_factory.mktemp("bundles"))


def child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str) -> None:
    """Let the child run this instead of the check, after it has bound itself."""
    program = tmp_path / "child.py"
    head = "import sys\nfrom models.bundle.check import confine\nconfine(float(sys.argv[2]), said=int(sys.argv[3]))\n"
    program.write_text(head + body, encoding="utf-8")
    run = subprocess.run

    def instead(command: list[str], **options: object) -> object:
        return run([command[0], str(program), *command[3:]], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(proving.subprocess, "run", instead)


@pytest.mark.parametrize(
    "body",
    [
        "bytearray(5 * 1024**3)",
        "import os; [os.write(1, b'x' * 65536) for _ in range(3)]",
        "import os; os.abort()",
        "open('/dev/full', 'w').write('x' * 10**6)",
        "raise KeyError('a name that must not be repeated')",
    ],
    ids=["memory", "talk", "abort", "disk", "exception"],
)
def test_whatever_the_child_does_it_is_a_refusal(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    """Too much memory, too many words, a crash, a full disk or an error of its own: refused, and nothing repeated."""
    child(monkeypatch, tmp_path, body)

    with pytest.raises(DamagedBundleError, match="the loading process ended with") as caught:
        verify(saved)
    assert "must not" not in str(caught.value)


def test_a_child_that_waits_for_ever_is_killed(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is counted on the wall, too: a child that sleeps is not waited for."""
    child(monkeypatch, tmp_path, "import time; time.sleep(60)")

    with pytest.raises(DamagedBundleError, match="not load within 1 seconds"):
        verify(saved, seconds=1)


def test_a_chatty_library_does_not_hide_what_the_child_says(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last line counts, whatever was printed before it."""
    said = "print('[LightGBM] [Warning]', end=''); print(); print('[\"a.txt\", \"坏\", \"bad\"]', end='')"
    child(monkeypatch, tmp_path, said + "; sys.exit(1)")

    with pytest.raises(DamagedBundleError, match=r"a\.txt: bad"):
        verify(saved)


def test_a_bundle_changed_after_it_was_proven_is_not_loaded(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is loaded is what the child saw: another whole bundle put in its place meanwhile is refused."""
    folder = Path(shutil.copytree(saved, tmp_path / saved.name))
    monkeypatch.setattr(proving, "verify", lambda *_, **__: "0" * 64)

    with pytest.raises(DamagedBundleError, match="changed after it had been verified"):
        load_verified(folder)
    monkeypatch.undo()
    assert load_verified(folder).sha256 == Bundle.load(saved).sha256


def test_what_one_process_has_proven_its_later_siblings_need_not(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory shared by forks holds the hash, and another hash is proven all the same."""
    proven, sha256 = Proven(), Bundle.load(saved).sha256
    pid = os.fork()
    if pid == 0:
        proven.note(sha256)
        os._exit(0)
    os.waitpid(pid, 0)
    asked: list[Path] = []
    monkeypatch.setattr(proving, "verify", lambda folder, **_: asked.append(folder) or sha256)

    load_verified(saved, proven=proven)
    assert asked == []
    proven.forget()
    load_verified(saved, proven=proven)
    assert asked == [saved]


def test_a_proven_hash_excuses_no_damage(saved: Path, tmp_path: Path) -> None:
    """The hash of every file is looked at each time, whatever was proven before."""
    folder = Path(shutil.copytree(saved, tmp_path / saved.name))
    proven = Proven()
    proven.note(Bundle.load(saved).sha256)
    (folder / "features.json").write_text("{}", encoding="utf-8")

    with pytest.raises(DamagedBundleError, match=r"features\.json"):
        load_verified(folder, proven=proven)


def test_a_bundle_that_failed_is_not_remembered(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what was loaded counts as proven, and no more bundles are remembered than there is room for."""
    child(monkeypatch, tmp_path, "sys.exit(1)")
    proven = Proven()
    with pytest.raises(DamagedBundleError, match="ended with 1"):
        load_verified(saved, proven=proven)
    assert Bundle.load(saved).sha256 not in proven

    hashes = [f"{number + 1:064x}" for number in range(MOST + 1)]
    for one in hashes:
        proven.note(one)
    assert hashes[-1] in proven
    assert hashes[0] not in proven
