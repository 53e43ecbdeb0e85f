"""Which bundles have been proven: remembered for as long as the service runs, by all processes forked from one."""

from __future__ import annotations

import mmap
from typing import Final

_BYTES: Final = 32
MOST: Final = 64
"""Bundles that are remembered; one more, and the first are proven again."""


class Proven:
    """Hashes of bundles that a child process has loaded and found to answer as they did when they were saved.

    They lie in memory that is shared with every process forked after this was
    made, and with nobody else: no file that somebody could write. Two
    processes may note at the same time; what they may lose by that is a note,
    and then a bundle is proven once more.
    """

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, MOST * _BYTES)

    def __contains__(self, sha256: str) -> bool:
        """Whether this bundle was proven."""
        wanted = bytes.fromhex(sha256)
        return any(wanted == self._shared[at : at + _BYTES] for at in range(0, MOST * _BYTES, _BYTES))

    def note(self, sha256: str) -> None:
        """Remember that this bundle was proven."""
        if sha256 in self:
            return
        free = (at for at in range(0, MOST * _BYTES, _BYTES) if not any(self._shared[at : at + _BYTES]))
        at = next(free, None)
        if at is None:
            self.forget()
            at = 0
        self._shared[at : at + _BYTES] = bytes.fromhex(sha256)

    def forget(self) -> None:
        """Remember nothing: whatever is loaded next is proven first."""
        self._shared[:] = bytes(MOST * _BYTES)
