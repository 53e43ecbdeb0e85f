"""Sessions: people log in and out and change their password, as JSON; pages do the same by their forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.access.principal import Courts
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply, component
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
from serving.routes.binding import Routes
from serving.routes.documents import Field, document_schema, fields_of

_ANY: Final = Text(r"[^\u0000-\u001f\u007f]{1,128}")
LOG_IN: Final = (
    Field(name="name", form=_ANY, zh="账户名", en="name of the account"),
    Field(name="password", form=_ANY, zh="口令", en="password"),
)
CHANGE_FIELDS: Final = (
    Field(name="current_password", form=_ANY, zh="现口令", en="the password used so far"),
    Field(name="new_password", form=_ANY, zh="新口令", en="the password to come"),
)
LOG_IN_PROBLEMS: Final = ("FIELD_NOT_ALLOWED", "LOGIN_FAILED", "LOGIN_LOCKED", "STORE_UNAVAILABLE")
_SESSION: Final = {JSON: component("Session")}
COOKIE: Final = {"Set-Cookie": {"type": "string"}}
MOST_BYTES: Final = 4096

OPEN: Final = Endpoint(
    method="POST",
    path="/v1/sessions",
    zh="登录，开启会话",
    en="log in and open a session",
    action=None,
    body=Body(schema=document_schema(LOG_IN), most_bytes=MOST_BYTES),
    lets_in=True,
    replies=(Reply(status=201, zh="已登录", en="logged in", content=_SESSION, headers=COOKIE),),
    problems=LOG_IN_PROBLEMS,
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
    replies=(Reply(status=204, zh="已退出", en="logged out", headers=COOKIE),),
)
END_ALL: Final = Endpoint(
    method="DELETE",
    path="/v1/sessions",
    zh="在所有地方退出登录：本人的全部会话立即结束",
    en="log out everywhere: every session of one's own ends at once",
    action=Action.SESSION_OWN,
    replies=(Reply(status=204, zh="已全部退出", en="logged out everywhere", headers=COOKIE),),
)
CHANGE: Final = Endpoint(
    method="POST",
    path="/v1/sessions/current:change-password",
    zh="修改本人口令，所有会话结束并开启新会话",
    en="change one's own password; every session ends and a new one is opened",
    action=Action.SESSION_OWN,
    body=Body(schema=document_schema(CHANGE_FIELDS), most_bytes=MOST_BYTES),
    replies=(Reply(status=201, zh="已修改", en="changed", content=_SESSION, headers=COOKIE),),
    problems=(*LOG_IN_PROBLEMS, "PASSWORD_WEAK"),
)


async def open_session(request: Request) -> Response:
    """POST /v1/sessions."""
    session = await office_of(request).reception.log_in(attempt_of(request, LOG_IN))
    return _opened(request, session, 201)


async def read_session(request: Request) -> Response:
    """GET /v1/sessions/current."""
    session = await office_of(request).reception.current(token_of(request))
    return answers.plain(_shown(request, session))


async def end_session(request: Request) -> Response:
    """DELETE /v1/sessions/current."""
    await office_of(request).reception.log_out(token_of(request), origin=answers.origin_of(request.scope))
    return Response(status_code=204, headers={"Set-Cookie": cookies.removal(host=host_of(request))})


async def end_sessions(request: Request) -> Response:
    """DELETE /v1/sessions."""
    token_of(request)
    await office_of(request).reception.log_out_everywhere(origin=answers.origin_of(request.scope))
    return Response(status_code=204, headers={"Set-Cookie": cookies.removal(host=host_of(request))})


async def change_password(request: Request) -> Response:
    """POST /v1/sessions/current:change-password."""
    values = fields_of(document_of(request), CHANGE_FIELDS)
    change = PasswordChange(str(values["current_password"]), str(values["new_password"]))
    origin = answers.origin_of(request.scope)
    session = await office_of(request).reception.change_password(change, origin=origin, address=address_of(request))
    return _opened(request, session, 201)


def attempt_of(request: Request, fields: Sequence[Field]) -> Attempt:
    """Return the try to log in that a call makes."""
    values = fields_of(document_of(request), fields)
    visit: Visit = request.scope[VISIT]
    return Attempt(str(values["name"]), str(values["password"]), visit.address, visit.request_id)


def _opened(request: Request, session: OpenSession, status: int) -> Response:
    headers = {"Set-Cookie": cookies.setting(session.token, host=host_of(request)), "Content-Language": "zh-CN"}
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


def token_of(request: Request) -> str:
    """Return the token of the session; a key has none and cannot come here."""
    token = cookies.token_of(request.scope["headers"])
    if token is None or principal_of(request).kind != "account":
        raise ProblemError("PERMISSION_DENIED")
    return token


def host_of(request: Request) -> str:
    """Return the name under which the caller reaches us."""
    return request.headers.get("host", "")


def address_of(request: Request) -> str:
    """Return the address from which somebody calls."""
    visit: Visit = request.scope[VISIT]
    return visit.address


ROUTES: Final[Routes] = {
    OPEN: open_session,
    CURRENT: read_session,
    END: end_session,
    END_ALL: end_sessions,
    CHANGE: change_password,
}
