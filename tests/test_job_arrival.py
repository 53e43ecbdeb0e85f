"""A list that can be none is refused while it arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from serving.door.problems import ProblemError
from serving.jobs.arrival import gathered
from serving.jobs.reading import ARROW, CSV, NDJSON

pytestmark = pytest.mark.anyio

PIECE = 65_536


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


class Arriving:
    """One piece a hundred times over, and how many of them were asked for."""

    def __init__(self, piece: bytes) -> None:
        self.piece, self.asked = piece, 0

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield them."""
        while self.asked < 100:
            self.asked += 1
            yield self.piece


@pytest.mark.parametrize(("media_type", "piece", "code", "asked"), [
    (NDJSON, b"\0" * PIECE, "PAYLOAD_TOO_LARGE", 17), (CSV, b"," * PIECE, "PAYLOAD_TOO_LARGE", 17),
    (NDJSON, b"\n" * PIECE, "PAYLOAD_TOO_LARGE", 7), (CSV, b"\r" * PIECE, "PAYLOAD_TOO_LARGE", 7),
    (ARROW, b"\0" * PIECE, "LIST_INVALID", 1),
])  # fmt: skip
async def test_no_more_is_taken_than_shows_that_it_is_no_list(
    media_type: str, piece: bytes, code: str, asked: int
) -> None:
    """Lines without end, ends without lines, what begins like no stream: a bomb stays packed."""
    arriving = Arriving(piece)
    with pytest.raises(ProblemError, match=code):
        await gathered(arriving.pieces(), media_type)
    assert arriving.asked == asked


async def test_a_list_comes_whole_however_it_is_cut() -> None:
    """Lines as long as a case may be, ended in either way."""
    arriving = Arriving(b"x" * 60_000 + b"\r\n" + b"y" * 500_000)
    assert await gathered(arriving.pieces(), CSV) == arriving.piece * 100


async def test_cells_of_several_lines_are_no_further_cases() -> None:
    """Twenty thousand rows whose cells hold three lines each are a list as any other."""
    arriving = Arriving(b'SQ-1,"a\nb\nc"\n' * 200)
    assert len(await gathered(arriving.pieces(), CSV)) == 100 * len(arriving.piece)
