"""The help page: what the advice is and is not, how to work with it, the keys, and what the system does not know."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door.endpoint import Endpoint
from serving.routes.access.sessions import token_of
from serving.routes.binding import Routes
from serving.routes.pages.showing import LANG, SHOWN, shown

HELP: Final = Endpoint(
    method="GET",
    path="/help",
    zh="帮助页面",
    en="the help page",
    action=Action.SESSION_OWN,
    parameters=(LANG,),
    pages=True,
    replies=(SHOWN,),
)


async def show_help(request: Request) -> Response:
    """GET /help."""
    token_of(request)
    return await shown(request, "help.html")


ROUTES: Final[Routes] = {HELP: show_help}
