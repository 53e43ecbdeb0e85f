"""Logging in through the court's own log-in service: only who is linked, and only what really comes from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select

from features.clock import SHANGHAI
from serving.door.admission import Admission
from serving.door.guard import Guard
from serving.door.head import Door
from serving.identity.opening import open_reception, sign_on_of
from serving.office import Office, hand_over
from serving.routes.table import TABLE, rest_app
from serving.settings import Settings, SettingsError
from serving.store.tables import audit
from tests.builders_identity import GOOD, judge_of
from tests.builders_oidc import CLIENT, SECRET, Provider, provider
from tests.builders_serving import KEYS, ORIGIN, POLICY, ROOMY, office_in

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def there() -> Iterator[Provider]:
    """Return a log-in service."""
    with provider() as found:
        yield found


def now() -> datetime:
    """Return the present instant: tokens of the service are of today."""
    return datetime.now(SHANGHAI)


def settings_for(there: Provider, folder: Path) -> Settings:
    """Return settings that name the service."""
    secret = folder / "secret"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    secret.chmod(0o600)
    return Settings(
        oidc_issuer=there.issuer, oidc_client_id=CLIENT, oidc_secret_file=secret, oidc_base_url="http://127.0.0.1"
    )


@pytest.fixture
def office(there: Provider, tmp_path: Path) -> Office:
    """Return an office with one judge who is linked to the service, and one who is not."""
    found = office_in(tmp_path)
    store = found.desk._decider.records.store
    sign_on = sign_on_of(settings_for(there, tmp_path), KEYS, clock=now)
    reception = open_reception(store, KEYS, policy=POLICY, clock=now, sign_on=sign_on)
    reception.staff.accounts.create(judge_of(external_id=there.person), origin=ORIGIN)
    reception.staff.accounts.create(judge_of(name="wang"), origin=ORIGIN, password=GOOD)
    return replace(found, reception=reception)


@asynccontextmanager
async def browser(office: Office) -> Any:
    """Yield a client that keeps cookies and speaks to the office's service."""
    app = rest_app()
    hand_over(app, office)
    guarded = Guard(app, Door.of(Settings()), TABLE, Admission(office.reception.porter, ROOMY))
    transport = httpx.ASGITransport(guarded, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as caller:
        yield caller


async def come_back(
    caller: httpx.AsyncClient, change: Callable[[str], str] = lambda address: address
) -> httpx.Response:
    """Go to the service and come back by the address it gives, changed on the way."""
    away = await caller.get("/login/oidc")
    assert away.status_code == 303, away.text
    async with httpx.AsyncClient(trust_env=False) as outside:
        back = (await outside.get(away.headers["location"])).headers["location"]
    return await caller.get(change(back))


def noted(office: Office) -> list[tuple[str, str]]:
    """Return outcome and reason of every log-in on record."""
    query = select(audit.c.outcome, audit.c.detail).where(audit.c.action == "session.create").order_by(audit.c.seq)
    rows = office.desk._decider.records.store.read(lambda connection: connection.execute(query).all())
    return [(row.outcome, row.detail) for row in rows]


async def test_who_is_linked_comes_in(office: Office) -> None:
    """By a page that leads on, with the same kind of session as after a password."""
    async with browser(office) as caller:
        answer = await come_back(caller)
        assert (answer.status_code, 'http-equiv="refresh"' in answer.text) == (200, True)
        shown = (await caller.get("/v1/sessions/current")).json()
    assert (shown["account"], shown["must_change_password"]) == ("li.ming", False)
    assert [outcome for outcome, _ in noted(office)] == ["done"]


async def test_the_page_offers_the_way(office: Office) -> None:
    """A link beside the form."""
    async with browser(office) as caller:
        assert 'href="/login/oidc"' in (await caller.get("/login")).text


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "http://127.0.0.1:1"}, "another client": {"aud": "another"},
    "several clients, none of them named": {"aud": [CLIENT, "another"]},
    "made for another": {"aud": [CLIENT, "another"], "azp": "another"}, "azp of another": {"azp": "another"},
    "over": {"exp": 1}, "without an end": {"exp": None}, "another log-in": {"nonce": "another"},
    "no nonce": {"nonce": None}, "nobody": {"sub": None}, "a number, no text": {"sub": 7}, "empty": {"sub": ""},
    "not born yet": {"nbf": 99_999_999_999}, "without a beginning": {"iat": None},
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_lies_lets_nobody_in(office: Office, there: Provider, lie: str) -> None:
    """401 as a page, no session, and the trail says why."""
    there.lies = LIES[lie]
    async with browser(office) as caller:
        answer = await come_back(caller)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
        assert (await caller.get("/v1/sessions/current")).status_code == 401
    assert [outcome for outcome, _ in noted(office)] == ["failed"]


@pytest.mark.parametrize("forgery", ["another key", "no signature", "the public key as a secret"])
async def test_a_token_that_the_service_did_not_sign_lets_nobody_in(
    office: Office, there: Provider, forgery: str
) -> None:
    """Whatever its header says of how to check it."""
    if forgery == "another key":
        there.signed_with = RSAKey.generate_key(2048, {"kid": "one"})
    elif forgery == "no signature":
        there.header = {"alg": "none"}
    else:
        there.forger = True
    async with browser(office) as caller:
        assert (await come_back(caller)).status_code == 401


@pytest.mark.parametrize("change", [
    lambda address: address.replace("state=", "state=x"), lambda address: address.replace("code=", "code=x"),
    lambda address: address.split("&state")[0], lambda address: address.replace("iss=http", "iss=https"),
    lambda address: address.split("?")[0] + "?error=access_denied&state=x", lambda address: address.split("?")[0],
])  # fmt: skip
async def test_a_way_back_that_was_changed_leads_nowhere(office: Office, change: Callable[[str], str]) -> None:
    """Another state, another code, another issuer, a refusal there, nothing at all."""
    async with browser(office) as caller:
        assert (await come_back(caller, change)).status_code == 401


async def test_the_way_back_of_somebody_else_leads_nowhere(office: Office) -> None:
    """Without the note that was handed over before, and with the note of another log-in."""
    async with browser(office) as one, browser(office) as other:
        away = await one.get("/login/oidc")
        async with httpx.AsyncClient(trust_env=False) as outside:
            back = (await outside.get(away.headers["location"])).headers["location"]
        assert (await other.get(back)).status_code == 401
        await other.get("/login/oidc")
        assert (await other.get(back)).status_code == 401
        assert (await one.get(back)).status_code == 200
        assert (await one.get(back)).status_code == 401


async def test_who_is_not_linked_gets_no_account(office: Office, there: Provider) -> None:
    """Nobody comes in, nobody is made; a closed account stays closed."""
    there.person = "somebody else"
    async with browser(office) as caller:
        assert (await come_back(caller)).status_code == 401
        there.person = "7c1e0f0a"
        office.reception.staff.accounts.disable("li.ming", origin=ORIGIN)
        assert (await come_back(caller)).status_code == 401
    assert len(office.reception.staff.accounts.every()) == 2
    assert all("no_account" in detail for _, detail in noted(office))


async def test_a_service_that_changes_its_keys_is_asked_again(office: Office, there: Provider) -> None:
    """And otherwise not: what it says of itself is kept for an hour."""
    async with browser(office) as caller:
        assert (await come_back(caller)).status_code == 200
        assert (await come_back(caller)).status_code == 200
        assert there.calls.count("/jwks") == 1
        there.change_key()
        assert (await come_back(caller)).status_code == 200
        assert there.calls.count("/jwks") == 2


async def test_a_service_that_is_away_is_told_so(office: Office, there: Provider, tmp_path: Path) -> None:
    """503 with a way out: name and password."""
    gone = replace(settings_for(there, tmp_path), oidc_issuer="http://127.0.0.1:9")
    sign_on = sign_on_of(gone, KEYS, clock=now)
    store = office.desk._decider.records.store
    away = replace(office, reception=open_reception(store, KEYS, policy=POLICY, clock=now, sign_on=sign_on))
    async with browser(away) as caller:
        answer = await caller.get("/login/oidc")
    assert (answer.status_code, answer.json()["code"]) == (503, "SIGN_ON_UNAVAILABLE")


async def test_a_note_is_good_for_ten_minutes(office: Office, there: Provider, tmp_path: Path) -> None:
    """Who comes back later begins again."""
    late = [now()]
    sign_on = sign_on_of(settings_for(there, tmp_path), KEYS, clock=lambda: late[0])
    store = office.desk._decider.records.store
    slow = replace(office, reception=open_reception(store, KEYS, policy=POLICY, clock=now, sign_on=sign_on))
    async with browser(slow) as caller:

        def wait(address: str) -> str:
            late[0] += timedelta(minutes=11)
            return address

        assert (await come_back(caller, wait)).status_code == 401


@pytest.mark.parametrize("path", ["/login/oidc", "/login/oidc/callback?code=x&state=y"])
async def test_without_a_service_there_is_no_such_address(tmp_path: Path, path: str) -> None:
    """Off unless the court names one."""
    async with browser(office_in(tmp_path)) as caller:
        assert (await caller.get(path)).status_code == 404


@pytest.mark.parametrize(("changes", "named"), [
    ({"oidc_issuer": "http://sso.court"}, "OIDC_ISSUER"), ({"oidc_base_url": ""}, "OIDC_BASE_URL"),
    ({"oidc_base_url": "https://fenliu.court/x"}, "OIDC_BASE_URL"), ({"oidc_client_id": ""}, "OIDC_CLIENT_ID"),
    ({"oidc_issuer": "https://sso.court?x=1"}, "OIDC_ISSUER"),
])  # fmt: skip
def test_half_a_setting_is_refused(changes: dict[str, str], named: str) -> None:
    """And so is an address that travels unencrypted."""
    whole = {"oidc_issuer": "https://sso.court", "oidc_client_id": "x", "oidc_base_url": "https://fenliu.court"}
    assert Settings(**whole)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=named):
        Settings(**{**whole, **changes})  # type: ignore[arg-type]


def test_a_secret_that_others_can_read_is_refused(there: Provider, tmp_path: Path) -> None:
    """And so is one that is not there."""
    settings = settings_for(there, tmp_path)
    assert settings.oidc_secret_file is not None
    settings.oidc_secret_file.chmod(0o644)
    with pytest.raises(SettingsError, match="0644"):
        sign_on_of(settings, KEYS, clock=now)
    settings.oidc_secret_file.unlink()
    with pytest.raises(SettingsError, match="OIDC_SECRET_FILE"):
        sign_on_of(settings, KEYS, clock=now)
