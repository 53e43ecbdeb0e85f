"""Showing a page: its shell, its language, and the headers that belong to every page."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from serving.access.principal import PRINCIPAL
from serving.door.endpoint import FORM, Body, Reply
from serving.door.guard import principal_of, values_in
from serving.door.parameters import Choice, Parameter
from serving.identity import cookies
from serving.office import office_of
from serving.pages.choice import keeping, language_in
from serving.pages.language import SHORT
from serving.pages.rendering import CONTENT_SECURITY_POLICY, rendered
from serving.pages.shell import Shell, shell_of
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


async def shell_in(request: Request) -> Shell:
    """Return what stands around a page of this call."""
    say, path = language_in(request.scope), _address(request)
    if request.scope.get(PRINCIPAL) is None:
        return Shell(say, path)
    token = cookies.token_of(request.scope["headers"])
    principal, name = principal_of(request), ""
    if token is not None and principal.kind == "account":
        reception = office_of(request).reception
        session = await reception.current(token)
        name = reception.staff.accounts.display_name(session.account)
    return shell_of(principal, say=say, path=path, name=name)


async def shown(request: Request, template: str, *, status: int = 200, **models: object) -> Response:
    """Return a page of this template, in the language of the call."""
    return page(request, rendered(template, await shell_in(request), **models), status=status)


def page(request: Request, body: bytes, *, status: int = 200) -> Response:
    """Return a page that is already written."""
    tag = language_in(request.scope).tag
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Content-Language": tag}
    response = Response(body, status, headers=headers, media_type="text/html")
    chosen = values_in(request).get("lang")
    if chosen is not None:
        response.headers.append("Set-Cookie", keeping(str(chosen)))
    return response


def _address(request: Request) -> str:
    kept = urlencode({name: text for name, text in request.query_params.items() if name != "lang"})
    return request.url.path + (f"?{kept}" if kept else "")
