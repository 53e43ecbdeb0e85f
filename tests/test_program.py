"""The program's own name: the same sources have the same, and any change of them another."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from models import program


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the sources, which the program takes for its own."""
    for part in ("features", "models"):
        shutil.copytree(program._ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(program, "_ROOT", tmp_path)
    return tmp_path


def named() -> str:
    """Return the version, worked out anew."""
    return program.program_version.__wrapped__()


def test_a_copy_is_the_same_program(sources: Path) -> None:
    """Where it is installed does not matter, nor what Python has compiled."""
    (sources / "models" / "lanes.pyc").write_bytes(b"compiled")

    assert named() == program.program_version()
    assert re.fullmatch(r"\S+\+[0-9a-f]{12}", named())


@pytest.mark.parametrize("name", ["models/routing.py", "features/causes.csv", "models/rules/statutory.toml"])
def test_any_change_of_the_sources_is_another_program(sources: Path, name: str) -> None:
    """Code, tables and rules count."""
    before = named()
    with (sources / name).open("a", encoding="utf-8") as file:
        file.write("\n")

    assert named() != before


def test_a_changed_library_is_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose calendar and whose trees answer belongs to the name."""
    before = named()
    monkeypatch.setattr(program, "version", lambda name: f"another-{name}")

    assert named().partition("+")[2] != before.partition("+")[2]
