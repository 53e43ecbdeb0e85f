"""The tables that come with the program: the law, the defaults of a court, and rule sets that courts have published."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from models.rules.reading import read_file, text_of
from models.rules.rule import RuleFault

LAW = "statutory.toml"
DEFAULT = "court_default.toml"
FAST_FIRST = "fast_first"
"""Name of the pattern that lets the fast team go first; like the default it comes from no court's publication."""
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
    """Return the defaults, the pattern `fast_first`, or a published profile; None when there is none of the name."""
    if name == "default":
        return shipped_default()
    if name == FAST_FIRST:
        return f"{name}.toml", files("models.rules").joinpath(f"{name}.toml").read_text("utf-8")
    found = next((one for one in _folder().iterdir() if one.name == f"{name}.toml"), None)
    return None if found is None else (found.name, found.read_text("utf-8"))


def texts_of(paths: Sequence[Path]) -> tuple[list[Named], list[RuleFault]]:
    """Return the names and contents of files or profiles, and why some cannot be read.

    A file that one of them extends is read, too, when it lies in the same
    folder under that name; the names of shipped tables are the shipped ones.
    """
    found: list[Named] = []
    faults: list[RuleFault] = []
    ahead = list(paths)
    while ahead:
        path = ahead.pop(0)
        named = _named(path)
        if isinstance(named, RuleFault):
            faults.append(named)
        elif named not in found:
            found.append(named)
            ahead += _extended(path, named)
    return found, faults


def _named(path: Path) -> Named | RuleFault:
    if not str(path).startswith(PREFIX):
        text, fault = text_of(path)
        return fault or (path.name, text)
    known = "、".join(profile_names())
    zh, en = f"没有这一公开规则集，可用：{known}", f"there is no such profile; known: {known}"
    return shipped_court(str(path).removeprefix(PREFIX)) or RuleFault(str(path), "-", zh, en)


def _extended(path: Path, named: Named) -> list[Path]:
    """Return the file beside this one that it extends, if there is one."""
    name = read_file(*named).extends
    if not name or str(path).startswith(PREFIX) or shipped_court(name) is not None:
        return []
    beside = path.with_name(f"{Path(name).name}.toml")
    return [beside] if beside.is_file() else []


def _folder() -> Traversable:
    return files("models.rules").joinpath("profiles")


def _name(file: Traversable) -> str:
    return file.name.removesuffix(".toml")
