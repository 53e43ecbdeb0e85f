"""Reads requirements.lock: which packages at which versions, by which hashes, and who needs whom."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_NAME = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)")


@dataclass(frozen=True)
class Locked:
    """One package: its version, the hashes of every file it may be, and the packages that need it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    needed_by: tuple[str, ...]
    text: str


def locked(path: Path = ROOT / "requirements.lock") -> dict[str, Locked]:
    """Return every package of the lock file by name."""
    blocks = re.split(r"\n(?=[a-z0-9])", path.read_text(encoding="utf-8").strip())
    found = [_package(block) for block in blocks if _NAME.match(block)]
    return {package.name: package for package in found}


def direct(extras: tuple[str, ...], path: Path = ROOT / "pyproject.toml") -> set[str]:
    """Return what the project itself needs, with these extras."""
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return {_plain(re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]) for line in asked}


def closure(packages: dict[str, Locked], start: set[str]) -> dict[str, Locked]:
    """Return these packages and everything beneath them.

    Raises
    ------
    KeyError
        The lock file does not hold something that the project needs: it must be made again.
    """
    beneath: dict[str, set[str]] = {}
    for package in packages.values():
        for parent in package.needed_by:
            beneath.setdefault(parent, set()).add(package.name)
    wanted: set[str] = set()
    waiting = set(start)
    while waiting:
        name = waiting.pop()
        if name not in packages:
            message = f"requirements.lock 中没有 {name}；请运行 make lock / {name} is not locked; run make lock"
            raise KeyError(message)
        wanted.add(name)
        waiting |= beneath.get(name, set()) - wanted
    return {name: packages[name] for name in sorted(wanted)}


def _package(block: str) -> Locked:
    match = _NAME.match(block)
    if match is None:
        message = f"not a package: {block[:40]!r}"
        raise ValueError(message)
    comments = " ".join(line.partition("#")[2] for line in block.splitlines() if line.strip().startswith("#"))
    parents = tuple(_plain(word) for word in re.findall(r"[A-Za-z0-9][\w.-]*", comments.replace("via", " ")))
    requirement = "\n".join(line for line in block.splitlines() if not line.strip().startswith("#"))
    return Locked(match[1], match[2], tuple(re.findall(r"sha256:([0-9a-f]{64})", block)), parents, requirement)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
