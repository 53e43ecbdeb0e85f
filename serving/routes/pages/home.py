"""The first page after logging in."""

from __future__ import annotations

import json
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint
from serving.door.guard import principal_of
from serving.office import office_of
from serving.pages.choice import language_in
from serving.pages.home import home_page
from serving.routes.access.sessions import token_of
from serving.routes.binding import Routes
from serving.routes.pages.showing import LANG, SHOWN, shown

HOME: Final = Endpoint(
    method="GET",
    path="/home",
    zh="登录后的首页",
    en="the first page after logging in",
    action=Action.SESSION_OWN,
    parameters=(LANG,),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)


async def home(request: Request) -> Response:
    """GET /home."""
    token_of(request)
    office, reader, counts = office_of(request), principal_of(request), None
    if reader.may(Action.SCORE_READ):
        origin = answers.origin_of(request.scope)
        counts = await office.desk.run(lambda: office.record.overview.counts(origin=origin))
    model = json.loads(office.shown().descriptions["/v1/models/current"]())
    # Read from the record: what workers have noticed is up to a second old.
    turns = await office.desk.run(office.control.switches.standing)
    stopped = [turn.court for turn in turns if turn.state == "stopped"]
    found = home_page(counts, model, stopped, reader=reader, say=language_in(request.scope))
    return await shown(request, "home.html", page=found)


ROUTES: Final[Routes] = {HOME: home}
