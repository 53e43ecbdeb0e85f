"""The page on which a person chooses for himself; the choice holds from the next page on."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of, principal_of, values_in
from serving.door.parameters import Choice, Parameter
from serving.door.problems import ProblemError
from serving.identity.cookies import value_of
from serving.office import office_of
from serving.pages.choice import language_in
from serving.pages.preferences import OFF, ON, preferences_page
from serving.routes.binding import Routes
from serving.routes.documents import Field, fields_of
from serving.routes.pages.showing import COOKIE, LANG, SHOWN, form_of, shown

_KEYS: Final = "fenliu-keys"
_YEAR: Final = 31_536_000
_CHOSEN: Final = (
    Field(name="predictions", form=Choice((ON, OFF)), zh="是否显示预测", en="whether predictions are shown"),
    Field(name="keys", form=Choice((ON, OFF)), zh="是否使用快捷键", en="whether keys are shortcuts"),
)

PREFERENCES: Final = Endpoint(
    method="GET",
    path="/preferences",
    zh="我的设置页面",
    en="one's own settings",
    action=Action.SESSION_OWN,
    parameters=(LANG, Parameter(name="saved", form=Choice(("true",)), zh="刚保存", en="just saved")),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)
CHOOSE: Final = Endpoint(
    method="POST",
    path="/preferences",
    zh="保存我的设置",
    en="keep one's own settings",
    action=Action.SESSION_OWN,
    body=form_of(*_CHOSEN),
    pages=True,
    replies=(Reply(status=303, zh="已保存，回到页面", en="kept, back to the page", headers=COOKIE),),
    problems=("FIELD_NOT_ALLOWED", "STORE_UNAVAILABLE"),
)


async def show(request: Request) -> Response:
    """GET /preferences."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    _require_person(request)
    off = await office.desk.run(lambda: office.record.preferences.off(origin.by.actor))
    model = preferences_page(
        predictions_off=off,
        keys_off=value_of(request.scope["headers"], _KEYS) == OFF,
        saved=values_in(request).get("saved") == "true",
        say=language_in(request.scope),
    )
    return await shown(request, "preferences.html", page=model)


async def choose(request: Request) -> Response:
    """POST /preferences."""
    _require_person(request)
    values = fields_of(document_of(request), _CHOSEN)
    office, origin = office_of(request), answers.origin_of(request.scope)
    off, now = values["predictions"] == OFF, office.record.queue.clock()
    await office.desk.run(lambda: office.record.preferences.put(off=off, origin=origin, at=now))
    response = RedirectResponse("/preferences?saved=true", 303)
    # Read by the script itself, so not HttpOnly; it says nothing of who chose.
    response.headers["Set-Cookie"] = f"{_KEYS}={values['keys']}; Path=/; Max-Age={_YEAR}; SameSite=Strict"
    return response


def _require_person(request: Request) -> None:
    if principal_of(request).kind != "account":
        raise ProblemError("PERMISSION_DENIED")


ROUTES: Final[Routes] = {PREFERENCES: show, CHOOSE: choose}
