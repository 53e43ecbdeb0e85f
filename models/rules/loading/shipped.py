"""The tables that come with the program: the law, the defaults of a court, and rule sets that courts have published."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from models.rules.reading import text_of
from models.rules.rule import RuleFault

LAW = "statutory.toml"
DEFAULT = "court_default.toml"
PREFIX = "profile:"
"""Before the name of a published profile where the path of a file could stand, as in `profile:guangping`."""

Named = tuple[str, str]
"""A file's name and content."""


def profile_names() -> tuple[str, ...]:
    """Return the names of the published profiles, sorted."""
    return tuple(sorted(_name(one) for one in _folder().iterdir() if one.name.endswith(".toml")))


def shipped_law() -> Named:
    """Return the statutory table."""
    return LAW, files("models.rules").joinpath(LAW).read_text("utf-8")


def shipped_default() -> Named:
    """Return the table of a court that has none of its own."""
    return DEFAULT, files("models.rules").joinpath(DEFAULT).read_text("utf-8")


def shipped_court(name: str) -> Named | None:
    """Return the table of the defaults (`default`) or of a published profile; None when there is none of the name."""
    if name == "default":
        return shipped_default()
    found = next((one for one in _folder().iterdir() if one.name == f"{name}.toml"), None)
    return None if found is None else (found.name, found.read_text("utf-8"))


def texts_of(paths: Sequence[Path]) -> tuple[list[Named], list[RuleFault]]:
    """Return the names and contents of files or profiles, and why some cannot be read."""
    found: list[Named] = []
    faults: list[RuleFault] = []
    for path in paths:
        if str(path).startswith(PREFIX):
            named = shipped_court(str(path).removeprefix(PREFIX))
            if named is None:
                known = "、".join(profile_names())
                zh, en = f"没有这一公开规则集，可用：{known}", f"there is no such profile; known: {known}"
                faults.append(RuleFault(str(path), "-", zh, en))
            else:
                found.append(named)
            continue
        text, fault = text_of(path)
        if fault is None:
            found.append((path.name, text))
        else:
            faults.append(fault)
    return found, faults


def _folder() -> Traversable:
    return files("models.rules").joinpath("profiles")


def _name(file: Traversable) -> str:
    return file.name.removesuffix(".toml")
