"""Logging in through the court's own log-in service: there, and back with who it is; not there unless it is named."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import request_id_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Parameter, Text
from serving.door.problems import ProblemError
from serving.identity import cookies
from serving.identity.sign_on import Callback
from serving.office import office_of
from serving.pages.choice import language_in
from serving.pages.entering import LogIn, going_on_page, log_in_page
from serving.pages.shell import HOME
from serving.routes.binding import Routes
from serving.routes.pages.showing import HTML, page

_NOTE_SECONDS: Final = 600
_COOKIE: Final = {"Set-Cookie": {"type": "string"}}
_ANSWERS: Final = {
    "state": ("我方标记", "our mark"),
    "code": ("授权码", "authorization code"),
    "iss": ("签发者", "issuer"),
    "error": ("错误", "error"),
    "error_description": ("错误说明", "description of the error"),
    "error_uri": ("错误说明地址", "address of the description"),
    "session_state": ("对方会话标记", "mark of the session there"),
    "scope": ("范围", "scope"),
}
"""What log-in services add to the address when they send somebody back (RFC 6749, RFC 9207)."""

BEGIN: Final = Endpoint(
    method="GET",
    path="/login/oidc",
    zh="转到法院统一身份认证",
    en="go to the court's log-in service",
    action=None,
    lets_in=True,
    seconds=30,
    replies=(Reply(status=303, zh="转到统一身份认证", en="on to the log-in service", headers=_COOKIE),),
    problems=("NOT_FOUND", "SIGN_ON_UNAVAILABLE"),
)
BACK: Final = Endpoint(
    method="GET",
    path="/login/oidc/callback",
    zh="从统一身份认证返回",
    en="back from the court's log-in service",
    action=None,
    lets_in=True,
    pages=True,
    seconds=60,
    parameters=tuple(
        Parameter(name=name, form=Text(r"[^\u0000-\u001f\u007f]{0,1024}"), zh=zh, en=en)
        for name, (zh, en) in _ANSWERS.items()
    ),
    replies=(Reply(status=200, zh="已登录，转到首页", en="logged in, on to the start page", content=HTML),),
    problems=("NOT_FOUND", "LOGIN_FAILED", "STORE_UNAVAILABLE"),
)


async def begin(request: Request) -> Response:
    """GET /login/oidc."""
    address, note = await office_of(request).reception.begin_sign_on()
    response = RedirectResponse(address, 303)
    response.headers["Set-Cookie"] = cookies.note_setting(note, host=_host(request), seconds=_NOTE_SECONDS)
    return response


async def back(request: Request) -> Response:
    """GET /login/oidc/callback: a page that leads on, because cookies of ours are Strict; or what went wrong."""
    values = values_in(request)
    callback = Callback(
        state=str(values.get("state", "")),
        code=str(values.get("code", "")),
        issuer=str(values.get("iss", "")),
        error=str(values.get("error", "")),
        note=cookies.note_of(request.scope["headers"]),
    )
    visit: Visit = request.scope[VISIT]
    say = language_in(request.scope)
    reception = office_of(request).reception
    try:
        session = await reception.end_sign_on(callback, address=visit.address, request_id=request_id_of(request))
    except ProblemError as error:
        if error.problem.code == "NOT_FOUND":
            raise
        visit.code = error.problem.code
        way_out = say.pick(error.problem.way_out, error.problem.way_out_en)
        message = say("统一身份认证未成功，或没有关联的账户。{way_out}", way_out=way_out)
        model = LogIn(message=message, single_sign_on=True)
        response = page(request, log_in_page(model, say), status=error.problem.status)
    else:
        response = page(request, going_on_page(HOME, say))
        response.headers.append("Set-Cookie", cookies.setting(session.token, host=_host(request)))
    response.headers.append("Set-Cookie", cookies.note_setting("", host=_host(request), seconds=0))
    return response


def _host(request: Request) -> str:
    return request.headers.get("host", "")


ROUTES: Final[Routes] = {BEGIN: begin, BACK: back}
