"""HTTP on the wire: what is no HTTP is answered in our form, and no head is waited for or kept without end."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from serving.logs import configure
from serving.supervisor.protocol import HEAD_SECONDS, CarefulProtocol
from tests.builders_serving import MARKER


@dataclass
class Wire:
    """A connection that keeps what is written to it."""

    written: bytes = b""
    closed: bool = False

    def write(self, data: bytes) -> None:
        """Keep what is written."""
        self.written += data

    def close(self) -> None:
        """Note the end."""
        self.closed = True

    def is_closing(self) -> bool:
        """Whether the connection has ended."""
        return self.closed

    def get_extra_info(self, _: str) -> None:
        """Know nothing of the connection."""

    def pause_reading(self) -> None:
        """Read no further."""

    def resume_reading(self) -> None:
        """Read on."""

    def set_protocol(self, _: object) -> None:
        """Stay as it is."""


@dataclass
class Later:
    """Something that a loop will do later, unless it is cancelled."""

    seconds: float
    work: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        """Let it be."""
        self.cancelled = True


@dataclass(eq=False)
class Loop:
    """A loop that does nothing by itself."""

    waiting: list[Later] = field(default_factory=list)
    tasks: int = 0

    def call_later(self, seconds: float, work: Callable[[], None]) -> Later:
        """Keep what is to be done."""
        self.waiting.append(Later(seconds, work))
        return self.waiting[-1]

    def create_task(self, work: Any) -> Loop:
        """Count the request that is handed on, and drop it."""
        work.close()
        self.tasks += 1
        return self

    def add_done_callback(self, _: object) -> None:
        """Be a task that never ends."""

    def time_passes(self) -> None:
        """Do what has been waiting for a head."""
        for later in [one for one in self.waiting if not one.cancelled and one.seconds == HEAD_SECONDS]:
            later.work()


@pytest.fixture
def log() -> Iterator[io.BytesIO]:
    """Collect everything that is logged during the test."""
    file = io.BytesIO()
    configure("debug", file=file)
    yield file
    configure("info")


@pytest.fixture
def loop() -> Loop:
    """Return a loop that stands still."""
    return Loop()


@pytest.fixture
def wire() -> Wire:
    """Return a fresh connection."""
    return Wire()


@pytest.fixture
def protocol(loop: Loop, wire: Wire) -> CarefulProtocol:
    """Return the protocol on the connection."""

    async def unreached(_scope: object, _receive: object, _send: object) -> None:
        """Answer nothing."""

    config = Config(unreached, log_config=None, lifespan="off")
    found = CarefulProtocol(config, ServerState(), {}, _loop=loop)  # type: ignore[arg-type]
    found.connection_made(wire)  # type: ignore[arg-type]
    return found


def problem(wire: Wire, status: int, code: str) -> dict[str, Any]:
    """Check that exactly this problem was written and the connection closed, and return its body."""
    head, _, body = wire.written.partition(b"\r\n\r\n")
    shown: dict[str, Any] = json.loads(body)
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"content-type: application/problem+json" in head
    assert b"x-content-type-options: nosniff" in head
    assert (shown["code"], shown["status"], wire.closed) == (code, status, True)
    return shown


@pytest.mark.parametrize("sent", [
    b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nbad header\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n",
    b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    b"GET " + MARKER.encode() + b" HTTP/1.1\r\n\r\n",
    b"GET http://evil.example/v1/scores HTTP/1.1\r\nhost: x\r\n\r\n", b"GET /v1/scores#x HTTP/1.1\r\nhost: x\r\n\r\n",
])  # fmt: skip
def test_what_is_no_http_gets_our_form_of_answer(
    protocol: CarefulProtocol, wire: Wire, log: io.BytesIO, sent: bytes
) -> None:
    """400 as a problem; nothing of it is repeated, in the answer or in the log."""
    protocol.data_received(sent)
    problem(wire, 400, "BAD_REQUEST")
    assert b'"malformed"' in log.getvalue()
    assert MARKER.encode() not in wire.written + log.getvalue()


def test_spaces_around_a_header_do_not_belong_to_it(protocol: CarefulProtocol) -> None:
    """A key with a space behind it is the same key."""
    protocol.data_received(b"GET / HTTP/1.1\r\nidempotency-key: \t key-1 \t \r\n\r\n")
    assert protocol.headers == [(b"idempotency-key", b"key-1")]


def test_a_head_without_end_is_cut_off(protocol: CarefulProtocol, wire: Wire) -> None:
    """431 after 64 KB, however it comes: one long line, or many."""
    protocol.data_received(b"GET / HTTP/1.1\r\n")
    for _ in range(100):
        protocol.data_received(b"x-flood: " + b"y" * 1000)
    problem(wire, 431, "HEADERS_TOO_LARGE")


def test_a_large_body_behind_a_small_head_passes(protocol: CarefulProtocol, wire: Wire, loop: Loop) -> None:
    """Bodies have their own bounds, kept by the guard."""
    protocol.data_received(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n" + b"z" * 200_000)
    assert (loop.tasks, wire.written, wire.closed) == (1, b"", False)


def test_half_a_head_is_not_waited_for(protocol: CarefulProtocol, wire: Wire, loop: Loop) -> None:
    """408, and the connection is free again."""
    protocol.data_received(b"GET / HTTP/1.1\r\nhost: x\r\n")
    loop.time_passes()
    problem(wire, 408, "REQUEST_TIMEOUT")


def test_who_says_nothing_is_told_nothing(wire: Wire, loop: Loop, protocol: CarefulProtocol) -> None:
    """An idle connection is closed."""
    assert protocol.transport is wire
    loop.time_passes()
    assert (wire.closed, wire.written) == (True, b"")


def test_a_complete_head_is_not_hurried(protocol: CarefulProtocol, wire: Wire, loop: Loop) -> None:
    """From then on the guard has its own times."""
    protocol.data_received(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n")
    loop.time_passes()
    assert (wire.closed, loop.tasks) == (False, 1)


def test_a_connection_that_is_lost_leaves_nothing_to_do(protocol: CarefulProtocol, wire: Wire, loop: Loop) -> None:
    """No timer fires into a closed connection."""
    protocol.data_received(b"GET / HTTP/1.1\r\n")
    protocol.connection_lost(ConnectionResetError())
    loop.time_passes()
    assert wire.written == b""
