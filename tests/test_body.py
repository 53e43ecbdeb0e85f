"""Bodies: at most so much, at most so long, and no gzip that explodes."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace

import anyio
import anyio.lowlevel
import pytest
from starlette.types import Message, Receive

from serving.door.body import GoneError, pieces, whole
from serving.door.endpoint import Body, component
from serving.door.problems import ProblemError

pytestmark = pytest.mark.anyio

TAKEN = Body(schema=component("Rows"), streamed=True, most_bytes=10_000, most_unpacked_bytes=100_000)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


def sending(*chunks: bytes, hang_up: bool = False) -> Receive:
    """Return a receive that yields the chunks, and then ends or hangs up."""
    messages: Iterator[Message] = iter(
        [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        + [{"type": "http.disconnect"} if hang_up else {"type": "http.request", "body": b"", "more_body": False}]
    )

    async def receive() -> Message:
        return next(messages)

    return receive


async def read(receive: Receive, *, packed: bool, seconds: float = 5.0) -> bytes:
    """Return a streamed body in one."""
    return b"".join([piece async for piece in pieces(receive, TAKEN, packed=packed, seconds=seconds)])


async def test_a_stream_arrives_as_it_was_sent() -> None:
    """Packed or not, whatever the pieces."""
    text = b"0123456789" * 5000
    packed = gzip.compress(text)
    assert await read(sending(text[:5], text[5:9000]), packed=False) == text[:9000]
    assert await read(sending(*(packed[i : i + 7] for i in range(0, len(packed), 7))), packed=True) == text


async def test_others_have_their_turn_while_a_package_is_unpacked() -> None:
    """A packet that unfolds into a thousand times its size does not keep the event loop to itself."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    roomy = replace(TAKEN, most_unpacked_bytes=2_000_000)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(others)
        await anyio.lowlevel.checkpoint()
        before = turns
        async for _ in pieces(sending(gzip.compress(b"\0" * 1_000_000)), roomy, packed=True):
            pass
        assert turns - before >= 10
        tasks.cancel_scope.cancel()


async def test_a_stream_is_cut_off_at_its_bound() -> None:
    """By what comes over the wire, and by what it unpacks to."""
    with pytest.raises(ProblemError, match="PAYLOAD_TOO_LARGE"):
        await read(sending(b"x" * 6000, b"x" * 6000), packed=False)
    with pytest.raises(ProblemError, match="PAYLOAD_TOO_LARGE"):
        await read(sending(gzip.compress(b"\0" * 3_000_000)), packed=True)


@pytest.mark.parametrize("damage", [b"not gzip", gzip.compress(b"x")[:-3], gzip.compress(b"x") + b"more", b""])
async def test_a_damaged_package_is_refused(damage: bytes) -> None:
    """Neither half a stream nor one with something behind it is taken."""
    with pytest.raises(ProblemError, match="COMPRESSION_INVALID"):
        await read(sending(damage), packed=True)


async def test_the_next_piece_is_not_waited_for_without_end() -> None:
    """408 when it does not come."""

    async def receive() -> Message:
        await anyio.sleep(5)
        return {}

    with pytest.raises(ProblemError, match="REQUEST_TIMEOUT"):
        await read(receive, packed=False, seconds=0.02)
    with pytest.raises(ProblemError, match="REQUEST_TIMEOUT"):
        await whole(receive, most=10, seconds=0.02)


async def test_a_caller_who_hangs_up_has_sent_nothing() -> None:
    """Half a stream is no stream."""
    with pytest.raises(GoneError, match=r"^$"):
        await read(sending(b"half", hang_up=True), packed=False)
    with pytest.raises(GoneError, match=r"^$"):
        await whole(sending(b"half", hang_up=True), most=10)
