"""What belongs to every page: its declaration, its headers, its address, and the language that is kept."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from serving.door.endpoint import FORM, Body, Reply
from serving.door.guard import values_in
from serving.door.parameters import Choice, Parameter
from serving.pages.choice import keeping, language_in
from serving.pages.language import SHORT
from serving.pages.rendering import CONTENT_SECURITY_POLICY
from serving.routes.documents import Field, document_schema

HTML: Final = {"text/html": {"type": "string"}}
COOKIE: Final = {"Set-Cookie": {"type": "string"}}
LANG: Final = Parameter(
    name="lang", form=Choice(tuple(SHORT)), zh="页面语言，之后沿用", en="language, kept from then on"
)
FORM_BYTES: Final = 32_768
SHOWN: Final = Reply(status=200, zh="页面", en="the page", content=HTML)


def form_of(*fields: Field) -> Body:
    """Return the body of a page's form with these fields; without any it carries its token alone."""
    return Body(schema=document_schema(fields), media_types=(FORM,), most_bytes=FORM_BYTES)


def page(request: Request, body: bytes, *, status: int = 200) -> Response:
    """Return a page that is already written."""
    tag = language_in(request.scope).tag
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Content-Language": tag}
    response = Response(body, status, headers=headers, media_type="text/html")
    chosen = values_in(request).get("lang")
    if chosen is not None:
        response.headers.append("Set-Cookie", keeping(str(chosen)))
    return response


def address_of(request: Request) -> str:
    """Return the page's own address, without the choice of a language."""
    kept = urlencode({name: text for name, text in request.query_params.items() if name != "lang"})
    return request.url.path + (f"?{kept}" if kept else "")
