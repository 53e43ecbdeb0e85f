"""The outermost layer: only well-formed calls to listed addresses pass, and every answer leaves in one form."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.door.endpoints import Endpoint
from serving.door.head import MOST_BODY_BYTES, Door
from serving.door.problems import MEDIA_TYPE, ProblemError, code_of_status, problem_body
from serving.door.strict_json import BadJsonError, read_object
from serving.logs import logger, where

DOCUMENT: Final = "fenliu.document"
VISIT: Final = "fenliu.visit"
"""Keys of the request's scope under which the guard leaves what it has read and found out."""

_BODY_SECONDS: Final = 10.0
_SANE_ID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|req-[0-9a-f]{16}")
"""Request ids that are repeated and logged: their form has no room for a name or an identity number."""

_OWN: Final = frozenset({b"server", b"x-request-id"})
_SECURITY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_DEFAULTS: Final = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)


def new_request_id() -> str:
    """Return a fresh request id."""
    return "req-" + secrets.token_hex(8)


@dataclass
class Visit:
    """What is known of one request and may be repeated: in its answer, and in the log."""

    request_id: str
    endpoint: Endpoint | None = None
    status: int = 0
    code: str = ""

    @property
    def route(self) -> str:
        """The address as it stands in the table, never as it was typed."""
        return self.endpoint.path if self.endpoint else "unmatched"


class Guard:
    """ASGI middleware around the whole application.

    It checks the head, reads the body once and strictly, turns every failure
    into a problem answer, and lets no exception out, because the server above
    would log its text.
    """

    def __init__(
        self,
        app: ASGIApp,
        door: Door,
        *,
        new_id: Callable[[], str] = new_request_id,
        timer: Callable[[], float] = time.perf_counter,
        body_seconds: float = _BODY_SECONDS,
    ) -> None:
        self.app = app
        self.door = door
        self._new_id = new_id
        self._timer = timer
        self._body_seconds = body_seconds
        self._log = logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = self._timer()
        visit = scope[VISIT] = Visit(self._request_id(scope))
        answer = _Answer(send, visit)
        try:
            visit.endpoint = self.door.check(scope)
            if visit.endpoint.takes_body:
                body = await _body(receive, seconds=self._body_seconds)
                scope[DOCUMENT] = _document(body)
                receive = _again(body, receive)
            await self.app(scope, receive, answer.send)
        except ProblemError as error:
            await answer.problem(error)
        except _GoneError:
            visit.status = 499
        except Exception as error:  # noqa: BLE001 - the one edge: nothing above may log the text of an exception
            self._log.error("failed", request_id=visit.request_id, route=visit.route, **where(error))
            await answer.problem(ProblemError("INTERNAL"))
        self._note(scope, visit, seconds=self._timer() - started)

    def _request_id(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _SANE_ID.fullmatch(value):
                return str(value, "ascii")
        return self._new_id()

    def _note(self, scope: Scope, visit: Visit, *, seconds: float) -> None:
        method = scope["method"] if visit.endpoint and scope["method"] in visit.endpoint.methods else "?"
        self._log.info(
            "request",
            request_id=visit.request_id,
            method=method,
            route=visit.route,
            status=visit.status,
            code=visit.code,
            ms=round(seconds * 1000, 2),
        )


class _GoneError(Exception):
    """The caller hung up before the body was complete."""


@dataclass
class _Answer:
    """One answer on its way out: adds our headers and replaces foreign error bodies."""

    out: Send
    visit: Visit
    _started: bool = False
    _replaced: ProblemError | None = field(default=None, repr=False)

    async def send(self, message: Message) -> None:
        """Pass a message on, or collect an error that is not ours until it is complete."""
        if message["type"] == "http.response.start":
            await self._start(message)
        elif self._replaced is None:
            await self.out(message)
        elif not message.get("more_body", False):
            await self.problem(self._replaced)

    async def problem(self, error: ProblemError) -> None:
        """Send a problem answer, unless an answer is already on its way."""
        if self._started:
            return
        self.visit.code = error.problem.code
        body = problem_body(error, instance=self.visit.route, request_id=self.visit.request_id)
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-language", b"zh-CN"),
            (b"content-length", str(len(body)).encode()),
            *((name.lower().encode(), value.encode()) for name, value in error.headers.items()),
        ]
        await self._out_start(error.problem.status, headers)
        await self.out({"type": "http.response.body", "body": body})

    async def _start(self, message: Message) -> None:
        headers = list(message["headers"])
        status = message["status"]
        named = dict(headers)
        if status >= 400 and not named.get(b"content-type", b"").startswith(MEDIA_TYPE.encode()):
            kept = {"Allow": named[b"allow"].decode()} if b"allow" in named else {}
            self._replaced = ProblemError(code_of_status(status), headers=kept)
            return
        await self._out_start(status, headers)

    async def _out_start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self._started = True
        self.visit.status = status
        kept = [(name, value) for name, value in headers if name not in _OWN and not name.startswith(b"x-bentoml")]
        names = {name for name, _ in kept}
        kept += [*_SECURITY, *(pair for pair in _DEFAULTS if pair[0] not in names)]
        kept.append((b"x-request-id", self.visit.request_id.encode()))
        await self.out({"type": "http.response.start", "status": status, "headers": kept})


async def _body(receive: Receive, *, seconds: float) -> bytes:
    """Read the whole body, at most so long and so much."""
    try:
        async with asyncio.timeout(seconds):
            return b"".join([chunk async for chunk in _chunks(receive)])
    except TimeoutError:
        raise ProblemError("REQUEST_TIMEOUT") from None


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MOST_BODY_BYTES:
            raise ProblemError("PAYLOAD_TOO_LARGE")
        yield chunk
        more = message.get("more_body", False)


def _document(body: bytes) -> dict[str, object]:
    try:
        return read_object(body)
    except BadJsonError as error:
        raise ProblemError(error.code) from None


def _again(body: bytes, rest: Receive) -> Receive:
    """Return a receive that yields the body that was read, for a reader further in."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return pending.pop() if pending else await rest()

    return receive
