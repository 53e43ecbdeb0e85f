"""Facts of a case: personal ones are masked until somebody says why, and a wrong one is put right by a form."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from features.register import load_register
from serving.access.principal import Principal
from serving.access.roles import Role
from serving.model_life.standing import Standing
from serving.record.court_settings import ReviewMode
from serving.store.tables import audit, corrections
from tests.builders_case import TOKEN, case_document
from tests.builders_pages import Courthouse, hidden, person, read
from tests.builders_serving import client, opened

pytestmark = pytest.mark.anyio

LI = person("li.ming", Role.JUDGE)
PRESIDENT = person("chen.gang", Role.LEADERSHIP)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def court(tmp_path: Path, with_rules: Standing) -> Courthouse:
    """Return a court that answers by rules."""
    court = Courthouse(tmp_path, opened(tmp_path), with_rules)
    court.mode(ReviewMode.OPEN)
    return court


async def get(court: Courthouse, path: str, who: Principal = LI) -> httpx.Response:
    """Open a page."""
    async with client(court.app(who)) as caller:
        return await caller.get(path)


async def post(court: Courthouse, path: str, who: Principal = LI, **fields: str) -> httpx.Response:
    """Send in a form."""
    async with client(court.app(who)) as caller:
        return await caller.post(path, data={"csrf_token": "", **fields})


def rows(court: Courthouse, table: Any) -> list[dict[str, Any]]:
    """Return a table's rows."""
    return court.store.read(lambda one: [dict(row) for row in one.execute(table.select()).mappings()])


async def test_personal_facts_are_masked_until_a_reason_is_on_record(court: Courthouse) -> None:
    """Once, for the one who asked; the token of the debtor is never shown."""
    advice_id = court.score(case_document())
    before = read((await get(court, f"/cases/{advice_id}/facts")).text)
    assert "38,600.00 元" in before
    assert "41" not in before.replace(advice_id, "")
    after = await post(court, f"/cases/{advice_id}/facts", why="identity")
    assert (after.status_code, " 41 " in read(after.text), TOKEN in after.text) == (200, True, False)
    (noted,) = [row for row in rows(court, audit) if row["action"] == "person.reveal"]
    assert (noted["object_id"], json.loads(noted["detail"])["why"]) == (advice_id, "identity")
    assert " 41 " not in read((await get(court, f"/cases/{advice_id}/facts")).text)


@pytest.mark.parametrize(("who", "why", "status"), [(PRESIDENT, "identity", 403), (LI, "curiosity", 422)])
async def test_nobody_sees_them_without_right_and_reason(
    court: Courthouse, who: Principal, why: str, status: int
) -> None:
    """Leadership reads cases, not people; a reason is one of the list."""
    advice_id = court.score(case_document())
    answer = await post(court, f"/cases/{advice_id}/facts", who, why=why)
    assert (answer.status_code, " 41 " in read(answer.text)) == (status, False)


async def test_a_wrong_fact_is_put_right_and_the_old_page_says_so(court: Courthouse) -> None:
    """The form asks for fact, value and source; the case is scored again, and both stay."""
    advice_id = court.score(case_document())
    form = (await get(court, f"/cases/{advice_id}/correction?field=claim_amount")).text
    assert "38,600.00 元" in form
    answer = await post(
        court, f"/cases/{advice_id}/correction",
        field="claim_amount", value="3860.00", source="卷宗第 12 页", key=hidden(form, "key"),
    )  # fmt: skip
    assert answer.status_code == 303
    new = answer.headers["location"]
    assert "3,860.00 元" in read((await get(court, new)).text)
    old = read((await get(court, f"/cases/{advice_id}")).text)
    assert "本建议已因数据更正被取代" in old
    assert "38,600.00 元" in old
    assert [row["corrects"] for row in rows(court, corrections)] == [advice_id]


async def test_a_fact_that_is_emptied_is_unknown(court: Courthouse) -> None:
    """Left out of the request, not set to nothing."""
    advice_id = court.score(case_document())
    key = hidden((await get(court, f"/cases/{advice_id}/correction?field=n_guarantors")).text, "key")
    answer = await post(court, f"/cases/{advice_id}/correction", field="n_guarantors", value="", source="不明", key=key)
    new = answer.headers["location"]
    assert "保证人数" not in read((await get(court, f"{new}/facts")).text)


async def test_what_is_wrong_with_a_correction_is_said_and_kept(court: Courthouse) -> None:
    """422, the words of the door, what was typed stays, nothing is recorded."""
    advice_id = court.score(case_document())
    key = hidden((await get(court, f"/cases/{advice_id}/correction?field=claim_amount")).text, "key")
    answer = await post(
        court, f"/cases/{advice_id}/correction", field="claim_amount", value="三万", source="卷宗", key=key
    )
    assert answer.status_code == 422
    assert "<title>错误：" in answer.text
    assert 'value="三万"' in answer.text
    assert 'value="卷宗"' in answer.text
    assert rows(court, corrections) == []


def offered(page: str) -> list[str]:
    """Return the facts that the page offers to put right."""
    return re.findall(r'correction\?field=(\w+)(?:&amp;|")', page)


async def test_what_can_be_put_right_stands_in_the_groups_of_the_register(court: Courthouse) -> None:
    """Each with its present content, what is personal masked; those worked out are named below and never offered."""
    advice_id = court.score(case_document())
    page = (await get(court, f"/cases/{advice_id}/correction")).text
    assert "<summary><strong>请求和债务</strong>" in page
    assert "申请执行标的额 38,600.00 元" in read(page)
    assert "在执件数 个人信息，不在此显示" in read(page)
    assert "自动重算：距履行期满天数、距执行时效届满天数" in read(page)
    computed = {one.name for one in load_register().fields if one.computed}
    assert len(computed) > 10
    assert not computed & set(offered(page))
    assert " open>" not in page


async def test_a_fact_is_found_by_its_name(court: Courthouse) -> None:
    """In a plain form: what matches is laid open, and the search stays while a fact is chosen; words stay words."""
    advice_id = court.score(case_document())
    page = (await get(court, f"/cases/{advice_id}/correction?find=保证")).text
    assert offered(page) == ["n_guarantors"]
    assert "找到 1 项" in read(page)
    assert '<details class="field-group" open>' in page
    assert "find=%E4%BF%9D%E8%AF%81" in page
    none = (await get(court, f"/cases/{advice_id}/correction?find=<b>")).text
    assert "找到 0 项" in read(none)
    assert 'value="&lt;b&gt;"' in none


@pytest.mark.parametrize("field", ["id_token", "age", "application_id", "q_bank", "limitation_days_left", "nothing"])
async def test_only_what_a_person_can_know_at_this_stage_is_corrected(court: Courthouse, field: str) -> None:
    """Not whose case it is, not what is worked out from other facts, nothing of a later stage."""
    advice_id = court.score(case_document())
    options = offered((await get(court, f"/cases/{advice_id}/correction")).text)
    assert "claim_amount" in options
    assert field not in options
    answer = await post(court, f"/cases/{advice_id}/correction", field=field, value="1", source="卷宗", key="k" * 16)
    assert answer.status_code == 404


async def test_a_second_correction_of_the_same_answer_leads_to_the_newer_one(court: Courthouse) -> None:
    """Whoever comes late is told, and loses nothing of what he typed."""
    advice_id = court.score(case_document())
    form = (await get(court, f"/cases/{advice_id}/correction?field=n_debtors")).text
    path, given = f"/cases/{advice_id}/correction", {"field": "n_debtors", "source": "卷宗"}
    assert (await post(court, path, value="2", key=hidden(form, "key"), **given)).status_code == 303
    late = await post(court, path, value="3", key="another-key-0001", **given)
    assert late.status_code == 409
    assert 'value="3"' in late.text
    assert "本案已有较新的建议" in read(late.text)
