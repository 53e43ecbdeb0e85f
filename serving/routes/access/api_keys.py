"""API keys: the security administrator makes and ends them, the system administrator approves them.

None is ever shown twice, and none opens anything by the word of one administrator alone (三员分立).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import ADMINISTRATION, OWN, Action
from serving.access.principal import Courts
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply, component
from serving.door.guard import document_of, values_in
from serving.door.parameters import VISIBLE, Choice, Parameter, Text, Whole
from serving.door.strict_json import written
from serving.identity.api_keys import ApiKeys, Made, Scope
from serving.office import office_of
from serving.repositories.api_keys import KeyRow
from serving.routes.binding import Routes
from serving.routes.documents import Field, document_schema, fields_of
from serving.routes.paging import PAGING, page_of, page_schema, paged

_CLIENT_FORM: Final = Text("[a-z0-9][a-z0-9._-]{1,63}")
_CLIENT: Final = Parameter(name="client", place="path", form=_CLIENT_FORM, required=True, zh="系统名", en="system")
_ID: Final = Parameter(name="id", place="path", form=Text("[0-9a-f]{8}"), required=True, zh="密钥编号", en="id")
_WORK: Final = tuple(action for action in Action if action not in ADMINISTRATION | OWN)
_DAYS: Final = Field(name="days", form=Whole(1, 730), zh="有效天数", en="days it is valid")
_NEW: Final = (
    Field(name="client", form=_CLIENT_FORM, zh="系统名", en="name of the system"),
    Field(name="actions", form=Choice(_WORK), zh="可办事项", en="actions", many=len(_WORK)),
    Field(
        name="courts",
        form=Text(r"\*|" + VISIBLE + "{1,20}"),
        zh="法院代字；* 为全部",
        en="court codes; * for every court",
        many=500,
    ),
    _DAYS,
)
_NEXT: Final = (
    _DAYS,
    Field(name="overlap_days", form=Whole(0, 90), zh="旧密钥再有效几天", en="days the old key stays valid"),
)
_MADE: Final = {JSON: component("ApiKey")}
_PROBLEMS: Final = ("FIELD_NOT_ALLOWED", "ACCESS_REFUSED")

LIST: Final = Endpoint(
    method="GET",
    path="/v1/api-keys",
    zh="密钥列表，不含明文",
    en="all keys, never their text",
    action=Action.ACCOUNT_READ,
    parameters=PAGING,
    replies=(Reply(status=200, zh="一页", en="a page", content={JSON: page_schema(component("ApiKey"))}),),
)
CREATE: Final = Endpoint(
    method="POST",
    path="/v1/api-keys",
    zh="签发系统的第一把密钥，经系统管理员核准后生效；明文只显示这一次",
    en="make the first key of a system, valid once the system administrator approves; it is shown this once",
    action=Action.KEY_MANAGE,
    body=Body(schema=document_schema(_NEW), most_bytes=16_384),
    replies=(Reply(status=201, zh="已签发", en="made", content=_MADE),),
    problems=_PROBLEMS,
)
ROTATE: Final = Endpoint(
    method="POST",
    path="/v1/systems/{client}/api-keys",
    zh="签发第二把同范围的密钥，核准后生效，旧密钥随后到期自停",
    en="make a second key of the same scope; once it is approved the old one ends by itself",
    action=Action.KEY_MANAGE,
    parameters=(_CLIENT,),
    body=Body(schema=document_schema(_NEXT), most_bytes=4096),
    replies=(Reply(status=201, zh="已签发", en="made", content=_MADE),),
    problems=_PROBLEMS,
)
APPROVE: Final = Endpoint(
    method="POST",
    path="/v1/api-keys/{id}:approve",
    zh="核准一把密钥，自此生效",
    en="approve a key; it is valid from now on",
    action=Action.KEY_APPROVE,
    parameters=(_ID,),
    replies=(Reply(status=204, zh="已核准", en="approved"),),
    problems=("ACCESS_REFUSED",),
)
REVOKE: Final = Endpoint(
    method="POST",
    path="/v1/api-keys/{id}:revoke",
    zh="立即停用一把密钥",
    en="end a key at once",
    action=Action.KEY_MANAGE,
    parameters=(_ID,),
    replies=(Reply(status=204, zh="已停用", en="ended"),),
)


async def list_keys(request: Request) -> Response:
    """GET /v1/api-keys."""
    keys, seal = _keys(request), _keys(request).records.keys.page
    page = page_of(request, seal)
    begin = tuple(str(part) for part in page.after) if page.after else ()
    rows = sorted(await office_of(request).reception.run(keys.every), key=_place)
    left = [row for row in rows if _place(row) > begin]
    shown, now = left[: page.size], keys.clock()
    after = _place(shown[-1]) if len(left) > len(shown) else None
    items = [_shown(row, now) for row in shown]
    return paged(request, items, after=after, seal=seal)


async def create_key(request: Request) -> Response:
    """POST /v1/api-keys."""
    values = fields_of(document_of(request), _NEW)
    codes = _words(values["courts"])
    courts = Courts(None if "*" in codes else frozenset(codes))
    actions = frozenset(Action(word) for word in _words(values["actions"]))
    origin, lasts = answers.origin_of(request.scope), timedelta(days=int(str(values["days"])))

    def create() -> Made:
        scope = Scope(actions=actions, courts=courts, lasts=lasts)
        return _keys(request).create(str(values["client"]), scope, origin=origin)

    return await _made(request, create)


async def rotate_key(request: Request) -> Response:
    """POST /v1/systems/{client}/api-keys."""
    values = {name: timedelta(days=int(str(days))) for name, days in fields_of(document_of(request), _NEXT).items()}
    client, origin = str(values_in(request)["client"]), answers.origin_of(request.scope)
    return await _made(
        request,
        lambda: _keys(request).rotate(client, lasts=values["days"], overlap=values["overlap_days"], origin=origin),
    )


async def approve_key(request: Request) -> Response:
    """POST /v1/api-keys/{id}:approve."""
    key_id, origin = str(values_in(request)["id"]), answers.origin_of(request.scope)
    await office_of(request).reception.run(lambda: _keys(request).approve(key_id, origin=origin))
    return Response(status_code=204)


async def revoke_key(request: Request) -> Response:
    """POST /v1/api-keys/{id}:revoke."""
    key_id, origin = str(values_in(request)["id"]), answers.origin_of(request.scope)
    await office_of(request).reception.run(lambda: _keys(request).revoke(key_id, origin=origin))
    return Response(status_code=204)


async def _made(request: Request, work: Callable[[], Made]) -> Response:
    made = await office_of(request).reception.run(work)
    body = written({**_shown(made.row, _keys(request).clock()), "key": made.text})
    return Response(body, 201, headers={"Content-Language": "zh-CN"}, media_type=JSON)


def _shown(row: KeyRow, now: datetime) -> dict[str, object]:
    courts = Courts.read(row.courts)
    return {
        "id": row.id,
        "client": row.client,
        "state": row.state(now),
        "actions": row.actions.split(","),
        "courts": ["*"] if courts.codes is None else sorted(courts.codes),
        "created_at": row.created_at,
        "created_by": row.created_by,
        "approved_at": row.approved_at,
        "approved_by": row.approved_by,
        "expires_at": row.expires_at,
        "last_used_on": row.last_used_on,
    }


def _place(row: KeyRow) -> tuple[str, ...]:
    return (row.client, row.created_at, row.id)


def _keys(request: Request) -> ApiKeys:
    return office_of(request).reception.staff.api_keys


def _words(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []


ROUTES: Final[Routes] = {
    LIST: list_keys,
    CREATE: create_key,
    ROTATE: rotate_key,
    APPROVE: approve_key,
    REVOKE: revoke_key,
}
