"""Sessions: people log in and out and change their password, by a page's form or as JSON."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.access.principal import Courts
from serving.door import answers
from serving.door.endpoint import FORM, JSON, Body, Endpoint, Reply, component
from serving.door.guard import document_of, principal_of
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Text
from serving.door.problems import ProblemError
from serving.door.strict_json import written
from serving.identity import cookies
from serving.identity.accounts import roles_of
from serving.identity.log_in import Attempt
from serving.identity.reception import PasswordChange
from serving.identity.sessions import OpenSession
from serving.office import office_of
from serving.pages.log_in import log_in_page
from serving.routes.binding import Routes
from serving.routes.documents import Field, document_schema, fields_of

_ANY: Final = Text(r"[^\u0000-\u001f\u007f]{1,128}")
_LOG_IN: Final = (
    Field(name="name", form=_ANY, zh="账户名", en="name of the account"),
    Field(name="password", form=_ANY, zh="口令", en="password"),
)
_CHANGE: Final = (
    Field(name="current_password", form=_ANY, zh="现口令", en="the password used so far"),
    Field(name="new_password", form=_ANY, zh="新口令", en="the password to come"),
)
_LOG_IN_PROBLEMS: Final = ("FIELD_NOT_ALLOWED", "LOGIN_FAILED", "LOGIN_LOCKED", "STORE_UNAVAILABLE")
_SESSION: Final = {JSON: component("Session")}
_COOKIE: Final = {"Set-Cookie": {"type": "string"}}
_MOST_BYTES: Final = 4096

OPEN: Final = Endpoint(
    method="POST",
    path="/v1/sessions",
    zh="登录，开启会话",
    en="log in and open a session",
    action=None,
    body=Body(schema=document_schema(_LOG_IN), most_bytes=_MOST_BYTES),
    lets_in=True,
    replies=(Reply(status=201, zh="已登录", en="logged in", content=_SESSION, headers=_COOKIE),),
    problems=_LOG_IN_PROBLEMS,
)
CURRENT: Final = Endpoint(
    method="GET",
    path="/v1/sessions/current",
    zh="当前会话：账户、角色、法院、权限",
    en="one's own session: account, roles, courts, permissions",
    action=Action.SESSION_OWN,
    replies=(Reply(status=200, zh="会话", en="the session", content=_SESSION),),
)
END: Final = Endpoint(
    method="DELETE",
    path="/v1/sessions/current",
    zh="退出登录",
    en="log out",
    action=Action.SESSION_OWN,
    replies=(Reply(status=204, zh="已退出", en="logged out", headers=_COOKIE),),
)
END_ALL: Final = Endpoint(
    method="DELETE",
    path="/v1/sessions",
    zh="在所有地方退出登录：本人的全部会话立即结束",
    en="log out everywhere: every session of one's own ends at once",
    action=Action.SESSION_OWN,
    replies=(Reply(status=204, zh="已全部退出", en="logged out everywhere", headers=_COOKIE),),
)
CHANGE: Final = Endpoint(
    method="POST",
    path="/v1/sessions/current:change-password",
    zh="修改本人口令，所有会话结束并开启新会话",
    en="change one's own password; every session ends and a new one is opened",
    action=Action.SESSION_OWN,
    body=Body(schema=document_schema(_CHANGE), most_bytes=_MOST_BYTES),
    replies=(Reply(status=201, zh="已修改", en="changed", content=_SESSION, headers=_COOKIE),),
    problems=(*_LOG_IN_PROBLEMS, "PASSWORD_WEAK"),
)
PAGE: Final = Endpoint(
    method="GET",
    path="/login",
    zh="登录页面",
    en="the log-in page",
    action=None,
    replies=(Reply(status=200, zh="页面", en="the page", content={"text/html": {"type": "string"}}),),
)
SUBMIT: Final = Endpoint(
    method="POST",
    path="/login",
    zh="提交登录页面",
    en="send in the log-in page",
    action=None,
    body=Body(schema=document_schema(_LOG_IN), media_types=(FORM,), most_bytes=_MOST_BYTES),
    lets_in=True,
    pages=True,
    replies=(Reply(status=303, zh="已登录，转到首页", en="logged in, on to the start page", headers=_COOKIE),),
    problems=_LOG_IN_PROBLEMS,
)
LEAVE: Final = Endpoint(
    method="POST",
    path="/logout",
    zh="从页面退出登录",
    en="log out from a page",
    action=Action.SESSION_OWN,
    body=Body(
        schema={"type": "object", "properties": {"csrf_token": {"type": "string"}}},
        media_types=(FORM,),
        most_bytes=_MOST_BYTES,
    ),
    replies=(Reply(status=303, zh="已退出，转到登录页面", en="logged out, on to the log-in page", headers=_COOKIE),),
)


async def open_session(request: Request) -> Response:
    """POST /v1/sessions."""
    session = await office_of(request).reception.log_in(_attempt(request))
    return _opened(request, session, 201)


async def read_session(request: Request) -> Response:
    """GET /v1/sessions/current."""
    session = await office_of(request).reception.current(_token(request))
    return answers.plain(_shown(request, session))


async def end_session(request: Request) -> Response:
    """DELETE /v1/sessions/current."""
    await office_of(request).reception.log_out(_token(request), origin=answers.origin_of(request.scope))
    return Response(status_code=204, headers={"Set-Cookie": cookies.removal(host=_host(request))})


async def end_sessions(request: Request) -> Response:
    """DELETE /v1/sessions."""
    _token(request)
    await office_of(request).reception.log_out_everywhere(origin=answers.origin_of(request.scope))
    return Response(status_code=204, headers={"Set-Cookie": cookies.removal(host=_host(request))})


async def change_password(request: Request) -> Response:
    """POST /v1/sessions/current:change-password."""
    values = fields_of(document_of(request), _CHANGE)
    change = PasswordChange(str(values["current_password"]), str(values["new_password"]))
    origin = answers.origin_of(request.scope)
    session = await office_of(request).reception.change_password(change, origin=origin, address=_address(request))
    return _opened(request, session, 201)


async def log_in_form(request: Request) -> Response:
    """GET /login."""
    return _page(log_in_page(single_sign_on=office_of(request).reception.signs_on), 200)


async def submit_log_in(request: Request) -> Response:
    """POST /login: on to the start page, or the form again with what went wrong."""
    reception = office_of(request).reception
    try:
        session = await reception.log_in(_attempt(request))
    except ProblemError as error:
        visit: Visit = request.scope[VISIT]
        visit.code = error.problem.code
        name = str(document_of(request).get("name", ""))[:32]
        message = f"{error.problem.zh}。{error.problem.way_out} / {error.problem.en}."
        return _page(
            log_in_page(message=message, name=name, single_sign_on=reception.signs_on),
            error.problem.status,
            **error.headers,
        )
    response = RedirectResponse("/", 303)
    response.headers["Set-Cookie"] = cookies.setting(session.token, host=_host(request))
    return response


async def leave(request: Request) -> Response:
    """POST /logout."""
    await office_of(request).reception.log_out(_token(request), origin=answers.origin_of(request.scope))
    response = RedirectResponse("/login", 303)
    response.headers["Set-Cookie"] = cookies.removal(host=_host(request))
    return response


def _attempt(request: Request) -> Attempt:
    values = fields_of(document_of(request), _LOG_IN)
    visit: Visit = request.scope[VISIT]
    return Attempt(str(values["name"]), str(values["password"]), visit.address, visit.request_id)


def _opened(request: Request, session: OpenSession, status: int) -> Response:
    headers = {"Set-Cookie": cookies.setting(session.token, host=_host(request)), "Content-Language": "zh-CN"}
    return Response(_shown(request, session), status, headers=headers, media_type=JSON)


def _shown(request: Request, session: OpenSession) -> bytes:
    staff = office_of(request).reception.staff
    roles = roles_of(session.account)
    courts = Courts.read(session.account.courts)
    return written(
        {
            "account": session.account.name,
            "display_name": staff.accounts.display_name(session.account),
            "roles": sorted(roles),
            "courts": ["*"] if courts.codes is None else sorted(courts.codes),
            "actions": sorted(session.actions),
            "csrf_token": session.csrf,
            "expires_at": session.expires_at,
            "idle_minutes": int(staff.sessions.policy.idle.total_seconds() // 60),
            "must_change_password": session.must_change,
        }
    )


def _page(body: bytes, status: int, **headers: str) -> Response:
    return Response(body, status, headers={"Content-Language": "zh-CN", **headers}, media_type="text/html")


def _token(request: Request) -> str:
    """Return the token of the session; a key has none and cannot come here."""
    token = cookies.token_of(request.scope["headers"])
    if token is None or principal_of(request).kind != "account":
        raise ProblemError("PERMISSION_DENIED")
    return token


def _host(request: Request) -> str:
    return request.headers.get("host", "")


def _address(request: Request) -> str:
    visit: Visit = request.scope[VISIT]
    return visit.address


ROUTES: Final[Routes] = {
    OPEN: open_session,
    CURRENT: read_session,
    END: end_session,
    END_ALL: end_sessions,
    CHANGE: change_password,
    PAGE: log_in_form,
    SUBMIT: submit_log_in,
    LEAVE: leave,
}
