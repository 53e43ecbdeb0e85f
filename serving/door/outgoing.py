"""One answer on its way out: our headers on it, foreign error bodies replaced, and what of it goes into the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.types import Message, Send

from serving.door.endpoint import Endpoint
from serving.door.problems import MEDIA_TYPE, ProblemError, code_of_status, problem_body

VISIT: Final = "fenliu.visit"
"""Key of the request's scope under which the guard leaves what it has found out."""

_OWN: Final = frozenset({b"server", b"x-request-id"})
_SECURITY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # Stricter values would make browsers hide from our own forms which site they come from.
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_DEFAULTS: Final = (
    (b"content-security-policy", b"default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)

PAGE: Final = "text/html; charset=utf-8"

CLOSED_HEADERS: Final = (*_SECURITY, *_DEFAULTS, (b"content-language", b"zh-CN"))
"""The headers of an answer that is given before anybody knows what was asked."""


@dataclass
class Visit:
    """What is known of one request; all but the address may be repeated in its answer and in the log.

    `page_of` writes a problem as a page, with the headers that belong to it, where a person reads the answer.
    """

    request_id: str
    address: str = "-"
    language: str = "zh-CN"
    endpoint: Endpoint | None = None
    status: int = 0
    code: str = ""
    page_of: Callable[[ProblemError], tuple[bytes, Mapping[str, str]]] | None = None

    @property
    def route(self) -> str:
        """The address as it stands in the table, never as it was typed."""
        return self.endpoint.path if self.endpoint else "unmatched"


def problem_answer(error: ProblemError, visit: Visit) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a problem: a page where a person asked, else a document of RFC 9457."""
    if visit.page_of is not None:
        page, headers = visit.page_of(error)
        return page, {"Content-Type": PAGE, **headers, **error.headers}
    body = problem_body(error, instance=visit.route, request_id=visit.request_id, language=visit.language)
    spoken = {"Content-Language": visit.language, "Vary": "Accept-Language"}
    return body, {"Content-Type": MEDIA_TYPE, **spoken, **error.headers}


@dataclass
class Outgoing:
    """Passes an answer on, or puts a problem in its place."""

    out: Send
    visit: Visit
    started: bool = False
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
        if self.started:
            return
        visit = self.visit
        visit.code = error.problem.code
        body, told = problem_answer(error, visit)
        headers = [(name.lower().encode(), value.encode()) for name, value in told.items()]
        headers.append((b"content-length", str(len(body)).encode()))
        await self._out_start(error.problem.status, headers)
        await self.out({"type": "http.response.body", "body": body})

    async def _start(self, message: Message) -> None:
        headers = list(message["headers"])
        status = message["status"]
        named = dict(headers)
        ours = bool(self.visit.code) or named.get(b"content-type", b"").startswith(MEDIA_TYPE.encode())
        if status >= 400 and not ours:
            kept = {"Allow": named[b"allow"].decode()} if b"allow" in named else {}
            self._replaced = ProblemError(code_of_status(status), headers=kept)
            return
        await self._out_start(status, headers)

    async def _out_start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.started = True
        self.visit.status = status
        kept = [(name, value) for name, value in headers if name not in _OWN and not name.startswith(b"x-bentoml")]
        names = {name for name, _ in kept}
        kept += [*_SECURITY, *(pair for pair in _DEFAULTS if pair[0] not in names)]
        kept.append((b"x-request-id", self.visit.request_id.encode()))
        await self.out({"type": "http.response.start", "status": status, "headers": kept})
