"""What lies in a folder: walked without following anything, and no deeper than a bundle ever is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

DEEPEST: Final = 4
"""Levels of folders below a bundle; its own files need two."""


def below(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield the path and level of everything below the folder; what cannot be listed is left out.

    A folder deeper than `DEEPEST` is named and not entered, so that neither
    time nor stack depends on what somebody has put there.
    """
    waiting = [(folder, 0)]
    while waiting:
        parent, level = waiting.pop()
        with suppress(OSError), os.scandir(parent) as found:
            for entry in found:
                path = Path(entry.path)
                yield path, level + 1
                if level < DEEPEST and entry.is_dir(follow_symlinks=False):
                    waiting.append((path, level + 1))
