"""The intake form: what the clerk fills in is scored and on record once, and what is wrong is said beside its field."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path

import httpx
import pytest

from serving.access.principal import PRINCIPAL
from serving.access.roles import Role
from serving.door.guard import DOCUMENT
from serving.door.outgoing import VISIT, Visit
from serving.door.problems import ProblemError
from serving.model_life.standing import Standing
from serving.pages.problem_page import problem_page
from serving.repositories.queue import Sought
from tests.builders_case import NOW
from tests.builders_pages import Courthouse, hidden, person, read, standing_in
from tests.builders_replay import OPERATOR
from tests.builders_serving import client, opened

pytestmark = pytest.mark.anyio

ZHANG = person("zhang.wei", Role.CLERK)
FILLED = {
    "application_id": "SQ20261120-0187", "court_code": "浙1022", "basis_no": "(2025)浙1022民初3321号",
    "basis_type": "judgment", "basis_effective_date": "2025-07-30", "due_date": "2025-08-14", "cause_code": "126",
    "applicant_type": "enterprise", "debtor_type": "person", "claim_amount": "38600.00", "consent_urge": "agree",
    "phone_provided": "true", "preserved": "", "n_debtors": "1",
}  # fmt: skip


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Return rules to answer with."""
    return standing_in(tmp_path_factory.mktemp("rules"), model=False)


@pytest.fixture
def court(tmp_path: Path, rules: Standing) -> Courthouse:
    """Return a court that answers by rules."""
    return Courthouse(tmp_path, opened(tmp_path), rules)


async def form_of(court: Courthouse) -> dict[str, str]:
    """Open the form and return what it carries unseen."""
    async with client(court.app(ZHANG)) as caller:
        page = (await caller.get("/intake/new")).text
    return {"csrf_token": "", **{name: hidden(page, name) for name in ("key", "opened")}}


async def sent(court: Courthouse, **fields: str) -> httpx.Response:
    """Send in the form."""
    async with client(court.app(ZHANG)) as caller:
        return await caller.post("/intake/new", data=fields)


async def test_a_registration_is_scored_and_leads_to_its_receipt(court: Courthouse) -> None:
    """The case waits in the queue; what was left empty is unknown, not `no`."""
    answer = await sent(court, **FILLED, **await form_of(court))
    assert answer.status_code == 303
    (row,) = court.office().record.queue.page(Sought(), origin=OPERATOR).rows
    assert answer.headers["location"] == f"/cases/{row['advice_id']}/receipt"
    facts = court.office().record.case_files.open(row["advice_id"], origin=OPERATOR).facts
    assert (facts["phone_provided"], facts["n_debtors"], "preserved" in facts) == (True, 1, False)
    async with client(court.app(ZHANG)) as caller:
        receipt = read((await caller.get(answer.headers["location"])).text)
    assert "SQ20261120-0187" in receipt
    assert "2026-11-20 10:00" in receipt
    assert "38,600.00 元" in receipt


async def test_a_second_click_registers_once_even_later(court: Courthouse) -> None:
    """The time of receipt is that of the form, so both clicks are one call."""
    form = await form_of(court)
    first = await sent(court, **FILLED, **form)
    second = await sent(replace(court, clock=lambda: NOW + timedelta(seconds=40)), **FILLED, **form)
    assert first.headers["location"] == second.headers["location"]


async def test_nobody_sets_the_time_of_receipt_by_hand(court: Courthouse) -> None:
    """Nor by a form that was left open over night."""
    form = await form_of(court)
    early = form["opened"].replace("2026-11-20", "2026-11-01")
    again = await sent(court, **FILLED, **{**form, "opened": early})
    assert (again.status_code, FILLED["application_id"] in again.text, "十二小时" in again.text) == (422, True, True)
    next_day = replace(court, clock=lambda: NOW + timedelta(hours=13))
    assert (await sent(next_day, **FILLED, **form)).status_code == 422


async def test_what_is_wrong_is_said_and_nothing_is_lost(court: Courthouse) -> None:
    """422; each fault at the top and beside its field, every field as it was filled in, as text."""
    wrong = {**FILLED, "claim_amount": "<b>viel</b>", "due_date": "2026-13-01"}
    answer = await sent(court, **wrong, **await form_of(court))
    assert answer.status_code == 422
    assert "<title>错误：" in answer.text
    assert set(re.findall(r'<li><a href="#(\w+)">', answer.text)) == {"claim_amount", "due_date"}
    assert 'id="claim_amount-fault"' in answer.text
    assert 'value="&lt;b&gt;viel&lt;/b&gt;"' in answer.text
    assert '<option value="judgment" selected>' in answer.text
    assert court.office().record.queue.page(Sought(), origin=OPERATOR).matching == 0


async def test_a_case_of_another_court_is_refused_in_the_form(court: Courthouse) -> None:
    """403, and nothing is on record."""
    answer = await sent(court, **{**FILLED, "court_code": "浙1001"}, **await form_of(court))
    assert answer.status_code == 403
    assert 'id="court_code-fault">您没有为该法院登记申请的权限' in answer.text
    assert court.office().record.queue.page(Sought(), origin=OPERATOR).matching == 0


async def test_a_basis_that_is_on_record_is_said_before_a_second_application(court: Courthouse) -> None:
    """With a link to the first one; one tick goes on. Brackets of another width are the same number."""
    first = await sent(court, **FILLED, **await form_of(court))
    again = {**FILLED, "application_id": "SQ20261120-0190", "basis_no": "（2025）浙1022 民初3321号"}
    form = await form_of(court)
    told = await sent(court, **again, **form)
    assert told.status_code == 422
    assert "此执行依据已有申请 SQ20261120-0187" in told.text
    assert f'href="{first.headers["location"].removesuffix("/receipt")}"' in told.text
    assert (await sent(court, **again, **form, anyway="true")).status_code == 303


async def test_a_number_that_is_on_record_takes_no_other_application_s_place(court: Courthouse) -> None:
    """A mistyped number would put another case's facts aside; the same form sent twice is told nothing."""
    form = await form_of(court)
    first = await sent(court, **FILLED, **form)
    assert (await sent(court, **FILLED, **form)).headers["location"] == first.headers["location"]
    again = {**FILLED, "basis_no": "(2025)浙1022民初4000号", "claim_amount": "1.00"}
    fresh = await form_of(court)
    told = await sent(court, **again, **fresh)
    assert (told.status_code, "此申请编号已在案" in told.text) == (422, True)
    assert court.office().record.queue.page(Sought(), origin=OPERATOR).rows[0]["amount"] != "1.00"
    assert (await sent(court, **again, **fresh, anyway="true")).status_code == 303


async def test_another_court_or_another_basis_is_no_second_application(court: Courthouse) -> None:
    """The notice stays within the court, and tells nothing of others."""
    await sent(court, **FILLED, **await form_of(court))
    bases = court.office().record.bases
    assert bases.other("浙1022", FILLED["basis_no"], than="") is not None
    assert bases.other("浙1001", FILLED["basis_no"], than="") is None
    assert bases.other("浙1022", "(2025)浙1022民初3322号", than="") is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("38,600.00", "38600.00"),
        ("３８６００元", "38600.00"),
        ("3.86 万元", "38600.00"),
        ("99,999,999,999.99", "99999999999.99"),
    ],
)
async def test_an_amount_is_read_as_people_write_it(court: Courthouse, typed: str, kept: str) -> None:
    """Thousands parted, full-width digits, the unit, and ten thousands."""
    answer = await sent(court, **{**FILLED, "claim_amount": typed}, **await form_of(court))
    assert answer.status_code == 303
    (row,) = court.office().record.queue.page(Sought(), origin=OPERATOR).rows
    facts = court.office().record.case_files.open(row["advice_id"], origin=OPERATOR).facts
    assert facts["claim_amount"] == kept


@pytest.mark.parametrize("typed", ["3,86", "38600.005", "1e9", "-5", "三万"])
async def test_what_is_no_amount_is_said_in_the_words_of_the_form(court: Courthouse, typed: str) -> None:
    """The field is named at the top; nothing is rounded and no word of the interface is read out."""
    page = read((await sent(court, **{**FILLED, "claim_amount": typed}, **await form_of(court))).text)
    assert "申请执行标的额：请填写金额，最多两位小数" in page
    assert "字符串" not in page


async def test_a_cause_may_be_typed_by_its_name(court: Courthouse) -> None:
    """The number of the list in force for the basis: 2025 that of 2021, since 2026 that of 2026."""
    for day, number in (("2025-07-30", "103.1"), ("2026-07-30", "108.1")):
        sheet = {**FILLED, "application_id": f"SQ-{number}", "basis_no": f"(2025)浙1022民初{number[0:3]}号"}
        typed = {**sheet, "cause_code": "金融借款合同", "basis_effective_date": day, "due_date": ""}
        answer = await sent(court, **typed, **await form_of(court))
        assert answer.status_code == 303, read(answer.text)
        (row,) = court.office().record.queue.page(Sought(number=f"SQ-{number}"), origin=OPERATOR).rows
        assert (row["cause"], row["application_id"]) == ("金融借款合同纠纷", f"SQ-{number}")


async def test_a_cause_that_is_not_certain_is_asked_for_again(court: Courthouse) -> None:
    """Beside its field, with the causes that may be meant; nothing is on record."""
    answer = await sent(court, **{**FILLED, "cause_code": "借款"}, **await form_of(court))
    assert answer.status_code == 422
    told = "案由代码：案由名称不确定，请填写代码或者全称；对照表中有：103 借款合同纠纷、103.1 金融借款合同纠纷"
    assert told in read(answer.text)
    assert court.office().record.queue.page(Sought(), origin=OPERATOR).rows == []


@pytest.mark.parametrize(
    ("code", "fields", "offered"),
    [
        ("STORE_UNAVAILABLE", {"application_id": "SQ-1", "key": "k" * 32}, True),
        ("STORE_UNAVAILABLE", {"note": "<b>"}, True),
        ("INTERNAL", {"application_id": "SQ-1", "key": "k" * 32}, True),
        ("INTERNAL", {"note": "without a key it might be recorded twice"}, False),
        ("STORE_UNAVAILABLE", {"new_password": "secret-typed"}, False),
        ("NOT_FOUND", {"application_id": "SQ-1", "key": "k" * 32}, False),
    ],
)
def test_what_was_typed_survives_a_store_that_is_away(code: str, fields: dict[str, str], *, offered: bool) -> None:
    """The page of the problem sends it again by one press, under the same key; what nobody may read is typed anew."""
    scope = {
        "type": "http", "method": "POST", "path": "/intake/new", "headers": [], "query_string": b"",
        VISIT: Visit("req-0123456789abcdef"), DOCUMENT: fields, PRINCIPAL: replace(ZHANG, csrf="t" * 64),
    }  # fmt: skip
    page = problem_page(scope, ProblemError(code))[0].decode()
    assert ("再次提交" in page, 'action="/intake/new"' in page) == (offered, offered)
    assert all((f'name="{name}" value="{escape(text)}"' in page) == offered for name, text in fields.items())
    assert "secret-typed" not in page
