"""The queue: who waits is in it by deadline, whoever is decided leaves it, and two people never hold one case."""

from __future__ import annotations

import json
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from serving.access.origin import Origin
from serving.access.roles import Role
from serving.door.problems import ProblemError
from serving.model_life.standing import Standing
from serving.record.court_settings import ReviewMode
from serving.record.decisions import tag_of
from serving.repositories.queue import Sought
from serving.repositories.retention import Periods, RetentionStore
from serving.store.engine import open_engine
from serving.store.migrate import move, upgrade
from serving.store.tables import audit
from serving.store.tables.queue import open_cases
from tests.builders_case import NOW, stage_b_document
from tests.builders_pages import Courthouse, person, read, standing_in
from tests.builders_replay import OPERATOR
from tests.builders_serving import KEYS, client, document, opened

LI = Origin(person("li.ming", Role.JUDGE), "req-1")
ZHAO = Origin(person("zhao.min", Role.JUDGE), "req-2")
ELSEWHERE = Origin(person("sun.li", Role.JUDGE, "浙1001"), "req-3")


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


def filed(court: Courthouse, number: str, *, days_ago: int = 0, **changes: object) -> str:
    """Give an answer about an application that came in so many days ago."""
    came = (NOW - timedelta(days=days_ago, hours=1)).isoformat()
    return court.score(document(application_id=number, as_of=came, case={"received_at": came, **changes}))


def waiting(court: Courthouse, who: Origin = LI, **sought: object) -> list[str]:
    """Return the numbers of the cases that wait, in their order."""
    page = court.office().record.queue.page(Sought(**sought), origin=who)  # type: ignore[arg-type]
    return [row["application_id"] for row in page.rows]


def decide(court: Courthouse, advice_id: str, act: str = "decide", who: Origin = LI) -> None:
    """Decide on an answer, or take the decision back."""
    decisions = court.office().record.decisions
    file = decisions.file(advice_id, origin=who)
    if act == "decide":
        asked = {"advice_id": advice_id, "lane": "ordinary", "reason": "other"}
        decisions.decide(asked, key=f"k-{advice_id}-{file.turn}", tags=tag_of(file).__eq__, origin=who)
    else:
        assert file.standing is not None
        key = f"k-{advice_id}-{file.turn}"
        decisions.withdraw(file.standing["id"], key=key, tags=tag_of(file).__eq__, origin=who)


def test_the_nearest_deadline_comes_first_whatever_the_advice(court: Courthouse) -> None:
    """Never the score, never the order of arrival."""
    for number, days in (("SQ-1", 2), ("SQ-2", 6), ("SQ-3", 0)):
        filed(court, number, days_ago=days)
    assert waiting(court) == ["SQ-2", "SQ-1", "SQ-3"]


def test_what_is_decided_leaves_and_what_is_taken_back_returns(court: Courthouse) -> None:
    """In the transaction of the decision."""
    first, _ = filed(court, "SQ-1"), filed(court, "SQ-2")
    decide(court, first)
    assert waiting(court) == ["SQ-2"]
    decide(court, first, "withdraw")
    assert sorted(waiting(court)) == ["SQ-1", "SQ-2"]


def happens(court: Courthouse, kind: str, number: str = "SQ-1", **more: str) -> None:
    """Report an event of a case."""
    event = {"application_id": number, "court_code": "浙1022", "kind": kind, "at": NOW.isoformat(), **more}
    court.office().record.outcomes.report([event], key=f"key-{kind}-{secrets.token_hex(4)}", origin=OPERATOR)


def test_what_is_closed_leaves_undecided_and_comes_back_when_it_is_resumed(court: Courthouse) -> None:
    """With its parts, and why is on the audit trail; the other case stays."""
    first, _ = filed(court, "SQ-1"), filed(court, "SQ-2")
    happens(court, "close", mode="full")
    assert (waiting(court), waiting(court, number="SQ-1")) == (["SQ-2"], [])
    left = [json.loads(row["detail"]) for row in on_trail(court, "queue.leave")]
    assert [(one["why"], one["mode"]) for one in left] == [("close", "full")]
    happens(court, "resume")
    assert sorted(waiting(court)) == ["SQ-1", "SQ-2"]
    assert [row["object_id"] for row in on_trail(court, "queue.return")] == [first]


def test_a_decided_case_does_not_wait_when_it_is_resumed(court: Courthouse) -> None:
    """Nor when it is closed and the decision is taken back."""
    advice_id = filed(court, "SQ-1")
    decide(court, advice_id)
    happens(court, "close", mode="zhongben")
    happens(court, "resume")
    assert waiting(court) == []
    happens(court, "close", mode="full")
    decide(court, advice_id, "withdraw")
    assert waiting(court) == []


def test_a_correction_of_a_closed_case_waits_for_nobody_and_a_new_application_does(court: Courthouse) -> None:
    """Facts are put right for the record; whoever asks anew has something in hand."""
    advice_id = filed(court, "SQ-1")
    happens(court, "close", mode="other")
    correcting = court.office().record.correcting
    changed = document(application_id="SQ-1", as_of=NOW.isoformat(), case={"claim_amount": "40000.00"})
    correcting.correct(advice_id, changed, "金额有误", key="key-correct-1", origin=LI)
    assert waiting(court) == []
    filed(court, "SQ-1", claim_amount="41000.00")
    assert waiting(court) == ["SQ-1"]


def test_nobody_is_urged_in_a_closed_case(court: Courthouse) -> None:
    """The window would run against a debt that is done with."""
    advice_id = filed(court, "SQ-1")
    happens(court, "close", mode="full")
    decisions = court.office().record.decisions
    tags = tag_of(decisions.file(advice_id, origin=LI)).__eq__
    with pytest.raises(ProblemError, match="VALIDATION_FAILED") as caught:
        decisions.decide({"advice_id": advice_id, "lane": "urge", "reason": "other"}, key="k-1", tags=tags, origin=LI)
    assert "CLOSED" in [one["code"] for one in caught.value.errors]


@pytest.mark.anyio
async def test_the_page_of_a_closed_case_says_why_it_does_not_wait(court: Courthouse) -> None:
    """In both languages, with the report in its history and no form to decide on it."""
    advice_id = filed(court, "SQ-1")
    happens(court, "close", mode="full")
    async with client(court.app(LI.by)) as caller:
        page = (await caller.get(f"/cases/{advice_id}")).text
        english = read((await caller.get(f"/cases/{advice_id}?lang=en")).text)
    assert "本案已于 2026-11-20 结案（执行完毕），未作分流决定，已不在收案分流之列。" in read(page)
    assert "报告：2026-11-20 结案（执行完毕）" in read(page)
    assert f"/cases/{advice_id}/decision" not in page
    assert "closed on 2026-11-20 (paid in full)" in english


def on_trail(court: Courthouse, action: str) -> list[dict[str, Any]]:
    """Return the events of this kind on the audit trail."""
    query = select(audit).where(audit.c.action == action).order_by(audit.c.seq)
    return court.store.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])


def test_a_newer_answer_takes_the_place_of_the_older(court: Courthouse) -> None:
    """One row a case; withdrawing a decision on the older one changes nothing."""
    older = filed(court, "SQ-1")
    decide(court, older)
    newer = filed(court, "SQ-1", claim_amount="50000.00")
    decide(court, older, "withdraw")
    page = court.office().record.queue.page(Sought(), origin=LI)
    assert [row["advice_id"] for row in page.rows] == [newer]


def test_the_row_says_what_the_answer_says(court: Courthouse) -> None:
    """Lane, cause, amount and the day, from the same advice."""
    advice_id = filed(court, "SQ-1")
    row = court.office().record.queue.page(Sought(), origin=LI).rows[0]
    found = court.office().record.case_files.open(advice_id, origin=LI)
    days = [one["date"] for one in found.answer["deadlines"] if one["date"] and one["kind"] != "zhongben_earliest"]
    assert row["due_on"] == min(days)
    assert row["route"] == found.answer["advice"]["route"]
    assert (row["amount"], row["warnings"]) == ("38600.00", len(found.answer["warnings"]))


def test_filters_and_pages_leave_nothing_out(court: Courthouse) -> None:
    """Page by page, each case once; by part of the number, by stage."""
    numbers = {f"SQ-{n}" for n in range(7)}
    for number in sorted(numbers):
        filed(court, number)
    court.score({**stage_b_document(), "application_id": "(2026)浙1022执1%_号"})
    store, after, seen = court.office().record.queue, None, []
    while after is not None or not seen:
        page = store.page(Sought(after=after, size=3, stage="A"), origin=LI)
        seen += [row["application_id"] for row in page.rows]
        after = page.after
    assert sorted(seen) == sorted(numbers)
    assert waiting(court, stage="B") == waiting(court, number="1%_号") == ["(2026)浙1022执1%_号"]


def test_another_court_waits_for_itself(court: Courthouse) -> None:
    """Nothing of it is listed, counted or taken."""
    filed(court, "SQ-1")
    queue = court.office().record.queue
    page = queue.page(Sought(), origin=ELSEWHERE)
    assert (list(page.rows), page.matching, queue.take_next(origin=ELSEWHERE)) == ([], 0, None)


def test_the_next_case_goes_to_one_person_only(court: Courthouse) -> None:
    """However many ask at the same moment."""
    made = {filed(court, f"SQ-{n}") for n in range(4)}
    queue = court.office().record.queue
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda n: queue.take_next(origin=(LI, ZHAO)[n % 2]), range(6)))
    assert {one for one in taken if one} == made
    assert taken.count(None) == 2


def test_a_case_that_was_taken_is_free_again_after_half_an_hour(court: Courthouse) -> None:
    """Nobody else takes it before; whoever holds it may take it again."""
    advice_id = filed(court, "SQ-1")
    queue = court.office().record.queue
    queue.take(advice_id, origin=LI)
    queue.take(advice_id, origin=LI)
    with pytest.raises(ProblemError, match="CASE_TAKEN"):
        queue.take(advice_id, origin=ZHAO)
    assert waiting(court, free_only=True) == []
    later = replace(court, clock=lambda: NOW + timedelta(minutes=30))
    assert later.office().record.queue.take_next(origin=ZHAO) == advice_id


@pytest.mark.anyio
async def test_the_page_lists_takes_and_leads_on(court: Courthouse) -> None:
    """Rows link to cases, `take the next` opens one, the case says who is at it."""
    number = "<b>SQ-1</b>"
    advice_id = filed(court, number)
    async with client(court.app(LI.by)) as caller:
        page = (await caller.get("/queue", params={"number": "", "lane": "", "stage": "A"})).text
        assert "&lt;b&gt;SQ-1&lt;/b&gt;" in page
        assert f'href="/cases/{advice_id}"' in page
        assert "查询到 1 件" in read(page)
        taken = await caller.post("/queue/next", data={"csrf_token": ""})
        assert (taken.status_code, taken.headers["location"]) == (303, f"/cases/{advice_id}")
    async with client(court.app(ZHAO.by)) as caller:
        assert "li.ming办理中，至 10:30" in (await caller.get(f"/cases/{advice_id}")).text
        refused = await caller.post(f"/cases/{advice_id}/claim", data={"csrf_token": ""})
        assert (refused.status_code, "CASE_TAKEN" in refused.text) == (409, True)


@pytest.mark.anyio
async def test_a_token_of_the_next_page_lasts_over_a_change_of_language(court: Courthouse) -> None:
    """And leads to rows that were not shown before."""
    for n in range(51):
        filed(court, f"SQ-{n:02d}")
    async with client(court.app(LI.by)) as caller:
        first = (await caller.get("/queue", params={"stage": "A", "number": "", "lane": ""})).text
        onward = re.search(r'<a href="([^"]+)" rel="next"', first)
        assert onward is not None
        address = onward[1].replace("&amp;", "&")
        second = (await caller.get(address + "&lang=en")).text
    links = [set(re.findall(r'<th scope="row"><a href="([^"]+)"', page)) for page in (first, second)]
    assert ([len(found) for found in links], links[0] & links[1]) == ([50, 1], set())


@pytest.mark.anyio
async def test_an_empty_queue_says_so_and_a_filter_can_be_cleared(court: Courthouse) -> None:
    """Two different things."""
    async with client(court.app(LI.by)) as caller:
        assert "还没有待分流案件" in (await caller.get("/queue")).text
        found = (await caller.get("/queue", params={"number": "x"})).text
        assert "没有符合条件的案件" in found
        assert "还没有" not in found


@pytest.mark.anyio
async def test_where_an_opinion_comes_first_the_queue_tells_no_lane_of_a_model(court: Courthouse) -> None:
    """It would make the opinion worthless."""
    court.mode(ReviewMode.COMMIT_FIRST)
    advice_id = filed(court, "SQ-1")
    court.store.write(lambda connection: connection.execute(
        open_cases.update().where(open_cases.c.advice_id == advice_id).values(decided_by="model", route="urge")
    ))  # fmt: skip
    async with client(court.app(LI.by)) as caller:
        page = (await caller.get("/queue")).text
        assert "见案件页" in page
        assert 'class="lane small urge"' not in page
        assert "<tbody>" not in (await caller.get("/queue", params={"lane": "urge"})).text


def test_erasing_an_answer_takes_its_case_out(court: Courthouse) -> None:
    """Nothing of an erased answer stays in a list."""
    filed(court, "SQ-1")
    much_later = NOW + timedelta(days=400)
    erased = RetentionStore(court.store, KEYS).erase(Periods(advice=30, jobs=0), origin=OPERATOR, at=much_later)
    assert erased["open_cases"] == 1
    query = select(open_cases.c.advice_id)
    assert court.store.read(lambda connection: list(connection.scalars(query))) == []


def test_a_database_of_before_there_was_a_queue_fills_it_once(court: Courthouse) -> None:
    """With the very rows that would have been written: who waits, and nobody who was decided on or is closed."""
    for number in ("SQ-4", "SQ-1", "SQ-2", "SQ-2", "SQ-3"):
        advice_id = filed(court, number)
    decide(court, advice_id)
    happens(court, "close", "SQ-4", mode="full")

    def rows() -> list[dict[str, object]]:
        query = select(open_cases).order_by(open_cases.c.advice_id)
        return court.store.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])

    before = rows()
    engine = open_engine(court.folder / "fenliu.db", busy_timeout_ms=1000)
    with engine.begin() as connection:
        move(connection, KEYS, "0007")
    upgrade(engine, KEYS)
    engine.dispose()
    assert [row["application_id"] for row in before] == ["SQ-1", "SQ-2"]
    assert rows() == before


@pytest.mark.anyio
async def test_several_cases_are_taken_and_given_back_at_once(court: Courthouse) -> None:
    """What somebody else is at is left to him, and the page says so."""
    ids = [filed(court, f"SQ-{n}") for n in range(3)]
    court.office().record.queue.take(ids[0], origin=ZHAO)
    async with client(court.app(LI.by)) as caller:
        chosen = {f"case-{place}": one for place, one in enumerate(ids, start=1)}
        answer = await caller.post("/queue/claim", data={"csrf_token": "", **chosen})
        assert (answer.status_code, answer.headers["location"]) == (303, "/queue?taken=2&of=3")
        page = read((await caller.get(answer.headers["location"])).text)
        assert "已领取 2 件，另 1 件他人正在办理" in page
        assert page.count("您已领取") == 2
        await caller.post("/queue/release", data={"csrf_token": "", **chosen})
        assert "您已领取" not in read((await caller.get("/queue")).text)
    assert court.office().record.queue.holder(ids[0]) is not None


@pytest.mark.anyio
async def test_a_claim_that_is_over_is_not_shown(court: Courthouse) -> None:
    """After half an hour nobody is at the case any more."""
    advice_id = filed(court, "SQ-1")
    court.office().record.queue.take(advice_id, origin=ZHAO)
    later = replace(court, clock=lambda: NOW + timedelta(minutes=31))
    async with client(later.app(LI.by)) as caller:
        assert "办理中" not in read((await caller.get("/queue")).text)


@pytest.mark.anyio
async def test_the_list_is_there_for_programs_and_spreadsheets(court: Courthouse) -> None:
    """With a link to the next page, and no cell that a spreadsheet runs."""
    for number in ("=1+1", *(f"SQ-{place}" for place in range(50))):
        filed(court, number)
    async with client(court.app(LI.by)) as caller:
        first = await caller.get("/queue.json", params={"page_size": 2})
        assert len(first.json()["items"]) == 2
        onward = re.findall(r"<([^>]+)>; rel=\"next\"", first.headers["link"])[0]
        assert len((await caller.get(onward)).json()["items"]) == 2
        sheet = await caller.get("/queue.csv", params={"page_size": 2})
        assert sheet.headers["content-type"].startswith("text/csv")
        assert 'rel="next"' in sheet.headers["link"]
        rest = await caller.get("/queue.csv")
        assert len(rest.text.splitlines()) == 1 + 51, "a person who exports gets the list, not its first page"
        assert "'=1+1" in rest.text
        assert "\n=1+1" not in rest.text
        heads, first_row = rest.text.lstrip("\ufeff").splitlines()[:2]
        assert heads.startswith("申请编号、案号,建议编号,法院,阶段,期限,距期限,建议,把握程度,案由,标的额（元）")
        assert "立案前" in first_row
        assert not re.search(r"abstained|rules_only|\b(rule|complex|urge|True|False)\b", rest.text)


@pytest.mark.anyio
async def test_an_open_page_is_told_of_changes_for_half_an_hour(court: Courthouse) -> None:
    """Nothing while nothing changes; then nothing more, so that nobody stays logged in by it."""
    filed(court, "SQ-1")
    asked = {"seen": 1, "opened": int(NOW.timestamp())}
    async with client(court.app(LI.by)) as caller:
        assert (await caller.get("/queue/changed", params=asked)).status_code == 204
        filed(court, "SQ-2")
        told = await caller.get("/queue/changed", params=asked)
        assert (told.status_code, "现有 2 件" in told.text) == (200, True)
        old = {**asked, "opened": int(NOW.timestamp()) - 1801}
        assert (await caller.get("/queue/changed", params=old)).status_code == 286
