"""The outermost layer: only well-formed and permitted calls to declared addresses pass, and every answer has one form.

The checks come in this order: host, path and method; who calls; whether that
is permitted; type and size of the body; parameters; the body. So nobody
learns from a later check what an earlier one should have hidden.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.access.principal import PRINCIPAL, Principal
from serving.door.admission import Admission, busy, check_token
from serving.door.body import BODY, BODY_SECONDS, GoneError, again, pieces, whole
from serving.door.endpoint import JSON, Body, Endpoint, Table
from serving.door.head import Door, Head, check_body_headers
from serving.door.outgoing import VISIT, Outgoing, Visit
from serving.door.parameters import pairs_of, values_of
from serving.door.problems import ProblemError
from serving.door.strict_json import BadJsonError, read_object
from serving.logs import logger, where
from serving.metrics.meter import SILENT, Meter
from serving.traffic.limits import BusyError, LineBudget

DOCUMENT: Final = "fenliu.document"
VALUES: Final = "fenliu.values"
ENDPOINT: Final = "fenliu.endpoint"
UNSENT: Final = "fenliu.unsent"
"""Keys of the request's scope under which the guard leaves what it has read."""

_LOG_IN_AGAIN: Final = frozenset({"SESSION_OVER", "UNAUTHENTICATED"})
_ESCAPED: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_COMPLAINTS_A_SECOND: Final = 50
_SANE_ID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|req-[0-9a-f]{16}")
"""Request ids that are repeated and logged: their form has no room for a name or an identity number."""


def new_request_id() -> str:
    """Return a fresh request id."""
    return "req-" + secrets.token_hex(8)


def document_of(request: Request) -> dict[str, object]:
    """Return the document that the guard has read."""
    document: dict[str, object] = request.scope[DOCUMENT]
    return document


def values_in(request: Request) -> Mapping[str, object]:
    """Return the values of the parameters, by name."""
    values: Mapping[str, object] = request.scope[VALUES]
    return values


def principal_of(request: Request) -> Principal:
    """Return who calls; there is always somebody behind an address that needs permission."""
    principal: Principal = request.scope[PRINCIPAL]
    return principal


def request_id_of(request: Request) -> str:
    """Return the id under which the call is answered, logged and audited."""
    visit: Visit = request.scope[VISIT]
    return visit.request_id


class Guard:
    """ASGI middleware around the whole application.

    It checks the head, finds out who calls, reads the body once and strictly,
    turns every failure into a problem answer, and lets no exception out,
    because the server above would log its text.
    """

    def __init__(
        self,
        app: ASGIApp,
        door: Door,
        table: Table,
        admission: Admission,
        *,
        meter: Meter = SILENT,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._meter = meter
        self.app = app
        self.door = door
        self.table = table
        self.admission = admission
        self._complaints = LineBudget(_COMPLAINTS_A_SECOND)
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
        started = time.perf_counter()
        visit = scope[VISIT] = Visit(_request_id(scope))
        answer = Outgoing(send, visit)
        try:
            await self._hand_on(scope, receive, answer)
        except ProblemError as error:
            await answer.problem(error)
        except BusyError as error:
            await answer.problem(busy(error))
        except GoneError:
            visit.status = 499
        except Exception as error:  # noqa: BLE001 - the one edge: nothing above may log the text of an exception
            self._log.error("failed", request_id=visit.request_id, route=visit.route, **where(error))
            await answer.problem(ProblemError("INTERNAL"))
        self._note(scope, visit, seconds=time.perf_counter() - started)

    async def _hand_on(self, scope: Scope, receive: Receive, answer: Outgoing) -> None:
        """Let the call through to the application once every check is passed."""
        visit = answer.visit
        head = Head.of(scope["headers"])
        visit.address, visit.language = self.door.proxies.caller(scope), head.language
        endpoint, path_values = self._found(scope, head, visit)
        self.admission.hold_back(endpoint, visit.address)
        try:
            await self.admission.admit(scope, endpoint, head, visit)
        except ProblemError as error:
            if endpoint.pages and endpoint.body and endpoint.body.is_form:
                await self._keep(scope, receive, endpoint.body, head, code=error.problem.code)
            raise
        if endpoint.body is not None:
            check_body_headers(head, endpoint.body)
        headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
        scope[ENDPOINT] = endpoint
        scope[VALUES] = {**path_values, **values_of(endpoint.parameters, scope.get("query_string", b""), headers)}
        receive = await self._read(scope, receive, endpoint, head)
        with self.admission.place(endpoint):
            await _within(endpoint.seconds, self.app, scope, receive, answer)

    def _found(self, scope: Scope, head: Head, visit: Visit) -> tuple[Endpoint, Mapping[str, str]]:
        self.door.check(visit.address, head)
        methods, values = ({}, {}) if _is_disguised(scope) else self.table.at(scope["path"])
        if not methods:
            self._speak_to(visit, scope, person=head.reads_pages)
            raise ProblemError("NOT_FOUND")
        endpoint = methods.get(scope["method"])
        visit.endpoint = endpoint or next(iter(methods.values()))
        self._speak_to(visit, scope, person=visit.endpoint.pages)
        if endpoint is None:
            raise ProblemError("METHOD_NOT_ALLOWED", headers={"Allow": ", ".join(methods)})
        return endpoint, values

    def _speak_to(self, visit: Visit, scope: Scope, *, person: bool) -> None:
        """Tell problems of this call as pages, if a person reads them."""
        if person and self.door.page_of is not None:
            visit.page_of = partial(self.door.page_of, scope)

    async def _read(self, scope: Scope, receive: Receive, endpoint: Endpoint, head: Head) -> Receive:
        body = endpoint.body
        if body is None:
            return receive
        if body.streamed:
            scope[BODY] = pieces(receive, body, packed=head.packed, seconds=self._body_seconds)
            return receive
        sent = await whole(receive, most=body.most_bytes, seconds=self._body_seconds)
        if body.is_form:
            scope[DOCUMENT] = _form(sent, scope.get(PRINCIPAL))
        elif JSON in body.media_types:
            scope[DOCUMENT] = _document(sent)
        return again(sent, receive)

    async def _keep(self, scope: Scope, receive: Receive, body: Body, head: Head, *, code: str) -> None:
        """Keep what was typed where the session is over, or cannot be looked up: it is not typed a second time."""
        if code in _LOG_IN_AGAIN:
            typed = await self._unsent(receive, body, head)
            scope[UNSENT] = {name: text for name, text in typed.items() if name != "csrf_token"}
        elif code == "STORE_UNAVAILABLE":
            scope[DOCUMENT] = await self._unsent(receive, body, head)

    async def _unsent(self, receive: Receive, body: Body, head: Head) -> Mapping[str, str]:
        """Return what somebody has typed, field by field; nothing of it where a password is among it."""
        try:
            check_body_headers(head, body)
            sent = await whole(receive, most=body.most_bytes, seconds=self._body_seconds)
            fields = pairs_of(sent, wrong="FORM_INVALID")
        except ProblemError:
            return {}
        if any("password" in name for name in fields):  # what nobody may read is not sent back
            return {}
        return fields

    def _note(self, scope: Scope, visit: Visit, *, seconds: float) -> None:
        method = scope["method"] if visit.endpoint and scope["method"] in visit.endpoint.methods else "?"
        self._meter.request(visit.route, method, status=visit.status, seconds=seconds)
        withheld = self._complaints.allow() if visit.status >= HTTPStatus.BAD_REQUEST else 0
        if withheld is None:
            return
        self._log.info(
            "request",
            request_id=visit.request_id,
            method=method,
            route=visit.route,
            status=visit.status,
            code=visit.code,
            ms=round(seconds * 1000, 2),
            **({"withheld": withheld} if withheld else {}),
        )


async def _within(seconds: float, app: ASGIApp, scope: Scope, receive: Receive, answer: Outgoing) -> None:
    """Run the application; an answer that has not begun in time is given up."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:

            async def send(message: dict[str, object]) -> None:
                limit.reschedule(None)
                await answer.send(message)

            await app(scope, receive, send)  # type: ignore[arg-type] # ASGI messages are plain dictionaries
    except TimeoutError:
        if not limit.expired():
            raise
        raise ProblemError("DEADLINE_EXCEEDED") from None


def _is_disguised(scope: Scope) -> bool:
    """Whether the path hides plain characters behind percent signs: two readers could take it for two addresses."""
    raw: bytes = scope.get("raw_path") or b""
    return any(int(digits, 16) < 0x80 for digits in _ESCAPED.findall(raw))


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return str(value, "ascii")
    return new_request_id()


def _form(body: bytes, principal: Principal | None) -> dict[str, str]:
    fields = pairs_of(body, wrong="FORM_INVALID") if body else {}
    token = fields.pop("csrf_token", "")
    if principal is not None and principal.csrf:
        check_token(principal, token)
    return fields


def _document(body: bytes) -> dict[str, object]:
    try:
        return read_object(body)
    except BadJsonError as error:
        raise ProblemError(error.code) from None
