"""Sending a group back for completion: each case with its own record and list, told once, and still waiting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from features.register import load_register
from serving.access.origin import Origin
from serving.audit.digest import row_digest
from serving.batches.completing import lacks
from serving.model_life.standing import Standing
from serving.pages.batches.completion_page import completion_page
from serving.pages.language import language
from serving.record.court_settings import Settings
from serving.repositories.queue import Sought
from serving.store.tables import audit, batch_groups, batch_turns, completions, decisions
from serving.store.triggers import bolts_lifted
from tests.builders_bench import CASES, LI, Bench, bench_in, decide_alone, scored_in
from tests.builders_pages import person, read, standing_in
from tests.builders_serving import client
from tests.builders_sheets import worked_off

pytestmark = pytest.mark.anyio

DAY = "2026-12-04"
UNTIL = {"until": DAY}


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Return rules to answer with."""
    return standing_in(tmp_path_factory.mktemp("rules"), model=False)


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory, rules: Standing) -> tuple[Path, str]:
    """Return a folder with a batch that is scored and grouped, and the batch's id."""
    return scored_in(tmp_path_factory.mktemp("scored"), rules)


@pytest.fixture
def bench(tmp_path: Path, rules: Standing, scored: tuple[Path, str]) -> Bench:
    """Return a court whose judge has not looked at anything yet."""
    return bench_in(tmp_path, rules, scored)


async def sent_back(bench: Bench) -> None:
    """Look at the spot check and send the group back."""
    await bench.looked()
    assert (await bench.decided("completion", **UNTIL)).status_code == 303
    worked_off(bench.court)


async def test_each_case_gets_a_notice_of_its_own_and_goes_on_waiting(bench: Bench) -> None:
    """In one act, with what it lacks; no decision is on record, and no case has left the queue."""
    await sent_back(bench)
    found = bench.rows(completions)
    assert len({one["application_id"] for one in found}) == CASES
    assert {(one["until"], one["by"]) for one in found} == {(DAY, "account:li.ming")}
    assert all("basis_effective_date" in json.loads(one["missing"]) for one in found)
    assert bench.rows(decisions) == []
    assert len(bench.court.office().record.queue.page(Sought(), origin=Origin(LI)).rows) == CASES
    page = await bench.get()
    assert f"退回补正（补正期限至 {DAY}）" in page
    assert ("已告知补正 12/12 件" in page, f"已告知补正，至 {DAY}" in page) == (True, True)


async def test_the_page_says_what_is_missing_in_how_many_cases(bench: Bench) -> None:
    """Before anything is sent; no reason is asked for, because nothing is decided."""
    await bench.looked()
    page = read((await bench.post(f"{bench.group}/plan", lane="completion")).text)
    assert "文书生效日 12" in page
    assert "与建议不一致" not in page
    assert "案件仍在待办之列" in page


@pytest.mark.parametrize("day", ["", "2026-11-20", "2027-11-20", "十二月四日"])
async def test_a_day_that_is_none_is_refused_in_words(bench: Bench, day: str) -> None:
    """Missing, past, beyond the bound, no date: the form comes back and nothing is on record."""
    await bench.looked()
    answer = await bench.decided("completion", until=day)
    assert (answer.status_code, "补正期限" in read(answer.text)) == (422, True)
    assert bench.rows(completions) == []


async def test_what_to_complete_is_told_once(bench: Bench) -> None:
    """A second act finds nobody to tell, as the law asks for one notice."""
    await sent_back(bench)
    page = read((await bench.post(f"{bench.group}/plan", lane="completion")).text)
    assert "已告知补正；补正事项只告知一次 12 件" in page


async def test_a_case_that_was_decided_meanwhile_is_named_and_left(bench: Bench) -> None:
    """Whoever was faster is not overruled."""
    await bench.looked()
    await bench.decided("completion", **UNTIL)
    decide_alone(bench, "SQ-05")
    worked_off(bench.court)
    assert "SQ-05" not in {one["application_id"] for one in bench.rows(completions)}
    assert "SQ-05 其间已有人作出决定，未覆盖" in await bench.get()


async def test_a_turn_that_is_worked_off_twice_is_one_notice(bench: Bench) -> None:
    """A worker that is killed before it says so leaves a turn that is done."""
    await sent_back(bench)
    bench.court.store.write(lambda c: c.execute(update(batch_turns).values(state="waiting")))
    worked_off(bench.court)
    assert len(bench.rows(completions)) == CASES
    assert "已告知补正 12/12 件" in await bench.get()


async def test_the_letter_lists_every_case_and_the_case_has_its_own(bench: Bench) -> None:
    """With the article, the day and what is to be brought, in words of the register; the case tells of it."""
    await sent_back(bench)
    advice = bench.rows(completions)[0]["advice_id"]
    act = bench.rows(completions)[0]["decision_id"]
    async with client(bench.app) as caller:
        whole = read((await caller.get(f"/batches/{bench.batch}/completions/{act}")).text)
        single = read((await caller.get(f"/cases/{advice}/completion")).text)
        case = read((await caller.get(f"/cases/{advice}")).text)
        sheet = read((await caller.get(f"/batches/{bench.batch}/sheet")).text)
        english = read((await caller.get(f"/cases/{advice}/completion?lang=en")).text)
        none = await caller.get(f"/batches/{bench.batch}/completions/BDC-20261120-000099")
    assert all(f"SQ-{n:02d}" in whole for n in range(1, CASES + 1))
    assert "第七条、第十八条" in single
    assert f"请在 {DAY} 前（含当日）补正" in single
    assert "执行依据：执行依据种类、文书生效日、履行期限届满日" in single
    assert "共 12 件（编号附后）均缺少" in whole
    assert f"补正期限至 {DAY}" in case
    assert f"退回补正（补正期限至 {DAY}） li.ming" in sheet
    assert f"Please complete it by {DAY}" in english
    assert none.status_code == 404


def test_cases_that_lack_different_things_are_listed_one_by_one() -> None:
    """Each with its line, its number and what it lacks, by the paper that it stands in."""
    about = {"court_code": "浙1022", "until": DAY, "at": "2026-11-20T10:00:00+08:00"}
    rows = [
        {**about, "line": 2, "application_id": "SQ-1", "missing": ("due_date", "paid_before")},
        {**about, "line": 3, "application_id": "SQ-2", "missing": ("due_date",)},
    ]
    page = completion_page(
        rows, settings=Settings(), back=("/", ""), simulated=False, register=load_register(), say=language("zh-CN")
    )
    assert page.alike == ()
    assert [one.lines for one in page.cases] == [
        ("执行依据：履行期限届满日", "申请表：判后已履行金额"), ("执行依据：履行期限届满日",)
    ]  # fmt: skip
    assert "逐件列于附表" in page.asking


async def test_a_case_that_was_not_sent_back_has_no_notice(bench: Bench) -> None:
    """And neither has one of another court."""
    await sent_back(bench)
    advice = bench.rows(completions)[0]["advice_id"]
    other = bench.court.app(person("chen.jing", next(iter(LI.roles)), court="浙1023"))
    async with client(other) as caller:
        assert (await caller.get(f"/cases/{advice}/completion")).status_code == 404


async def test_a_group_that_only_lists_its_cases_is_not_decided_at_once(bench: Bench) -> None:
    """The page offers no form for it, and the address refuses as well."""

    def listed(connection: object) -> None:
        with bolts_lifted(connection, ["batch_groups"]):  # type: ignore[arg-type] # the store's own connection
            connection.execute(update(batch_groups).values(by="list"))  # type: ignore[attr-defined]

    await bench.looked()
    bench.court.store.write(listed)
    assert "本组件数较少，请逐件办理" in await bench.get()
    for lane in ("advised", "completion"):
        answer = await bench.post(f"{bench.group}/plan", lane=lane)
        assert (answer.status_code, "不成批决定" in answer.text) == (409, True)


async def test_notices_are_on_the_chain(bench: Bench) -> None:
    """Each with the digest of its row."""
    await sent_back(bench)
    told = [json.loads(one["detail"]) for one in bench.rows(audit) if one["action"] == "completion.ask"]
    assert {one["row_sha256"] for one in told} == {row_digest(one) for one in bench.rows(completions)}


def test_only_what_an_applicant_can_bring_is_asked_for() -> None:
    """What stood in the way of a lane and comes from him or the basis; what is known is not asked for again."""
    rules = [
        {"acts": True, "result": "unknown", "missing": ["due_date", "preserved", "relief_type", "score.willingness"]},
        {"acts": False, "result": "unknown", "missing": ["applicant_hardship"]},
        {"acts": True, "result": "met", "missing": ["basis_no"]},
    ]
    answer, case = {"rules": rules}, {"relief_type": "money", "claim_amount": "1.00"}
    assert lacks(answer, case, load_register()) == ("due_date",)
    assert lacks(answer, {}, load_register()) == ("due_date", "relief_type", "claim_amount")
