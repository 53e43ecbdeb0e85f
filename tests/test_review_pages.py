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

from serving.access.origin import Origin
from serving.access.principal import Principal
from serving.access.roles import Role
from serving.repositories.overview import OverviewStore
from serving.store.tables import audit, review_decisions
from tests.builders_pages import FORM, hidden, person, read
from tests.builders_serving import MARKER, NOW, Fixed, client, document, guarded, opened, post

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
    reason = dict(zip(*table[:2], strict=True))["请求"]
    assert "已履行" in reason
    assert not reason.startswith("=")


async def test_the_pages_are_there_in_english(court: Path) -> None:
    """List and form."""
    assert "Human reviews" in (await page(court, JUDGE, "/reviews?lang=en")).text
    assert "kept after a person" in (await page(court, JUDGE, f"{ONE}?lang=en")).text


ASKED = {
    "number": "SQ20261120-0187", "party": "debtor", "wish": "refuse", "channel": "counter", "received_on": "2026-11-18",
    "reason": "已付清 <i>", "csrf_token": CSRF,
}  # fmt: skip
TOLD = {"channel": "phone", "told_on": "2026-11-20", "csrf_token": CSRF}


async def sent(court: Path, by: Principal, path: str, fields: dict[str, str]) -> httpx.Response:
    """Send a form in."""
    async with client(seen_by(court, by)) as caller:
        return await caller.post(path, data={"key": "k" * 32, **fields}, headers=FORM)


async def test_the_counter_registers_what_a_party_asks_by_the_number_of_the_case(court: Path) -> None:
    """Sent twice it is one request, which the list, its page, the case and the trail have; 30 days from its receipt."""
    form = (await page(court, CLERK, "/reviews/new")).text
    fields = {**ASKED, "number": " sq20261120-0187 ", "key": hidden(form, "key")}
    first, again = await sent(court, CLERK, "/reviews", fields), await sent(court, CLERK, "/reviews", fields)
    assert (first.status_code, first.headers["location"]) == (303, "/reviews/REV-20261120-000002")
    assert again.headers["location"] == first.headers["location"]
    one = (await page(court, JUDGE, first.headers["location"])).text
    assert "已付清 &lt;i&gt;" in one
    assert "不接受仅由系统作出的建议，要求由人重新判断" in one
    assert "2026-12-18 28 日后到期" in read(one)
    assert "2026-11-18 收到（当面）" in read(one)
    assert "28 日后到期 2026-12-18" in read((await page(court, CLERK)).text)
    case = read((await page(court, JUDGE, "/cases/SCR-20261120-000001")).text)
    assert "被执行人申请人工复核，待答复；答复期限 2026-12-18，28 日后到期 REV-20261120-000002" in case
    assert "登记人工复核请求 REV-20261120-000002" in case


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": "SQ-9"}, "本院没有这个申请编号、案号的案件"),
        ({"number": ""}, "请填写申请编号、案号"),
        ({"wish": ""}, "请选择请求事项"),
        ({"received_on": "2026-11-21"}, "不晚于今天"),
    ],
)
async def test_a_request_that_cannot_be_registered_comes_back_as_it_was_typed(
    court: Path, change: dict[str, str], said: str
) -> None:
    """With what is wrong, and nothing is on record."""
    told = await sent(court, CLERK, "/reviews", {**ASKED, **change})
    assert (told.status_code, said in told.text) == (422, True)
    assert "已付清 &lt;i&gt;" in told.text
    assert "REV-20261120-000002" not in (await page(court, CLERK)).text


async def test_a_review_is_registered_from_its_case_within_the_court_alone(court: Path) -> None:
    """The case is named on the form; the leadership and other courts have no part in it."""
    about = "/reviews/new?advice_id=SCR-20261120-000001"
    assert "SQ20261120-0187" in (await page(court, CLERK, about)).text
    of_case = {name: text for name, text in ASKED.items() if name != "number"}
    fields = {**of_case, "advice_id": "SCR-20261120-000001"}
    assert (await sent(court, LEADER, "/reviews", fields)).status_code == 403
    elsewhere = replace(person("x.y", Role.CLERK, court="浙1021"), csrf=CSRF)
    await page(court, elsewhere, about, status=404)
    assert (await sent(court, elsewhere, "/reviews", fields)).status_code == 404
    assert (await sent(court, CLERK, "/reviews", fields)).status_code == 303


async def test_a_review_is_taken_answered_and_told_on_its_page(court: Path) -> None:
    """Each step once, by whom it is for, with its time; the trail has them all."""
    assert (await sent(court, CLERK, f"{ONE}/take", {"csrf_token": CSRF})).status_code == 403
    assert (await sent(court, JUDGE, f"{ONE}/take", {"csrf_token": CSRF})).status_code == 303
    assert "办理中：li.ming" in read((await page(court, CLERK)).text)
    early = await sent(court, CLERK, f"{ONE}/told", TOLD)
    assert (early.status_code, "办理情况已有变化" in early.text) == (409, True)
    assert (await answered(court, JUDGE)).status_code == 303
    assert "人工复核后改变，待告知" in read((await page(court, CLERK, "/reviews?state=untold")).text)
    assert OverviewStore(opened(court)).counts(origin=Origin(CLERK), at=NOW).untold == 1
    late = await sent(court, CLERK, f"{ONE}/told", {**TOLD, "told_on": "2026-11-21"})
    assert (late.status_code, "请填写告知日期" in late.text) == (422, True)
    assert (await sent(court, CLERK, f"{ONE}/told", TOLD)).status_code == 303
    done = read((await page(court, CLERK, ONE)).text)
    assert "人工复核后改变，已告知" in done
    assert "2026-11-20 已告知当事人（电话）" in done
    assert "没有人工复核的请求" in read((await page(court, CLERK, "/reviews?state=untold")).text)
    assert OverviewStore(opened(court)).counts(origin=Origin(CLERK), at=NOW).untold == 0
    acts = opened(court).read(lambda connection: connection.scalars(select(audit.c.action)).all())
    assert {"review.take", "review.tell"} <= set(acts)


async def test_of_two_judges_who_take_a_review_the_second_is_told(court: Path) -> None:
    """Whoever has not seen that it is taken does not get it; whoever has seen it may take it over."""
    held = {"csrf_token": CSRF, "key": "o" * 32}
    assert (await sent(court, JUDGE, f"{ONE}/take", {"csrf_token": CSRF})).status_code == 303
    assert (await sent(court, OTHER, f"{ONE}/take", held)).status_code == 409
    form = (await page(court, OTHER, ONE)).text
    assert "改由我办理" in form
    over = await sent(court, OTHER, f"{ONE}/take", {**held, "held_by": hidden(form, "held_by")})
    assert over.status_code == 303
    assert "办理中：sun.yan" in read((await page(court, CLERK)).text)


async def test_pages_of_a_court_with_a_simulated_model_say_so(court: Path) -> None:
    """As the description of the model in use says; on the list, on a request and on the form."""
    told = Fixed(descriptions={"/v1/models/current": lambda: b'{"notice": "simulated"}'})
    async with client(guarded(court, principal=CLERK, shown=lambda: told)) as caller:
        for path in ("/reviews", ONE, "/reviews/new"):
            assert "模拟数据，不得用于办案" in (await caller.get(path)).text
    assert "模拟数据" not in (await page(court, CLERK)).text
