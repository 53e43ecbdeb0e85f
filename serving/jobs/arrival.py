"""Watching a list while it arrives, so that what can be no list is refused before it fills the memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final

from serving.door.problems import ProblemError
from serving.jobs.reading import ARROW, MOST_LINES

LONGEST_RUN: Final = 1_048_576
"""Bytes without an end of line; a line that is only too long for a case fails alone, far below this."""
MOST_ENDS: Final = 10 * MOST_LINES
"""Ends of lines; more than there are lines of cases, because a cell of a table may hold several lines."""
_ARROW_BEGINS: Final = b"\xff\xff\xff\xff"
"""What every message of an Arrow stream begins with since format 0.15."""


async def gathered(pieces: AsyncIterator[bytes], media_type: str) -> bytes:
    """Return the whole list.

    Raises
    ------
    ProblemError
        LIST_INVALID: it is no Arrow stream. PAYLOAD_TOO_LARGE: a text of far
        more lines than a list may have, or without an end of line.
    """
    watch: Callable[[bytes], None] = _Beginning().see if media_type == ARROW else _Lines().see
    kept: list[bytes] = []
    async for piece in pieces:
        watch(piece)
        kept.append(piece)
    return b"".join(kept)


class _Beginning:
    """Looks at the first bytes."""

    def __init__(self) -> None:
        self._seen = b""

    def see(self, piece: bytes) -> None:
        self._seen += piece[: len(_ARROW_BEGINS) - len(self._seen)]
        if not _ARROW_BEGINS.startswith(self._seen):
            raise ProblemError("LIST_INVALID")


class _Lines:
    """Counts ends of lines, and the bytes since the last one."""

    def __init__(self) -> None:
        self._ends, self._run = 0, 0

    def see(self, piece: bytes) -> None:
        self._ends += max(piece.count(b"\n"), piece.count(b"\r"))
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._run = len(piece) - end - 1 if end >= 0 else self._run + len(piece)
        if self._ends > MOST_ENDS or self._run > LONGEST_RUN:
            raise ProblemError("PAYLOAD_TOO_LARGE")
