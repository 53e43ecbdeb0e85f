"""Long lists in pages: a sealed token says where the next page begins, and nobody can make one up."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from serving.door import answers
from serving.door.guard import principal_of, values_in
from serving.door.parameters import Parameter, Text, Whole
from serving.door.problems import ProblemError
from serving.door.strict_json import canonical, written

USUAL_SIZE: Final = 50
MOST_SIZE: Final = 200
_SEAL_CHARACTERS: Final = 32
_FREE: Final = frozenset({"page_size", "page_token", "lang", "taken", "of", "seen", "opened"})
"""Parameters that may change from one page to the next."""

PAGE_SIZE: Final = Parameter(
    name="page_size",
    form=Whole(1, MOST_SIZE),
    zh=f"每页条数，默认 {USUAL_SIZE}",
    en=f"rows on a page, {USUAL_SIZE} unless said otherwise",
)
PAGE_TOKEN: Final = Parameter(
    name="page_token",
    form=Text("[A-Za-z0-9_-]{33,700}"),
    zh="下一页的标记，取自上一页的 next_page_token",
    en="where the page begins: next_page_token of the page before",
    invalid="PAGE_TOKEN_INVALID",
)
PAGING: Final = (PAGE_SIZE, PAGE_TOKEN)

Position = Sequence[str | int]
"""What the last row of a page is sorted by."""

Seal = Callable[[bytes], str]
"""Returns the keyed digest of a text, in hexadecimal."""


@dataclass(frozen=True)
class Page:
    """Which rows are asked for: so many, beginning after this position, or from the start."""

    size: int
    after: tuple[str | int, ...] | None


def page_of(request: Request, seal: Seal) -> Page:
    """Return the page that is asked for.

    A token is good for whoever got it, for the same list with the same filters.

    Raises
    ------
    ProblemError
        The token was not made here for this list.
    """
    values = values_in(request)
    size = values.get("page_size", USUAL_SIZE)
    token = values.get("page_token")
    return Page(int(str(size)), None if token is None else _opened(str(token), request, seal))


def paged(request: Request, rows: Sequence[object], *, after: Position | None, seal: Seal) -> Response:
    """Return a page as an answer; `after` is the position of its last row, None when no page follows."""
    body: dict[str, object] = {"items": list(rows), "next_page_token": None}
    headers = {}
    if after is not None:
        token = body["next_page_token"] = sealed(after, request, seal)
        kept = {name: text for name, text in request.query_params.items() if name != "page_token"}
        headers["Link"] = f'<{request.url.path}?{urlencode({**kept, "page_token": token})}>; rel="next"'
    response = answers.plain(written(body))
    response.headers.update(headers)
    return response


def page_schema(item: object) -> dict[str, object]:
    """Return the schema of a page of such items."""
    return {
        "type": "object",
        "required": ["items", "next_page_token"],
        "properties": {
            "items": {"type": "array", "items": item, "maxItems": MOST_SIZE},
            "next_page_token": {"type": ["string", "null"]},
        },
    }


def sealed(after: Position, request: Request, seal: Seal) -> str:
    """Return the token of the page that begins after this position."""
    text = written(list(after))
    packed = base64.urlsafe_b64encode(text).rstrip(b"=").decode("ascii")
    return seal(_bound(text, request))[:_SEAL_CHARACTERS] + packed


def _opened(token: str, request: Request, seal: Seal) -> tuple[str | int, ...]:
    given, packed = token[:_SEAL_CHARACTERS], token[_SEAL_CHARACTERS:]
    try:
        text = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    except binascii.Error:
        raise ProblemError("PAGE_TOKEN_INVALID") from None
    if not hmac.compare_digest(given, seal(_bound(text, request))[:_SEAL_CHARACTERS]):
        raise ProblemError("PAGE_TOKEN_INVALID")
    return tuple(json.loads(text))


def _bound(text: bytes, request: Request) -> bytes:
    """Return the position together with the list, its filters and its reader."""
    filters = {name: str(value) for name, value in values_in(request).items() if name not in _FREE and value != ""}
    return canonical([request.url.path, filters, principal_of(request).owner, text.decode("utf-8", "replace")])
