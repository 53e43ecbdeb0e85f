"""Batches on pages: groups, the spot check, exceptions, and decisions that are each a record of their own."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path

import pytest
from docx import Document
from starlette.types import ASGIApp

from models.batches import BatchSettings
from serving.access.origin import Origin
from serving.access.roles import Role
from serving.batches.sources import sources
from serving.model_life.standing import Standing
from serving.record.court_settings import ReviewMode
from serving.repositories.queue import Sought
from serving.store.tables import audit, batch_decisions, batch_turns, decisions
from tests.builders_bench import CASES, LI, WANG, ZHANG, Bench, bench_in, decide_alone, scored_in
from tests.builders_pages import ROOT, Courthouse, person, read, standing_in
from tests.builders_serving import client, opened
from tests.builders_sheets import in_csv, row, send, sent_and_confirmed, worked_off

pytestmark = pytest.mark.anyio


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
def court_of_clerks(tmp_path: Path, rules: Standing) -> ASGIApp:
    """Return a court without a runner, as its clerk sees it."""
    return Courthouse(tmp_path, opened(tmp_path), rules).app(ZHANG)


@pytest.fixture
def bench(tmp_path: Path, rules: Standing, scored: tuple[Path, str]) -> Bench:
    """Return a court whose judge has not looked at anything yet."""
    return bench_in(tmp_path, rules, scored)


async def test_a_batch_shows_its_groups_with_their_figures(bench: Bench) -> None:
    """Number, sum to the cent, lanes, doubtful ones; every case in one group."""
    async with client(bench.app) as caller:
        page = read((await caller.get(f"/batches/{bench.batch}")).text)
        listed = read((await caller.get("/batches")).text)
    assert "信息不足，先补正 12 78,006.00 0 0 12 0 12 12 件待决定" in page
    assert "案由 物业服务合同纠纷 件数 12 标的额合计 78,006.00 元" in page
    assert f"{bench.batch} 浙1022 2026-11-20 10:00 12 可以办理" in listed


async def test_a_batch_that_is_not_scored_yet_tells_no_figures(court_of_clerks: ASGIApp) -> None:
    """How many lines there are to score, without those that failed; no sum, which would be nought."""
    answer = await send(court_of_clerks, in_csv([row("SQ-1"), row("SQ-2"), row("SQ-2")]))
    async with client(court_of_clerks) as caller:
        confirmed = await caller.post(answer.headers["Location"] + "/confirm", data={"csrf_token": ""})
        page = read((await caller.get(confirmed.headers["Location"])).text)
        part = await caller.get(confirmed.headers["Location"] + "/progress")
    assert "件数 2 法院 浙1022" in page
    assert "标的额合计" not in page
    assert ("已评分 0/2 件" in part.text, "HX-Refresh" in part.headers) == (True, False)


async def test_nothing_is_decided_before_the_spot_check(bench: Bench) -> None:
    """Ten cases, drawn by a seed that is shown; the page says how many are left, and the address refuses."""
    page = await bench.get()
    assert "抽查 10 件，您已看 0 件 随机抽取，种子" in page
    assert "还有 10 件未看" in page
    answer = await bench.post(f"{bench.group}/plan", lane="advised")
    assert (answer.status_code, "抽查尚未完成" in answer.text) == (409, True)


async def test_a_look_is_on_record_and_counts_for_whoever_looked(bench: Bench) -> None:
    """Another judge has to look himself."""
    await bench.looked()
    assert "抽查 10 件，您已看 10 件" in await bench.get()
    assert "已看 li.ming" in await bench.get()
    assert "您已看 0 件" in await Bench(bench.court, bench.batch, bench.court.app(WANG)).get()
    assert [one["action"] for one in bench.rows(audit)].count("batch.look") == 10


async def test_each_case_gets_a_decision_of_its_own(bench: Bench) -> None:
    """By the person who decided, with the lane its own advice gave."""
    await bench.looked()
    answer = await bench.decided()
    assert answer.headers["Location"] == f"{bench.group}#decisions"
    worked_off(bench.court)
    found = bench.rows(decisions)
    assert {(one["lane"], one["advised"], one["decided_by"], one["reason"]) for one in found} == {
        ("complex", "complex", "account:li.ming", None)
    }
    assert len({one["advice_id"] for one in found}) == CASES
    assert "已决定 12/12 件" in await bench.get()
    assert bench.court.office().record.queue.page(Sought(), origin=Origin(LI)).rows == []


async def test_the_page_says_what_will_happen_before_it_does(bench: Bench) -> None:
    """How many go where, until when urging lasts, who is left out and why; nothing is on record yet."""
    await bench.looked()
    decide_alone(bench, "SQ-03")
    exempt = (await bench.marks("except"))[0]
    await bench.post(f"/batches/{bench.batch}/marks", advice=exempt, kind="except")
    page = read((await bench.post(f"{bench.group}/plan", lane="urge")).text)
    assert "执前督促，发督促通知；今日开始的督促期至 2026-12-05 10" in page
    assert "已决定，或此后另有新的结果 1 件 SQ-03" in page
    assert "逐件例外 1 件 SQ-01" in page
    assert bench.rows(batch_decisions) == []


async def test_an_exception_can_be_taken_back(bench: Bench) -> None:
    """The last word about a case counts."""
    await bench.looked()
    exempt = (await bench.marks("except"))[0]
    for kind in ("except", "include"):
        await bench.post(f"/batches/{bench.batch}/marks", advice=exempt, kind=kind)
    assert "逐件例外" not in read((await bench.post(f"{bench.group}/plan", lane="advised")).text)


async def test_another_lane_than_advised_needs_one_reason(bench: Bench) -> None:
    """One for the group; it stands in each decision that differs."""
    await bench.looked()
    refused = await bench.decided("fast")
    assert (refused.status_code, "12 件与建议不一致，请选择一项理由" in read(refused.text)) == (422, True)
    assert (await bench.decided("fast", reason="party")).status_code == 303
    worked_off(bench.court)
    assert {(one["lane"], one["reason"]) for one in bench.rows(decisions)} == {("fast", "party")}


async def test_what_changed_since_it_was_shown_is_shown_again(bench: Bench) -> None:
    """Somebody decided a case meanwhile: nothing is sent unseen."""
    await bench.looked()
    planned = await bench.planned()
    decide_alone(bench, "SQ-05")
    answer = await bench.post(f"{bench.group}/decision", **planned)
    assert answer.status_code == 412
    assert "其间情况有变，尚未提交" in read(answer.text)
    assert bench.rows(batch_decisions) == []


async def test_whoever_was_faster_is_not_overwritten(bench: Bench) -> None:
    """The case is named with the reason, and its decision stands."""
    await bench.looked()
    assert (await bench.decided()).status_code == 303
    decide_alone(bench, "SQ-05")
    worked_off(bench.court)
    page = await bench.get()
    assert "已决定 11/12 件" in page
    assert "SQ-05 其间已有人作出决定，未覆盖" in page
    stands = [one["decided_by"] for one in bench.rows(decisions) if one["application_id"] == "SQ-05"]
    assert stands == ["account:wang.fang"]


async def test_a_case_that_somebody_holds_is_left_to_him(bench: Bench) -> None:
    """Taken after the decision was sent."""
    await bench.looked()
    await bench.decided()
    bench.court.office().record.queue.take_next(origin=Origin(WANG))
    worked_off(bench.court)
    assert [one["problem"] for one in bench.rows(batch_turns) if one["state"] == "refused"] == ["CASE_TAKEN"]


async def test_a_newer_answer_is_not_decided_by_the_older_one(bench: Bench) -> None:
    """It was not what the group was shown for."""
    await bench.looked()
    await bench.decided()
    await sent_and_confirmed(
        bench.court, bench.court.app(ZHANG), in_csv([row("SQ-07")]), again="true", key="key-00000002"
    )
    assert [one["problem"] for one in bench.rows(batch_turns) if one["state"] == "refused"] == ["DECISION_CONFLICT"]


async def test_a_kill_in_the_middle_repeats_nothing_and_forgets_nothing(bench: Bench) -> None:
    """Decided and not yet written down as such: the next worker finds the decision by its key."""
    await bench.looked()
    await bench.decided()
    deciding = bench.court.office().batches.deciding
    for turn in deciding.records.turns(7):
        assert deciding._carried_out(turn) is None
    assert len(bench.rows(decisions)) == 7
    worked_off(bench.court)
    found = bench.rows(decisions)
    assert (len(found), len({one["advice_id"] for one in found})) == (CASES, CASES)
    assert {one["state"] for one in bench.rows(batch_turns)} == {"done"}


WORKER = """
import sys, time
from pathlib import Path
from tests.builders_case import NOW
from tests.builders_pages import Courthouse
from tests.builders_serving import opened

def slowly():
    time.sleep(0.1)
    return NOW

folder = Path(sys.argv[1])
Courthouse(folder, opened(folder), None, slowly).office().batches.deciding.work_once()
"""
"""A worker that takes a tenth of a second for each look at the clock, so that it can be met in the middle."""


def killed_in_the_middle(bench: Bench) -> None:
    """Start a worker and kill it once it has decided a few cases."""
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(bench.court.folder)], cwd=ROOT)
    while len(bench.rows(decisions)) < 3 and worker.poll() is None:
        time.sleep(0.02)
    worker.kill()
    worker.wait()


async def test_a_worker_that_is_killed_leaves_the_rest_to_the_next(bench: Bench) -> None:
    """A real process, and SIGKILL after some cases: each case is decided once in the end."""
    await bench.looked()
    await bench.decided()
    killed_in_the_middle(bench)
    assert 3 <= len(bench.rows(decisions)) < CASES
    worked_off(bench.court)
    assert len({one["advice_id"] for one in bench.rows(decisions)}) == len(bench.rows(decisions)) == CASES
    assert {one["state"] for one in bench.rows(batch_turns)} == {"done"}


async def test_a_second_click_decides_once(bench: Bench) -> None:
    """And the same key for something else is refused."""
    await bench.looked()
    planned = await bench.planned()
    for _ in range(2):
        assert (await bench.post(f"{bench.group}/decision", **planned)).status_code == 303
    other = {**planned, "lane": "ordinary", "reason": "other"}
    assert (await bench.post(f"{bench.group}/decision", **other)).status_code == 422
    assert len(bench.rows(batch_decisions)) == 1


async def test_where_an_opinion_comes_first_groups_are_not_decided(bench: Bench) -> None:
    """The page says so, and the address refuses."""
    bench.court.mode(ReviewMode.COMMIT_FIRST)
    assert "去向不能成批决定，请逐件办理" in await bench.get()
    answer = await bench.post(f"{bench.group}/plan", lane="advised")
    assert answer.status_code == 409


WHO = {
    Role.JUDGE: (200, 303), Role.TEAM_LEAD: (200, 303), Role.CLERK: (200, 403), Role.LEADERSHIP: (200, 403),
    Role.DATA_SCIENTIST: (403, 403), Role.SYSTEM_ADMIN: (403, 403),
}  # fmt: skip


async def test_who_sees_and_who_decides(bench: Bench) -> None:
    """Whoever may read cases sees groups; whoever may decide one may decide many."""
    advice = (await bench.marks("look"))[0]
    for role, (sees, decides) in WHO.items():
        who = Bench(bench.court, bench.batch, bench.court.app(person("somebody", role)))
        async with client(who.app) as caller:
            assert (await caller.get(who.group)).status_code == sees, role
        answer = await who.post(f"/batches/{bench.batch}/marks", advice=advice, kind="look")
        assert answer.status_code == decides, role


async def test_the_batch_sheet_holds_totals_checks_decisions_and_all_cases(bench: Bench) -> None:
    """A line to sign, and what was looked at by whom; the list comes as a sheet as well."""
    await bench.looked()
    await bench.decided()
    worked_off(bench.court)
    async with client(bench.app) as caller:
        page = read((await caller.get(f"/batches/{bench.batch}/sheet")).text)
        listed = (await caller.get(f"/batches/{bench.batch}/cases")).content.decode("utf-8-sig")
    assert "合计 12 78,006.00 0 0 12 0 12" in page
    assert "li.ming已看 10 件，最后于 2026-11-20 10:00" in page
    assert "按各件的建议 li.ming 2026-11-20 10:00 已决定 12/12 件" in page
    assert "承办法官（签名）" in page
    assert [line.split(",")[1] for line in listed.splitlines()[1:]] == [f"SQ-{n:02d}" for n in range(1, CASES + 1)]


async def test_sources_are_told_by_month_with_their_base(bench: Bench) -> None:
    """Kept with the batch; the draft of a letter holds figures and nothing else."""
    async with client(bench.app) as caller:
        page = read((await caller.get(f"/batches/{bench.batch}/source")).text)
        answer = await caller.get(f"/batches/{bench.batch}/letter")
    assert "登记的 12 件申请；少于 5 件的不显示具体数，以 <5 表示" in page
    assert "银行 0 0 0 0 0 12 0 基数小，不计" in page
    assert "物业服务合同纠纷 0 0 0 0 0 12 0 基数小，不计" in page
    document = Document(io.BytesIO(answer.content))
    words = "".join(part.text for part in document.paragraphs)
    assert "司法建议书（底稿）" in words
    assert "SQ-" not in words
    assert [cell.text for cell in document.tables[0].rows[1].cells][-3:] == ["12", "0", "基数小，不计"]


def test_small_counts_are_not_even_on_record() -> None:
    """Four cases of a month are <5, and a change that would tell them is not given."""
    then, now = ("2025-11-05T09:00:00+08:00", "2026-11-05T09:00:00+08:00")
    cases = [{"case": {"received_at": at, "applicant_type": kind}} for at, kind, n in
             ((then, "bank", 8), (now, "bank", 13), (then, "other", 4), (now, "other", 9), (now, "person", 4))
             for _ in range(n)]  # fmt: skip
    found = sources([*cases, {"case": {}}], BatchSettings.load())
    told = {one["kind"]: (one["now"], one["before"], one["change"]) for one in found["sources"]["applicant"]}
    assert told == {"bank": ("13", "8", 0.625), "other": ("9", "<5", None)}
    assert found["counted"] == 38


async def test_another_court_finds_nothing(bench: Bench) -> None:
    """Neither the batch nor its groups nor its progress."""
    app = bench.court.app(person("zhao.lei", Role.JUDGE, "浙1001"))
    async with client(app) as caller:
        for part in ("", "/groups/missing", "/progress", "/source", "/letter", "/sheet", "/cases"):
            assert (await caller.get(f"/batches/{bench.batch}{part}")).status_code == 404
        assert bench.batch not in (await caller.get("/batches")).text
