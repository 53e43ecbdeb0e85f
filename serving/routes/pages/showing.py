"""Showing a page of the court to somebody who may be logged in: its shell, and what belongs to every page."""

from __future__ import annotations

import json
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from features.clock import SHANGHAI
from serving.access.principal import PRINCIPAL
from serving.door.guard import principal_of
from serving.identity import cookies
from serving.office import Office, office_of
from serving.pages.choice import language_in
from serving.pages.model_state import ModelState
from serving.pages.rendering import rendered
from serving.pages.shell import Shell, shell_of
from serving.routes.pages.framing import COOKIE, FORM_BYTES, HTML, LANG, SHOWN, address_of, form_of, page

__all__ = ["COOKIE", "FORM_BYTES", "HTML", "LANG", "SHOWN", "form_of", "model_state", "page", "shell_in", "shown"]


async def shell_in(request: Request) -> Shell:
    """Return what stands around a page of this call."""
    say, path = language_in(request.scope), address_of(request)
    if request.scope.get(PRINCIPAL) is None:
        return Shell(say, path)
    token = cookies.token_of(request.scope["headers"])
    principal, name = principal_of(request), ""
    if token is not None and principal.kind == "account":
        reception = office_of(request).reception
        session = await reception.current(token)
        name = reception.staff.accounts.display_name(session.account)
    return shell_of(principal, say=say, path=path, name=name)


def model_state(office: Office, at: datetime) -> ModelState:
    """Return what the service says of its model at this instant."""
    said = json.loads(office.shown().descriptions["/v1/models/current"]())
    return ModelState(said, at.astimezone(SHANGHAI).date())


async def shown(request: Request, template: str, *, status: int = 200, **models: object) -> Response:
    """Return a page of this template, in the language of the call."""
    return page(request, rendered(template, await shell_in(request), **models), status=status)
