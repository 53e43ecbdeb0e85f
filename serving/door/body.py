"""Reading the body of a request: at most so much, at most so long, and nothing unpacked beyond its bound."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import Request
from starlette.types import Message, Receive

from serving.door.endpoint import Body
from serving.door.problems import ProblemError

BODY: Final = "fenliu.body"
"""Key of the request's scope under which the guard leaves a streamed body."""

BODY_SECONDS: Final = 10.0
"""How long a whole body, or the next piece of a streamed one, may take to arrive."""

_UNPACK_BYTES: Final = 65_536


class GoneError(Exception):
    """The caller hung up before the body was complete."""


async def whole(receive: Receive, *, most: int, seconds: float = BODY_SECONDS) -> bytes:
    """Return the whole body.

    Raises
    ------
    ProblemError
        It is larger than `most` bytes or did not arrive within the time.
    GoneError
        The caller hung up.
    """
    try:
        async with asyncio.timeout(seconds):
            return b"".join([chunk async for chunk in _chunks(receive, most)])
    except TimeoutError:
        raise ProblemError("REQUEST_TIMEOUT") from None


async def pieces(receive: Receive, body: Body, *, packed: bool, seconds: float = BODY_SECONDS) -> AsyncIterator[bytes]:
    """Yield a streamed body piece by piece, unpacked; each piece must arrive within the time.

    Raises
    ------
    ProblemError
        It is larger than declared, packed or unpacked; the packing is damaged;
        or the next piece did not come.
    GoneError
        The caller hung up.
    """
    chunks = _chunks(_hurried(receive, seconds), body.most_bytes)
    async for chunk in _unpacked(chunks, most=body.most_unpacked_bytes) if packed else chunks:
        yield chunk


def stream_of(request: Request) -> AsyncIterator[bytes]:
    """Return the streamed body that the guard has let through, for the handler to read."""
    found: AsyncIterator[bytes] = request.scope[BODY]
    return found


def again(body: bytes, rest: Receive) -> Receive:
    """Return a receive that yields the body that was read, for a reader further in."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return pending.pop() if pending else await rest()

    return receive


async def _chunks(receive: Receive, most: int) -> AsyncIterator[bytes]:
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise ProblemError("PAYLOAD_TOO_LARGE")
        yield chunk
        more = message.get("more_body", False)


def _hurried(receive: Receive, seconds: float) -> Receive:
    async def hurried() -> Message:
        try:
            async with asyncio.timeout(seconds):
                return await receive()
        except TimeoutError:
            raise ProblemError("REQUEST_TIMEOUT") from None

    return hurried


async def _unpacked(chunks: AsyncIterator[bytes], *, most: int) -> AsyncIterator[bytes]:
    unpacker, size = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS), 0
    async for chunk in chunks:
        waiting = chunk
        while waiting:
            try:
                piece = unpacker.decompress(waiting, _UNPACK_BYTES)
            except zlib.error:
                raise ProblemError("COMPRESSION_INVALID") from None
            size += len(piece)
            if size > most:
                raise ProblemError("PAYLOAD_TOO_LARGE")
            if piece:
                yield piece
                # A small packet can unfold into very much: everybody else has a turn between two pieces.
                await asyncio.sleep(0)
            waiting = unpacker.unconsumed_tail
        if unpacker.unused_data:
            raise ProblemError("COMPRESSION_INVALID")
    if not unpacker.eof:
        raise ProblemError("COMPRESSION_INVALID")
