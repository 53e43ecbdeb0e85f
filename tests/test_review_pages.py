"""The pages of human reviews: the list of a court, one request, an answer once, and texts that stay texts."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from serving.access.principal import Principal
from serving.access.roles import Role
from serving.store.tables import audit, review_decisions
from tests.builders_pages import FORM, hidden, person, read
from tests.builders_serving import MARKER, client, document, guarded, opened, post

pytestmark = pytest.mark.anyio
CSRF = "t" * 16
JUDGE, OTHER, CLERK, LEADER = (
    replace(person(name, role), csrf=CSRF)
    for name, role in (
        ("li.ming", Role.JUDGE),
        ("sun.yan", Role.JUDGE),
        ("wang", Role.CLERK),
        ("zhao.ying", Role.LEADERSHIP),
    )
)
REASON = "=1+1 <b>已履行</b>，电话 13812345678"
ONE = "/reviews/REV-20261120-000001"
ANSWER = {"outcome": "changed", "reasons": "收据属实 <i>", "csrf_token": CSRF}


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
async def court(tmp_path: Path) -> Path:
    """Return a court with one request that waits."""
    app = guarded(tmp_path)
    assert (await post(app, document(case={"id_token": MARKER}))).status_code == 201
    body = {"advice_id": "SCR-20261120-000001", "party": "debtor", "reason": REASON}
    assert (await post(app, body, path="/v1/reviews", headers={"Idempotency-Key": "key-00000100"})).status_code == 201
    return tmp_path


def seen_by(court: Path, principal: Principal) -> ASGIApp:
    """Return the service as somebody sees it."""
    return guarded(court, principal=principal)


async def page(court: Path, by: Principal, path: str = "/reviews", status: int = 200) -> httpx.Response:
    """Open a page."""
    async with client(seen_by(court, by)) as caller:
        found = await caller.get(path)
    assert found.status_code == status, found.text
    return found


async def answered(court: Path, by: Principal, **changes: str) -> httpx.Response:
    """Send the form of the answer with the key that its page carried."""
    async with client(seen_by(court, by)) as caller:
        form = await caller.get(ONE)
        key = hidden(form.text, "key") if 'name="key"' in form.text else "k" * 32
        return await caller.post(ONE, data={**ANSWER, "key": key, **changes}, headers=FORM)


async def test_a_request_is_listed_opened_and_answered(court: Path) -> None:
    """In the list with numbers masked, on its page as written, and with its answer once there is one."""
    listed = (await page(court, JUDGE, "/reviews?state=open")).text
    assert "&lt;b&gt;已履行" in listed
    assert "13812345678" not in listed
    one = (await page(court, JUDGE, ONE)).text
    assert "13812345678" in one
    assert "checked" not in one
    assert (await answered(court, JUDGE)).status_code == 303
    done = (await page(court, CLERK, ONE)).text
    assert "人工复核后改变 li.ming" in read(done)
    assert "收据属实 &lt;i&gt;" in done
    assert "没有人工复核的请求" in read((await page(court, JUDGE, "/reviews?state=open")).text)


async def test_every_look_and_the_answer_are_on_the_trail(court: Path) -> None:
    """Who listed, who read, who answered."""
    await page(court, JUDGE)
    await answered(court, JUDGE)
    query = select(audit.c.action).where(audit.c.actor == JUDGE.actor).order_by(audit.c.seq)
    found = opened(court).read(lambda connection: connection.scalars(query).all())
    assert list(found) == ["review.list", "review.read", "review.decide"]


async def test_who_may_not_answer_sees_no_form_and_who_may_not_see_nothing(court: Path) -> None:
    """The counter reads and does not answer; the leadership has no part in it; another court has no such request."""
    assert "<textarea" not in (await page(court, CLERK, ONE)).text
    assert (await answered(court, CLERK)).status_code == 403
    await page(court, LEADER, status=403)
    elsewhere = person("x.y", Role.JUDGE, court="浙1021")
    await page(court, elsewhere, ONE, status=404)
    assert "没有人工复核的请求" in (await page(court, elsewhere)).text


@pytest.mark.parametrize(
    ("change", "said"),
    [({"outcome": ""}, "请选择复核结论"), ({"reasons": ""}, "请写明复核理由"), ({"outcome": "x"}, "请选择")],
)
async def test_an_incomplete_answer_comes_back_with_what_was_written(
    court: Path, change: dict[str, str], said: str
) -> None:
    """Nothing is on record."""
    told = await answered(court, JUDGE, **change)
    assert (told.status_code, said in told.text) == (422, True)
    assert "reasons" in change or "收据属实" in told.text
    assert opened(court).read(lambda connection: connection.execute(select(review_decisions)).all()) == []


async def test_of_two_answers_the_second_is_told_and_keeps_its_words(court: Path) -> None:
    """What the other judge answered is shown, and what was written beside it."""
    assert (await answered(court, JUDGE)).status_code == 303
    told = await answered(court, OTHER, outcome="kept", reasons="维持原建议")
    assert told.status_code == 409
    assert "他人已经答复" in told.text
    assert "维持原建议" in told.text
    assert "人工复核后改变 li.ming" in read(told.text)


async def test_the_list_is_there_for_programs(court: Path) -> None:
    """As JSON in pages, and as CSV in which no text is a formula."""
    items = (await page(court, JUDGE, "/reviews.json?state=open&page_size=1")).json()["items"]
    assert [(one["id"], one["party"]) for one in items] == [("REV-20261120-000001", "debtor")]
    table = list(csv.reader(io.StringIO((await page(court, JUDGE, "/reviews.csv")).text.lstrip("\ufeff"))))
    assert table[1][0] == "REV-20261120-000001"
    assert not table[1][6].startswith("=")
    assert "已履行" in table[1][6]


async def test_the_pages_are_there_in_english(court: Path) -> None:
    """List and form."""
    assert "Human reviews" in (await page(court, JUDGE, "/reviews?lang=en")).text
    assert "kept after a person" in (await page(court, JUDGE, f"{ONE}?lang=en")).text
