"""The pages on the way in and out: logging in, a new password, logging out; forms that need no script."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import FORM, Body, Endpoint, Reply
from serving.door.guard import document_of, principal_of
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Text
from serving.door.problems import ProblemError
from serving.identity import cookies
from serving.identity.reception import PasswordChange
from serving.office import office_of
from serving.pages.choice import language_in
from serving.pages.entering import LogIn, Password, kept_in, kept_page, log_in_page, onward
from serving.pages.language import Language
from serving.pages.shell import HOME
from serving.routes.access.sessions import (
    CHANGE_FIELDS,
    LOG_IN,
    LOG_IN_PROBLEMS,
    MOST_BYTES,
    address_of,
    attempt_of,
    host_of,
    token_of,
)
from serving.routes.binding import Routes
from serving.routes.documents import Field, document_schema, fields_of
from serving.routes.pages.showing import COOKIE, HTML, LANG, SHOWN, page, shown

_NEXT: Final = Field(
    name="next", form=Text(r"[\u0021-\u007e]{1,400}"), zh="登录后转到", en="where to go on to", required=False
)
_KEPT: Final = Field(
    name="kept",
    form=Text(r"[^\u0000]{1,270000}"),
    zh="登录过期前填写的内容",
    en="what was typed before",
    required=False,
)
_FORM: Final = (*LOG_IN, _NEXT, _KEPT)
_MOST: Final = 786_432
"""Bytes of the form: it may carry the largest of the others, with its signs escaped."""
_TOKEN: Final = {"type": "object", "properties": {"csrf_token": {"type": "string"}}}

PAGE: Final = Endpoint(
    method="GET",
    path="/login",
    zh="登录页面",
    en="the log-in page",
    action=None,
    parameters=(LANG,),
    pages=True,
    replies=(SHOWN,),
)
SUBMIT: Final = Endpoint(
    method="POST",
    path="/login",
    zh="提交登录页面",
    en="send in the log-in page",
    action=None,
    body=Body(schema=document_schema(_FORM), media_types=(FORM,), most_bytes=_MOST),
    lets_in=True,
    pages=True,
    replies=(
        Reply(status=303, zh="已登录，转到所要的页面", en="logged in, on to the page asked for", headers=COOKIE),
        Reply(status=200, zh="已登录，此前填写的内容待提交", en="logged in, to send what was typed", content=HTML),
    ),
    problems=LOG_IN_PROBLEMS,
)
LEAVE: Final = Endpoint(
    method="POST",
    path="/logout",
    zh="从页面退出登录",
    en="log out from a page",
    action=Action.SESSION_OWN,
    body=Body(schema=_TOKEN, media_types=(FORM,), most_bytes=MOST_BYTES),
    pages=True,
    replies=(Reply(status=303, zh="已退出，转到登录页面", en="logged out, on to the log-in page", headers=COOKIE),),
)
PASSWORD: Final = Endpoint(
    method="GET",
    path="/password",
    zh="修改口令页面",
    en="the page for a new password",
    action=Action.SESSION_OWN,
    parameters=(LANG,),
    pages=True,
    replies=(SHOWN,),
)
CHANGE: Final = Endpoint(
    method="POST",
    path="/password",
    zh="提交新口令",
    en="send in a new password",
    action=Action.SESSION_OWN,
    body=Body(schema=document_schema(CHANGE_FIELDS), media_types=(FORM,), most_bytes=MOST_BYTES),
    pages=True,
    replies=(Reply(status=303, zh="已修改，转到首页", en="changed, on to the first page", headers=COOKIE),),
    problems=(*LOG_IN_PROBLEMS, "PASSWORD_WEAK"),
)


async def log_in_form(request: Request) -> Response:
    """GET /login."""
    single_sign_on = office_of(request).reception.signs_on
    return page(request, log_in_page(LogIn(single_sign_on=single_sign_on), language_in(request.scope)))


async def submit_log_in(request: Request) -> Response:
    """POST /login: on to the page that was asked for, or the form again with what went wrong."""
    asked = onward(str(document_of(request).get("next", "")))
    try:
        session = await office_of(request).reception.log_in(attempt_of(request, _FORM))
    except ProblemError as error:
        return _again(request, error, asked)
    kept = kept_in(str(document_of(request).get("kept", "")))
    response: Response = RedirectResponse("/password" if session.must_change else asked or HOME, 303)
    if kept is not None and not session.must_change:
        response = page(request, kept_page(replace(kept, csrf=session.csrf), language_in(request.scope)))
    response.headers["Set-Cookie"] = cookies.setting(session.token, host=host_of(request))
    return response


async def leave(request: Request) -> Response:
    """POST /logout."""
    await office_of(request).reception.log_out(token_of(request), origin=answers.origin_of(request.scope))
    response = RedirectResponse("/login", 303)
    response.headers["Set-Cookie"] = cookies.removal(host=host_of(request))
    return response


async def password_form(request: Request) -> Response:
    """GET /password."""
    token_of(request)
    return await shown(request, "password.html", page=Password(must=bool(principal_of(request).pending)))


async def change_password(request: Request) -> Response:
    """POST /password: every other session of the account ends."""
    token_of(request)
    values = fields_of(document_of(request), CHANGE_FIELDS)
    change = PasswordChange(str(values["current_password"]), str(values["new_password"]))
    origin = answers.origin_of(request.scope)
    reception = office_of(request).reception
    try:
        session = await reception.change_password(change, origin=origin, address=address_of(request))
    except ProblemError as error:
        _noted(request, error)
        faults = _faults(error, language_in(request.scope))
        model = Password(must=bool(principal_of(request).pending), faults=faults)
        return await shown(request, "password.html", status=error.problem.status, page=model)
    response = RedirectResponse(HOME, 303)
    response.headers["Set-Cookie"] = cookies.setting(session.token, host=host_of(request))
    return response


def _again(request: Request, error: ProblemError, asked: str) -> Response:
    _noted(request, error)
    say = language_in(request.scope)
    model = LogIn(
        message=f"{say.pick(error.problem.zh, error.problem.en)}{say.pick('。', '. ')}{_way_out(error, say)}",
        name=str(document_of(request).get("name", ""))[:32],
        onward=asked,
        kept=str(document_of(request).get("kept", "")),
        single_sign_on=office_of(request).reception.signs_on,
    )
    response = page(request, log_in_page(model, say), status=error.problem.status)
    response.headers.update(error.headers)
    return response


def _faults(error: ProblemError, say: Language) -> tuple[str, ...]:
    if error.errors:
        return tuple(str(one[say.pick("message", "message_en")]) for one in error.errors)
    return (f"{say.pick(error.problem.zh, error.problem.en)}{say.pick('。', '. ')}{_way_out(error, say)}",)


def _way_out(error: ProblemError, say: Language) -> str:
    return say.pick(error.problem.way_out, error.problem.way_out_en)


def _noted(request: Request, error: ProblemError) -> None:
    visit: Visit = request.scope[VISIT]
    visit.code = error.problem.code


ROUTES: Final[Routes] = {
    PAGE: log_in_form,
    SUBMIT: submit_log_in,
    LEAVE: leave,
    PASSWORD: password_form,
    CHANGE: change_password,
}
