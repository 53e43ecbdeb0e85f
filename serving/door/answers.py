"""Answers on the wire: bodies that are already written, with the headers that belong to them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from serving.access.origin import Origin
from serving.access.principal import PRINCIPAL, Principal
from serving.door.endpoint import JSON, Reply
from serving.door.outgoing import VISIT, Visit, problem_answer
from serving.door.problems import ProblemError

if TYPE_CHECKING:  # the public side answers too, and has no store
    from serving.repositories.advice import Stored

KEY_PATTERN: Final = r"[\x21-\x7e]{8,128}"
_KEY = re.compile(KEY_PATTERN)

UNCHANGED: Final = Reply(status=304, zh="未变", en="unchanged", headers={"ETag": {"type": "string"}})
"""The answer to a reader whose If-None-Match still holds."""


def origin_of(scope: Scope) -> Origin:
    """Return who asks, in which request, as the guard has found out."""
    visit: Visit = scope[VISIT]
    principal: Principal = scope[PRINCIPAL]
    return Origin(principal, visit.request_id)


def idempotency_key(headers: Headers, *, spare: object = None) -> str:
    """Return the caller's key, from the header or, where a client cannot set one, from `spare`.

    Raises
    ------
    ProblemError
        There is none, it is not printable, or header and spare differ.
    """
    given = headers.get("idempotency-key")
    key = spare if given is None else given
    if key is None:
        raise ProblemError("IDEMPOTENCY_KEY_MISSING")
    if not isinstance(key, str) or not _KEY.fullmatch(key) or spare not in (None, key):
        raise ProblemError("IDEMPOTENCY_KEY_INVALID")
    return key


def recorded(stored: Stored, *, whole: bool = True) -> Response:
    """Return the answer to a scoring call: 201 for a new record, 200 for one that was there.

    One without its scores has no tag, because it will change.
    """
    headers = {"Location": f"/v1/scores/{stored.id}", "Content-Language": "zh-CN"}
    if whole:
        headers["ETag"] = etag_of(stored)
    if stored.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(stored.answer, 200 if stored.replayed else 201, headers=headers, media_type=JSON)


def on_record(stored: Stored, headers: Headers) -> Response:
    """Return a record that was asked for by its id."""
    return _unless_known(stored.answer, tag=etag_of(stored), headers=headers)


def self_description(body: bytes, headers: Headers) -> Response:
    """Return one of the service's own documents; callers may keep it and ask whether it changed."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = _unless_known(body, tag=tag, headers=headers)
    response.headers["Cache-Control"] = "no-cache"
    return response


def plain(body: bytes) -> Response:
    """Return an answer that is neither recorded nor kept."""
    return Response(body, headers={"Content-Language": "zh-CN"}, media_type=JSON)


def refused(request: Request, error: ProblemError) -> Response:
    """Return a problem answer."""
    visit: Visit = request.scope[VISIT]
    visit.code = error.problem.code
    body, headers = problem_answer(error, visit)
    return Response(body, error.problem.status, headers=headers)


def etag_of(stored: Stored) -> str:
    """Return the tag of a record; records never change, so it is always the first version."""
    return f'"{stored.id.lower()}-1"'


def matches(headers: Headers, tag: str) -> bool:
    """Whether If-Match allows a change of the record with this tag; without the header it does not.

    Compared strongly (RFC 9110, 13.1.1): a weak tag never matches. `*` allows
    a change of whatever there is.
    """
    named = [part.strip() for part in headers.get("if-match", "").split(",")]
    return tag in named or "*" in named


def _unless_known(body: bytes, *, tag: str, headers: Headers) -> Response:
    known = {part.strip().removeprefix("W/") for part in headers.get("if-none-match", "").split(",")}
    common = {"ETag": tag, "Content-Language": "zh-CN"}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=common)
    return Response(body, headers=common, media_type=JSON)
