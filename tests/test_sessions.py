"""Sessions over HTTP: cookies, tokens against forged calls, and the log-in page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from serving.access.roles import Role
from serving.door.admission import Admission
from serving.door.guard import Guard
from serving.door.head import Door
from serving.identity.accounts import Applicant
from serving.office import Office, hand_over
from serving.pages.problem_page import problem_page
from serving.routes.table import TABLE, rest_app
from serving.settings import Settings
from serving.store.tables import audit
from tests.builders_identity import COURT, GOOD, OPERATOR, SCOPE, judge_of
from tests.builders_serving import ORIGIN, document, office_in

pytestmark = pytest.mark.anyio

HERE = {"Origin": "http://127.0.0.1"}


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an office with one judge and no key."""
    found = office_in(tmp_path)
    found.reception.staff.accounts.create(judge_of(), origin=ORIGIN, password=GOOD, must_change=False)
    return found


def served(office: Office, **settings: Any) -> ASGIApp:
    """Return the service of an office, asking its own porter who calls."""
    app = rest_app()
    hand_over(app, office)
    door = Door.of(Settings(**settings), page_of=problem_page)
    return Guard(app, door, TABLE, Admission(office.reception.porter))


@asynccontextmanager
async def browser(app: ASGIApp, *, url: str = "http://127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client that keeps cookies as a browser does."""
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=url, headers=HERE) as caller:
        yield caller


async def logged_in(caller: httpx.AsyncClient, password: str = GOOD) -> dict[str, Any]:
    """Log in and return what the session says of itself."""
    answer = await caller.post("/v1/sessions", json={"name": "li.ming", "password": password})
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_a_log_in_hands_over_a_cookie_that_no_script_and_no_other_site_can_use(office: Office) -> None:
    """HttpOnly, SameSite=Strict, for the whole site; and the token for changes beside it."""
    async with browser(served(office)) as caller:
        answer = await caller.post("/v1/sessions", json={"name": "li.ming", "password": GOOD})
        assert answer.headers["set-cookie"].split("; ")[1:] == ["Path=/", "HttpOnly", "SameSite=Strict"]
        assert (answer.json()["account"], answer.json()["display_name"]) == ("li.ming", "李明")
        assert (answer.json()["roles"], answer.json()["courts"]) == (["judge"], ["浙1022"])
        assert (await caller.get("/v1/sessions/current")).json() == answer.json()


async def test_on_another_name_than_this_machines_the_cookie_travels_encrypted_only(office: Office) -> None:
    """Secure, and by its name bound to the host."""
    app = served(office, hosts=("fenliu.court",))
    async with browser(app, url="http://fenliu.court") as caller:
        sent = {"name": "li.ming", "password": GOOD}
        answer = await caller.post("/v1/sessions", json=sent, headers={"Origin": "http://fenliu.court"})
        assert answer.headers["set-cookie"].startswith("__Host-fenliu=")
        assert answer.headers["set-cookie"].endswith("; Secure")


async def test_a_session_reads_and_with_its_token_changes(office: Office) -> None:
    """A judge scores a case from a page."""
    async with browser(served(office)) as caller:
        shown = await logged_in(caller)
        headers = {"Idempotency-Key": "key-00000001", "X-CSRF-Token": shown["csrf_token"]}
        made = await caller.post("/v1/scores", json=document(), headers=headers)
        assert made.status_code == 201, made.text
        assert (await caller.get(made.headers["location"])).status_code == 200


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
async def test_a_change_without_the_token_is_refused(office: Office, token: str | None) -> None:
    """A page of somebody else can send the cookie, never the token."""
    async with browser(served(office)) as caller:
        await logged_in(caller)
        headers = {"Idempotency-Key": "key-00000001", **({} if token is None else {"X-CSRF-Token": token.encode()})}
        answer = await caller.post("/v1/scores", json=document(), headers=headers)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (403, "CSRF_REFUSED")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8080", "https://127.0.0.1.evil"])
@pytest.mark.parametrize("path", ["/v1/sessions", "/login", "/v1/scores"])
async def test_a_page_of_another_site_changes_nothing(office: Office, origin: str, path: str) -> None:
    """Not even a log-in: nobody is logged in as somebody else without noticing."""
    async with browser(served(office)) as caller:
        shown = await logged_in(caller)
        headers = {"Origin": origin, "X-CSRF-Token": shown["csrf_token"], "Idempotency-Key": "key-00000001"}
        answer = await caller.post(path, json={"name": "li.ming", "password": GOOD}, headers=headers)
        assert answer.status_code == 403
        assert "ORIGIN_REFUSED" in answer.text


async def test_a_token_of_one_session_is_none_of_another(office: Office) -> None:
    """Each session has its own."""
    async with browser(served(office)) as one, browser(served(office)) as other:
        first = await logged_in(one)
        second = await logged_in(other)
        assert first["csrf_token"] != second["csrf_token"]
        headers = {"X-CSRF-Token": second["csrf_token"]}
        assert (await one.delete("/v1/sessions/current", headers=headers)).status_code == 403


async def test_a_new_password_that_may_not_be_used_locks_nobody_out(office: Office) -> None:
    """Whoever knows his password and chooses badly is no guesser, however often."""
    async with browser(served(office)) as caller:
        shown = await logged_in(caller)
        for new in ("short", "Password-2026", "ｐａｓｓｗｏｒｄ-2026-A", GOOD, "Ｘ" + GOOD[1:], "abcdefghijkl"):
            sent = {"current_password": GOOD, "new_password": new}
            answer = await caller.post(
                "/v1/sessions/current:change-password", json=sent, headers={"X-CSRF-Token": shown["csrf_token"]}
            )
            assert (answer.status_code, answer.json()["code"]) == (422, "PASSWORD_WEAK"), new


async def test_logging_out_everywhere_ends_the_session_that_was_left_open_elsewhere(office: Office) -> None:
    """One at the counter was forgotten: it is over, and so is the one that asked."""
    async with browser(served(office)) as here, browser(served(office)) as counter:
        await logged_in(counter)
        shown = await logged_in(here)
        assert (await here.delete("/v1/sessions")).status_code == 403, "as any change it needs the token"
        answer = await here.delete("/v1/sessions", headers={"X-CSRF-Token": shown["csrf_token"]})
        assert (answer.status_code, "Max-Age=0" in answer.headers["set-cookie"]) == (204, True)
        for caller in (here, counter):
            assert (await caller.get("/v1/sessions/current")).status_code == 401


async def test_logging_in_again_gives_another_cookie(office: Office) -> None:
    """Whoever planted a cookie before has nothing of the session after."""
    async with browser(served(office)) as caller:
        caller.cookies.set("fenliu", "planted")
        answer = await caller.post("/v1/sessions", json={"name": "li.ming", "password": GOOD})
        assert "planted" not in answer.headers["set-cookie"]
        first = answer.headers["set-cookie"]
        second = (await caller.post("/v1/sessions", json={"name": "li.ming", "password": GOOD})).headers["set-cookie"]
        assert first != second


async def test_a_log_out_ends_the_session_for_good(office: Office) -> None:
    """The cookie is taken away, and would open nothing if it were kept."""
    async with browser(served(office)) as caller:
        shown = await logged_in(caller)
        kept = caller.cookies["fenliu"]
        answer = await caller.delete("/v1/sessions/current", headers={"X-CSRF-Token": shown["csrf_token"]})
        assert (answer.status_code, "Max-Age=0" in answer.headers["set-cookie"]) == (204, True)
        again = await caller.get("/v1/sessions/current", headers={"Cookie": f"fenliu={kept}"})
        assert (again.status_code, again.json()["code"]) == (401, "SESSION_OVER")


async def test_a_changed_password_ends_every_other_session(office: Office) -> None:
    """And the one who changed it goes on with a new one."""
    async with browser(served(office)) as here, browser(served(office)) as there:
        shown = await logged_in(here)
        await logged_in(there)
        sent = {"current_password": GOOD, "new_password": "Linping-2027-chun"}
        headers = {"X-CSRF-Token": shown["csrf_token"]}
        answer = await here.post("/v1/sessions/current:change-password", json=sent, headers=headers)
        assert answer.status_code == 201, answer.text
        assert (await here.get("/v1/sessions/current")).status_code == 200
        assert (await there.get("/v1/sessions/current")).json()["code"] == "SESSION_OVER"
        assert await logged_in(there, "Linping-2027-chun")


@pytest.mark.parametrize(("sent", "status", "code"), [
    ({"current_password": "wrong", "new_password": "Linping-2027-chun"}, 401, "LOGIN_FAILED"),
    ({"current_password": GOOD, "new_password": "short"}, 422, "PASSWORD_WEAK"),
    ({"current_password": GOOD, "new_password": GOOD}, 422, "PASSWORD_WEAK"),
    ({"current_password": GOOD}, 422, "VALIDATION_FAILED"), ({"x": "y"}, 422, "FIELD_NOT_ALLOWED"),
])  # fmt: skip
async def test_a_password_is_not_changed_by_guessing_or_into_a_weak_one(
    office: Office, sent: dict[str, str], status: int, code: str
) -> None:
    """The session goes on, the password stays."""
    async with browser(served(office)) as caller:
        shown = await logged_in(caller)
        headers = {"X-CSRF-Token": shown["csrf_token"]}
        answer = await caller.post("/v1/sessions/current:change-password", json=sent, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert await logged_in(caller)


async def test_a_password_that_must_be_changed_comes_first(office: Office) -> None:
    """Everything else answers what to do."""
    office.reception.staff.accounts.reset("li.ming", origin=ORIGIN, password=GOOD + "1")
    async with browser(served(office)) as caller:
        shown = await logged_in(caller, GOOD + "1")
        assert shown["must_change_password"]
        answer = await caller.get("/v1/models/current")
        assert (answer.status_code, answer.json()["code"]) == (403, "PASSWORD_CHANGE_REQUIRED")


async def test_every_wrong_log_in_gets_the_same_answer(office: Office) -> None:
    """Unknown name, wrong password, closed account: not one byte differs but the request's id."""
    accounts = office.reception.staff.accounts
    accounts.create(Applicant(name="closed", courts=COURT), origin=ORIGIN, password=GOOD)
    accounts.disable("closed", origin=ORIGIN)
    found = []
    async with browser(served(office)) as caller:
        for name in ("li.ming", "nobody", "closed"):
            answer = await caller.post("/v1/sessions", json={"name": name, "password": GOOD + "x"})
            found.append((answer.status_code, {**answer.json(), "request_id": ""}, answer.headers.get("set-cookie")))
    assert found == [found[0]] * 3
    assert found[0][1]["code"] == "LOGIN_FAILED"


async def test_a_locked_account_is_told_how_long(office: Office) -> None:
    """429 with Retry-After, for the right password too, and for names that are none."""
    async with browser(served(office)) as caller:
        for name in ("li.ming", "nobody"):
            for _ in range(5):
                await caller.post("/v1/sessions", json={"name": name, "password": "wrong"})
            answer = await caller.post("/v1/sessions", json={"name": name, "password": GOOD})
            assert (answer.status_code, answer.json()["code"]) == (429, "LOGIN_LOCKED")
            assert answer.headers["retry-after"] == "900"


async def test_the_page_logs_in_by_its_form(office: Office) -> None:
    """On to the first page, with the cookie; no script is needed, and none but our own is allowed."""
    async with browser(served(office)) as caller:
        page = await caller.get("/login")
        assert 'action="/login"' in page.text
        assert "<script" not in page.text
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        answer = await caller.post("/login", data={"name": "li.ming", "password": GOOD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/home")
        assert (await caller.get("/v1/sessions/current")).status_code == 200


async def test_the_page_says_what_went_wrong_and_keeps_the_name(office: Office) -> None:
    """401 as a page; what was typed as a name comes back as text, the password never."""
    async with browser(served(office)) as caller:
        answer = await caller.post("/login", data={"name": '"><b>x', "password": "secret-typed"})
        assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
        assert 'role="alert"' in answer.text
        assert "&#34;&gt;&lt;b&gt;x" in answer.text
        assert "secret-typed" not in answer.text


async def test_what_was_typed_goes_through_the_log_in(office: Office) -> None:
    """The session is over, the form is not: after logging in it is sent by one press, with the new session's token."""
    typed = {"predictions": "off", "keys": "on", "csrf_token": "0" * 64}
    async with browser(served(office)) as caller:
        over = await caller.post("/preferences", data=typed)
        assert over.status_code == 401
        kept = unescape(re.findall(r'name="kept" value="([^"]+)"', over.text)[0])
        page = await caller.post("/login", data={"name": "li.ming", "password": GOOD, "kept": kept})
        fields = {name: unescape(text) for name, text in re.findall(r'name="([^"]+)" value="([^"]*)"', page.text)}
        assert (page.status_code, fields["predictions"]) == (200, "off")
        assert (await caller.post("/preferences", data=fields)).status_code == 303
    assert office.record.preferences.off("account:li.ming")


async def test_the_largest_form_goes_through_the_log_in_too(office: Office) -> None:
    """A court's whole table of teams: nobody is kept out by what is kept for him."""
    async with browser(served(office)) as caller:
        over = await caller.post("/settings", data={"teams": "# 快执团队\n" * 5_500, "reason": "调整"})
        kept = unescape(re.findall(r'name="kept" value="([^"]+)"', over.text)[0])
        page = await caller.post("/login", data={"name": "li.ming", "password": GOOD, "kept": kept})
        assert (page.status_code, page.text.count("快执团队")) == (200, 5_500)


@pytest.mark.parametrize(
    ("path", "typed"),
    [("/password", {"current_password": GOOD, "new_password": "another-one-9"}), ("/logout", {"csrf_token": "x"})],
)
async def test_no_password_is_ever_sent_back(office: Office, path: str, typed: dict[str, str]) -> None:
    """What nobody may read is typed again."""
    async with browser(served(office)) as caller:
        over = await caller.post(path, data=typed)
        assert (over.status_code, 'name="kept"' in over.text, GOOD in over.text) == (401, False, False)


@pytest.mark.parametrize("kept", ["{}", "[]", "x", '{"address": "//evil.example", "fields": {"a": "b"}}'])
async def test_a_kept_form_leads_to_pages_of_ours_only(office: Office, kept: str) -> None:
    """Whatever somebody puts into the hidden field."""
    async with browser(served(office)) as caller:
        answer = await caller.post("/login", data={"name": "li.ming", "password": GOOD, "kept": kept})
        assert (answer.status_code, answer.headers["location"]) == (303, "/home")


@pytest.mark.parametrize("body", [b"name=a&name=b&password=c", b"name=%zz", b"name", b"\xff"])
async def test_a_form_that_can_be_read_two_ways_is_refused(office: Office, body: bytes) -> None:
    """Doubles and what cannot be decoded."""
    async with browser(served(office)) as caller:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await caller.post("/login", content=body, headers=kind)
        assert (answer.status_code, "表单无法读取" in answer.text) == (400, True)


async def test_the_page_logs_out_by_its_form_and_token(office: Office) -> None:
    """Without the token it does not."""
    async with browser(served(office)) as caller:
        shown = await logged_in(caller)
        forged = await caller.post("/logout", data={"csrf_token": "0" * 64})
        assert (forged.status_code, "页面已失效" in forged.text) == (403, True)
        answer = await caller.post("/logout", data={"csrf_token": shown["csrf_token"]})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert (await caller.get("/v1/sessions/current")).status_code == 401


async def test_a_key_has_no_session(office: Office) -> None:
    """Systems do not log in or out."""
    made = office.reception.staff.api_keys.create("intake", SCOPE, origin=OPERATOR)
    async with browser(served(office)) as caller:
        caller.headers["Authorization"] = f"Bearer {made.text}"
        assert (await caller.get("/v1/sessions/current")).status_code == 403
        answer = await caller.post("/v1/scores", json=document(), headers={"Idempotency-Key": "key-00000001"})
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "header", ["Bearer wrong", "Basic bGk6bWluZw==", "Bearer", "fk_x", "Bearer fk_00000000_" + "A" * 43]
)
async def test_a_wrong_credential_is_refused_even_beside_a_good_session(office: Office, header: str) -> None:
    """Whoever says who he is must be right; and the refusal is written down."""
    async with browser(served(office)) as caller:
        await logged_in(caller)
        answer = await caller.get("/v1/models/current", headers={"Authorization": header})
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert refusals(office) == [("model.read", "nobody:-", "GET /v1/models/current")]


async def test_what_is_not_permitted_is_written_down(office: Office) -> None:
    """Who, which action, which address."""
    office.reception.staff.accounts.grant("li.ming", [Role.AUDIT_ADMIN], COURT, origin=ORIGIN)
    async with browser(served(office)) as caller:
        await logged_in(caller)
        assert (await caller.get("/v1/scores/SCR-20261120-000001")).status_code == 403
    assert refusals(office) == [("score.read", "account:li.ming", "GET /v1/scores/{id}")]


async def test_whoever_says_nothing_leaves_no_row(office: Office) -> None:
    """Strangers cannot fill the audit trail."""
    async with browser(served(office)) as caller:
        assert (await caller.get("/v1/models/current")).status_code == 401
    assert refusals(office) == []


def refusals(office: Office) -> list[tuple[str, str, str]]:
    """Return action, actor and address of every refusal on record."""
    query = select(audit.c.action, audit.c.actor, audit.c.object_id).where(audit.c.outcome == "denied")
    store = office.reception.staff.accounts.records.store
    return [tuple(row) for row in store.read(lambda connection: connection.execute(query).all())]
