"""Accounts: the system administrator opens and closes them, the security administrator says what they may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.access.origin import Origin
from serving.access.principal import NO_COURT, Courts
from serving.access.roles import Role
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply, component
from serving.door.guard import document_of, values_in
from serving.door.parameters import VISIBLE, Choice, Parameter, Text
from serving.door.strict_json import written
from serving.identity.accounts import Accounts, Applicant, roles_of
from serving.office import office_of
from serving.repositories.accounts import AccountRow
from serving.routes.binding import Handler, Routes
from serving.routes.documents import Field, document_schema, fields_of
from serving.routes.paging import PAGING, page_of, page_schema, paged

_NAME_FORM: Final = Text("[a-z][a-z0-9._-]{1,31}")
_NAME: Final = Parameter(name="name", place="path", form=_NAME_FORM, required=True, zh="账户名", en="name")
_COURTS: Final = Field(
    name="courts",
    form=Text(r"\*|" + VISIBLE + "{1,20}"),
    zh="法院代字；* 为全部",
    en="court codes; * for every court",
    many=500,
    required=False,
)
_NEW: Final = (
    Field(name="name", form=_NAME_FORM, zh="账户名", en="name"),
    Field(name="display_name", form=Text(VISIBLE + "{1,40}"), zh="显示名", en="displayed name", required=False),
    Field(
        name="external_id",
        form=Text(r"[\x21-\x7e]{1,255}"),
        zh="统一身份认证编号",
        en="number at the court's log-in service",
        required=False,
    ),
)
_GRANT: Final = (
    Field(name="roles", form=Choice(tuple(Role)), zh="角色", en="roles", many=len(Role)),
    _COURTS,
)
_ACCOUNT: Final = {JSON: component("Account")}
_PROBLEMS: Final = ("FIELD_NOT_ALLOWED", "ACCESS_REFUSED", "NAME_TAKEN")

LIST: Final = Endpoint(
    method="GET",
    path="/v1/accounts",
    zh="账户列表",
    en="all accounts",
    action=Action.ACCOUNT_READ,
    parameters=PAGING,
    replies=(Reply(status=200, zh="一页", en="a page", content={JSON: page_schema(component("Account"))}),),
)
CREATE: Final = Endpoint(
    method="POST",
    path="/v1/accounts",
    zh="开立账户，暂无任何角色；口令只显示这一次",
    en="open an account, without any role yet; its password is shown this once",
    action=Action.ACCOUNT_MANAGE,
    body=Body(schema=document_schema(_NEW), most_bytes=4096),
    replies=(Reply(status=201, zh="已开立", en="opened", content=_ACCOUNT),),
    problems=_PROBLEMS,
)
GRANT: Final = Endpoint(
    method="PUT",
    path="/v1/accounts/{name}/roles",
    zh="授权：以所列角色与法院取代原有授权",
    en="give these roles and courts in place of what was granted before",
    action=Action.ROLE_GRANT,
    parameters=(_NAME,),
    body=Body(schema=document_schema(_GRANT), most_bytes=16_384),
    replies=(Reply(status=200, zh="已授权", en="granted", content=_ACCOUNT),),
    problems=_PROBLEMS,
)


def _step(verb: str, zh: str, en: str) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"/v1/accounts/{{name}}:{verb}",
        zh=zh,
        en=en,
        action=Action.ACCOUNT_MANAGE,
        parameters=(_NAME,),
        replies=(Reply(status=200, zh="已办", en="done", content=_ACCOUNT),),
    )


DISABLE: Final = _step("disable", "停用账户，所有会话立即结束", "close an account; every session ends at once")
ENABLE: Final = _step("enable", "重新启用账户", "open a closed account again")
UNLOCK: Final = _step("unlock", "解除登录锁定", "let a locked account try again")
RESET: Final = _step("reset-password", "重置口令，只显示这一次", "give a new password, shown this once")


async def list_accounts(request: Request) -> Response:
    """GET /v1/accounts."""
    accounts, seal = _accounts(request), _accounts(request).records.keys.page
    page = page_of(request, seal)
    begin = str(page.after[0]) if page.after else ""
    rows = [row for row in await office_of(request).reception.run(accounts.every) if row.name > begin]
    shown = rows[: page.size]
    after = (shown[-1].name,) if len(rows) > len(shown) else None
    return paged(request, [_shown(accounts, row) for row in shown], after=after, seal=seal)


async def create_account(request: Request) -> Response:
    """POST /v1/accounts."""
    values = {name: str(value) for name, value in fields_of(document_of(request), _NEW).items()}
    origin = answers.origin_of(request.scope)

    def create(accounts: Accounts, name: str, *, origin: Origin) -> str | None:
        shown, number = values.get("display_name", ""), values.get("external_id")
        applicant = Applicant(name=name, courts=NO_COURT, display_name=shown, external_id=number)
        return accounts.create(applicant, origin=origin)

    return await _answer(request, values["name"], lambda accounts, name: create(accounts, name, origin=origin), 201)


async def grant(request: Request) -> Response:
    """PUT /v1/accounts/{name}/roles."""
    values = fields_of(document_of(request), _GRANT)
    codes = _words(values.get("courts", []))
    courts = Courts(None if "*" in codes else frozenset(codes))
    roles = [Role(word) for word in _words(values["roles"])]
    origin = answers.origin_of(request.scope)
    return await _answer(request, _name(request), lambda found, name: found.grant(name, roles, courts, origin=origin))


def _by(step: Callable[..., str | None]) -> Handler:
    """Return the handler that takes this step with the account named in the path."""

    async def handler(request: Request) -> Response:
        origin = answers.origin_of(request.scope)
        return await _answer(request, _name(request), lambda accounts, name: step(accounts, name, origin=origin))

    return handler


async def _answer(
    request: Request, name: str, work: Callable[[Accounts, str], str | None], status: int = 200
) -> Response:
    """Do the work and show the account as it stands then, with a password that was made."""
    accounts = _accounts(request)

    def done() -> dict[str, object]:
        made = work(accounts, name)
        row = accounts.records.get(name)
        shown = {} if row is None else _shown(accounts, row)
        return shown if made is None else {**shown, "password": made}

    body = written(await office_of(request).reception.run(done))
    return Response(body, status, headers={"Content-Language": "zh-CN"}, media_type=JSON)


def _shown(accounts: Accounts, row: AccountRow) -> dict[str, object]:
    courts = Courts.read(row.courts)
    return {
        "name": row.name,
        "display_name": accounts.display_name(row),
        "state": "disabled" if row.disabled_at else "enabled",
        "roles": sorted(roles_of(row)),
        "courts": ["*"] if courts.codes is None else sorted(courts.codes),
        "external": row.external_id is not None,
        "must_change_password": row.must_change,
        "rights_wait": row.rights_wait,
        "created_at": row.created_at,
        "created_by": row.created_by,
    }


def _accounts(request: Request) -> Accounts:
    return office_of(request).reception.staff.accounts


def _name(request: Request) -> str:
    return str(values_in(request)["name"])


def _words(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []


ROUTES: Final[Routes] = {
    LIST: list_accounts,
    CREATE: create_account,
    GRANT: grant,
    DISABLE: _by(Accounts.disable),
    ENABLE: _by(Accounts.enable),
    UNLOCK: _by(Accounts.unlock),
    RESET: _by(Accounts.reset),
}
