"""Which program computes the answers: its version, and a digest of everything in it that an answer depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[1]
_PARTS: Final = ("features", "models")
_READ: Final = frozenset({".py", ".csv", ".toml", ".json"})
_LIBRARIES: Final = ("chinesecalendar", "lightgbm", "numpy")
"""Libraries whose numbers or calendars stand in answers."""


def release() -> str:
    """Return the version of the package; sources without the package's record, as in a Bento, have none."""
    try:
        return version("fenliu")
    except PackageNotFoundError:
        return "source"


@cache
def program_version() -> str:
    """Return release and digest, such as `0.1.0+3f9c0d5e21ab`.

    Two programs of one digest have the same sources of features, rules and
    models and the same libraries beneath them, so they give the same answers
    to the same case, bundle and rule table. It is part of every answer, so
    that a replay can tell another program from a changed record.
    """
    digest = hashlib.sha256()
    for name, content in _contents():
        digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return f"{release()}+{digest.hexdigest()[:12]}"


def _contents() -> Iterator[tuple[str, bytes]]:
    for part in _PARTS:
        for path in sorted((_ROOT / part).rglob("*")):
            if path.suffix in _READ and path.is_file():
                yield path.relative_to(_ROOT).as_posix(), path.read_bytes()
    for name in _LIBRARIES:
        yield name, version(name).encode()
