"""Administration over HTTP: three administrators, none of whom can do the work of another or look at a case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from serving.access.principal import NO_COURT
from serving.access.roles import Role
from serving.door.admission import Admission
from serving.door.guard import Guard
from serving.door.head import Door
from serving.identity.accounts import Applicant
from serving.office import Office, hand_over
from serving.routes.table import TABLE, rest_app
from serving.settings import Settings
from tests.builders_identity import GOOD, judge_of
from tests.builders_serving import ORIGIN, ROOMY, document, office_in

pytestmark = pytest.mark.anyio

ADMINISTRATORS = {"sys": Role.SYSTEM_ADMIN, "sec": Role.SECURITY_ADMIN, "aud": Role.AUDIT_ADMIN}


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an office with three administrators and a judge, all with the same password."""
    found = office_in(tmp_path)
    accounts = found.reception.staff.accounts
    for name, role in ADMINISTRATORS.items():
        person = Applicant(name=name, roles=frozenset({role}), courts=NO_COURT)
        accounts.create(person, origin=ORIGIN, password=GOOD, must_change=False)
    accounts.create(judge_of(), origin=ORIGIN, password=GOOD, must_change=False)
    return found


def served(office: Office) -> ASGIApp:
    """Return the service of an office."""
    app = rest_app()
    hand_over(app, office)
    return Guard(app, Door.of(Settings()), TABLE, Admission(office.reception.porter, ROOMY))


@asynccontextmanager
async def at_work(office: Office, name: str, password: str = GOOD) -> AsyncIterator[httpx.AsyncClient]:
    """Yield the browser of somebody who has logged in and sends the token with every change."""
    transport = httpx.ASGITransport(served(office), client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as caller:
        answer = await caller.post("/v1/sessions", json={"name": name, "password": password})
        assert answer.status_code == 201, answer.text
        caller.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        yield caller


WORK: list[tuple[str, str, str, Any]] = [
    ("sys", "POST", "/v1/accounts", {"name": "wang"}), ("sys", "POST", "/v1/accounts/li.ming:disable", None),
    ("sys", "POST", "/v1/accounts/li.ming:enable", None), ("sys", "POST", "/v1/accounts/li.ming:unlock", None),
    ("sys", "POST", "/v1/accounts/li.ming:reset-password", None),
    ("sec", "PUT", "/v1/accounts/li.ming/roles", {"roles": ["clerk"], "courts": ["浙1022"]}),
    ("sys", "POST", "/v1/api-keys/7f31c2a0:approve", None),
    ("sec", "POST", "/v1/api-keys", {"client": "in", "actions": ["score.create"], "courts": ["*"], "days": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "method", "path", "sent"), WORK)
async def test_the_work_of_one_administrator_is_nobody_elses(
    office: Office, name: str, method: str, path: str, sent: Any
) -> None:
    """The right one may; the other two and the judge get 403."""
    for who in (*(other for other in ADMINISTRATORS if other != name), "li.ming", name):
        async with at_work(office, who) as caller:
            answer = await caller.request(method, path, json=sent)
        allowed = answer.status_code < 300 or answer.json()["code"] == "NOT_FOUND"
        assert allowed == (who == name), (who, answer.text)
        assert who == name or answer.json()["code"] == "PERMISSION_DENIED"


@pytest.mark.parametrize("name", ADMINISTRATORS)
async def test_no_administrator_sees_or_scores_a_case(office: Office, name: str) -> None:
    """Neither a record nor a preview."""
    async with at_work(office, name) as caller:
        headers = {"Idempotency-Key": "key-00000001"}
        assert (await caller.post("/v1/scores", json=document(), headers=headers)).status_code == 403
        assert (await caller.post("/v1/scores:preview", json=document())).status_code == 403
        assert (await caller.get("/v1/scores/SCR-20261120-000001")).status_code == 403
        assert (await caller.get("/v1/scores")).status_code == 403


CLERK = {"roles": ["clerk"], "courts": ["浙1022"]}
OWN = "Qiantang-2026-chao"


async def test_an_account_begins_without_rights_and_gets_them_once_its_password_is_its_holders(office: Office) -> None:
    """Opened by the system administrator, password changed by its owner, granted by the security administrator."""
    async with at_work(office, "sys") as caller:
        made = (await caller.post("/v1/accounts", json={"name": "wang", "display_name": "王芳"})).json()
    assert (made["roles"], made["display_name"], made["must_change_password"]) == ([], "王芳", True)
    async with at_work(office, "sec") as caller:
        assert (await caller.put("/v1/accounts/wang/roles", json=CLERK)).json()["code"] == "ACCESS_REFUSED"
    async with at_work(office, "wang", made["password"]) as caller:
        answer = await caller.post("/v1/scores:preview", json=document())
        assert answer.json()["code"] == "PASSWORD_CHANGE_REQUIRED"
        changed = await changed_password(caller, made["password"])
        assert (changed["must_change_password"], changed["roles"]) == (False, [])
    async with at_work(office, "sec") as caller:
        granted = (await caller.put("/v1/accounts/wang/roles", json=CLERK)).json()
    assert (granted["roles"], granted["courts"], "password" in granted) == (["clerk"], ["浙1022"], False)
    async with at_work(office, "wang", OWN) as caller:
        assert (await caller.post("/v1/scores:preview", json=document())).status_code == 200


async def changed_password(caller: httpx.AsyncClient, now_used: str) -> dict[str, Any]:
    """Change one's own password, and return the session that was opened with it."""
    sent = {"current_password": now_used, "new_password": OWN}
    answer = await caller.post("/v1/sessions/current:change-password", json=sent)
    caller.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.mark.parametrize(("victim", "path"), [
    ("li.ming", "/v1/scores"), ("sec", "/v1/accounts"), ("aud", "/v1/audit-events"),
])  # fmt: skip
async def test_a_reset_password_opens_nothing_before_another_administrator_says_so(
    office: Office, victim: str, path: str
) -> None:
    """The system administrator knows the password he has set; he becomes neither judge nor another administrator."""
    async with at_work(office, "sys") as caller:
        password = (await caller.post(f"/v1/accounts/{victim}:reset-password")).json()["password"]
    async with at_work(office, victim, password) as caller:
        assert (await changed_password(caller, password))["actions"] == ["session.own"]
        answer = await caller.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "RIGHTS_TO_CONFIRM")


async def test_rights_come_back_when_they_are_granted_again(office: Office) -> None:
    """The same roles, by whoever grants roles."""
    async with at_work(office, "sys") as caller:
        password = (await caller.post("/v1/accounts/li.ming:reset-password")).json()["password"]
    async with at_work(office, "li.ming", password) as caller:
        await changed_password(caller, password)
    async with at_work(office, "sec") as caller:
        assert (await caller.put("/v1/accounts/li.ming/roles", json=CLERK)).json()["rights_wait"] is False
    async with at_work(office, "li.ming", OWN) as caller:
        assert (await caller.post("/v1/scores:preview", json=document())).status_code == 200


async def test_nobody_grants_rights_to_himself(office: Office) -> None:
    """Not even to become less."""
    async with at_work(office, "sec") as caller:
        answer = await caller.put("/v1/accounts/sec/roles", json={"roles": ["judge"], "courts": ["浙1022"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "ACCESS_REFUSED")
    assert "不得给自己授权" in answer.json()["detail"]


@pytest.mark.parametrize(("path", "sent", "status", "code"), [
    ("/v1/accounts/nobody/roles", {"roles": ["judge"]}, 404, "NOT_FOUND"),
    ("/v1/accounts/li.ming/roles", {"roles": ["judge", "audit_admin"]}, 422, "ACCESS_REFUSED"),
    ("/v1/accounts/li.ming/roles", {"roles": ["king"]}, 422, "VALIDATION_FAILED"),
    ("/v1/accounts/li.ming/roles", {"roles": ["judge", "judge"]}, 422, "VALIDATION_FAILED"),
    ("/v1/accounts/li.ming/roles", {"roles": "judge"}, 422, "VALIDATION_FAILED"),
])  # fmt: skip
async def test_what_cannot_be_granted_is_refused(
    office: Office, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    """With the reason, and nothing is changed."""
    async with at_work(office, "sec") as caller:
        answer = await caller.put(path, json=sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_accounts_are_listed_page_by_page(office: Office) -> None:
    """Without passwords, each once."""
    found = []
    async with at_work(office, "aud") as caller:
        assert (await caller.get("/v1/accounts")).status_code == 403
    async with at_work(office, "sec") as caller:
        path = "/v1/accounts?page_size=2"
        while path:
            answer = await caller.get(path)
            found += answer.json()["items"]
            path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert [one["name"] for one in found] == ["aud", "li.ming", "sec", "sys"]
    assert not any("password" in one for one in found)


KEY = {"client": "intake", "actions": ["score.create"], "courts": ["浙1022"], "days": 30}


async def test_a_key_opens_nothing_before_another_administrator_has_approved_it(office: Office) -> None:
    """Who makes keys could read cases with one of his own; so could whoever changes one over."""
    keys = office.reception.staff.api_keys
    async with at_work(office, "sec") as security, at_work(office, "sys") as system:
        first = (await security.post("/v1/api-keys", json=KEY)).json()
        assert (first["state"], keys.recognise(first["key"])) == ("waiting", None)
        assert (await security.post(f"/v1/api-keys/{first['id']}:approve")).status_code == 403
        assert (await system.post(f"/v1/api-keys/{first['id']}:approve")).status_code == 204
        second = (await security.post("/v1/systems/intake/api-keys", json={"days": 30, "overlap_days": 0})).json()
        assert keys.recognise(first["key"]), "until the new one is approved the old one goes on"
        assert keys.recognise(second["key"]) is None
        assert (await system.post(f"/v1/api-keys/{second['id']}:approve")).status_code == 204
        assert (await system.post(f"/v1/api-keys/{second['id']}:approve")).status_code == 404
    assert (keys.recognise(first["key"]), keys.recognise(second["key"]) is None) == (None, False)


async def test_nobody_approves_a_key_that_he_made_himself(office: Office) -> None:
    """Not even after he has changed his office."""
    async with at_work(office, "sec") as caller:
        made = (await caller.post("/v1/api-keys", json=KEY)).json()
    office.reception.staff.accounts.grant("sec", [Role.SYSTEM_ADMIN], NO_COURT, origin=ORIGIN)
    async with at_work(office, "sec") as caller:
        answer = await caller.post(f"/v1/api-keys/{made['id']}:approve")
    assert (answer.status_code, answer.json()["code"]) == (422, "ACCESS_REFUSED")


async def test_a_key_is_shown_once_changed_over_and_ended(office: Office) -> None:
    """The list never holds its text."""
    async with at_work(office, "sec") as caller, at_work(office, "sys") as system:
        first = (await caller.post("/v1/api-keys", json=KEY)).json()
        assert (await caller.post("/v1/api-keys", json=KEY)).json()["code"] == "ACCESS_REFUSED"
        assert (await system.post(f"/v1/api-keys/{first['id']}:approve")).status_code == 204
        second = (await caller.post("/v1/systems/intake/api-keys", json={"days": 30, "overlap_days": 7})).json()
        assert (await system.post(f"/v1/api-keys/{second['id']}:approve")).status_code == 204
        assert (await caller.post(f"/v1/api-keys/{first['id']}:revoke")).status_code == 204
        assert (await caller.post("/v1/api-keys/00000000:revoke")).status_code == 404
        listed = (await system.get("/v1/api-keys")).json()["items"]
    assert {one["id"]: one["state"] for one in listed} == {first["id"]: "revoked", second["id"]: "valid"}
    assert not any("key" in one for one in listed)
    keys = office.reception.staff.api_keys
    assert keys.recognise(first["key"]) is None
    assert keys.recognise(second["key"]) is not None


async def test_no_key_is_made_for_administration(office: Office) -> None:
    """The schema does not even offer it."""
    async with at_work(office, "sec") as caller:
        sent = {"client": "intake", "actions": ["audit.read"], "courts": ["*"], "days": 30}
        answer = await caller.post("/v1/api-keys", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")
