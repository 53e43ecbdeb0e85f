"""Sending one case back for completion, outside of a group, and a group where opinions come first."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from features.register import load_register
from serving.access.origin import Origin
from serving.access.principal import Principal
from serving.access.roles import Role
from serving.batches.completing import Alone, lacks
from serving.door.problems import ProblemError
from serving.model_life.standing import Standing
from serving.record.court_settings import ReviewMode
from serving.record.decisions import tag_of
from serving.repositories.queue import Sought
from serving.store.tables import audit, completions, decisions
from tests.builders_bench import CASES, LI, WANG, ZHANG, Bench, bench_in, scored_in
from tests.builders_case import case_document
from tests.builders_pages import Courthouse, hidden, person, read, standing_in
from tests.builders_serving import client, opened
from tests.builders_sheets import worked_off
from tests.builders_store import Database

pytestmark = pytest.mark.anyio
UNTIL = {"until": "2026-12-04"}
LEADER = person("yuan.zhang", Role.LEADERSHIP)


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
    """Return a court with a store of its own."""
    return Courthouse(tmp_path, opened(tmp_path), rules)


def lacking_case(court: Courthouse) -> str:
    """Put a case on record whose effective date nobody has told, and return the answer's id."""
    sent_in = case_document(application_id="SQ-1")
    del sent_in["case"]["basis_effective_date"]
    return court.score(sent_in)


async def page(court: Courthouse, path: str, who: Principal = LI) -> httpx.Response:
    """Open a page."""
    async with client(court.app(who)) as caller:
        return await caller.get(path)


async def sent(court: Courthouse, advice: str, who: Principal = LI, **fields: str) -> httpx.Response:
    """Open the form and send it in."""
    form = (await page(court, f"/cases/{advice}/send-back", who)).text
    async with client(court.app(who)) as caller:
        return await caller.post(f"/cases/{advice}/send-back", data={"tag": hidden(form, "tag"), **UNTIL, **fields})


def rows(court: Courthouse, table: Any) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    return court.store.read(lambda one: [dict(row) for row in one.execute(select(table)).mappings()])


@pytest.mark.parametrize("who", [ZHANG, LI])
async def test_a_case_is_sent_back_with_a_letter_and_goes_on_waiting(court: Courthouse, who: Principal) -> None:
    """By the clerk as by the judge: what the rules lack and the papers that were ticked, told in one letter."""
    advice = lacking_case(court)
    done = await sent(court, advice, who, paper_authority="true")
    letter = read((await page(court, done.headers["location"], who)).text)
    found = rows(court, completions)[0]
    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{advice}/completion")
    assert ("basis_effective_date" in json.loads(found["missing"]), json.loads(found["papers"])) == (
        True,
        ["authority"],
    )
    assert "请在 2026-12-04 前（含当日）补正" in letter
    assert "文书生效日" in letter
    assert "经签名或者盖章的授权委托书" in letter
    assert "第18条、第20条" in letter
    assert (rows(court, decisions), found["decision_id"]) == ([], None)
    assert [one["action"] for one in rows(court, audit)].count("completion.ask") == 1
    assert len(court.office().record.queue.page(Sought(), origin=Origin(LI)).rows) == 1
    assert "补正期限至 2026-12-04" in read((await page(court, f"/cases/{advice}", who)).text)


async def test_it_is_told_once(court: Courthouse) -> None:
    """The same click twice is one notice; another one is refused, and the page offers it no more."""
    advice = lacking_case(court)
    form = (await page(court, f"/cases/{advice}/send-back")).text
    fields = {"tag": hidden(form, "tag"), **UNTIL}
    async with client(court.app(LI)) as caller:
        answers = [await caller.post(f"/cases/{advice}/send-back", data=one) for one in (fields, fields)]
        other = await caller.post(f"/cases/{advice}/send-back", data={**fields, "until": "2026-12-05"})
    assert ([one.status_code for one in answers], other.status_code) == ([303, 303], 412)
    assert "补正事项只告知一次" in other.text
    assert len(rows(court, completions)) == 1
    assert "/send-back" not in (await page(court, f"/cases/{advice}")).text


@pytest.mark.parametrize(
    ("until", "words"), [("", "请填写补正期限"), ("2026-11-20", "明日至 90 日"), ("下周", "须为日期")]
)
async def test_a_day_that_is_none_is_refused_in_words(court: Courthouse, until: str, words: str) -> None:
    """The form again, with what was ticked, and nothing on record."""
    refused = await sent(court, lacking_case(court), until=until, paper_identity="true")
    assert (refused.status_code, words in read(refused.text)) == (422, True)
    assert re.search(r'name="paper_identity" value="true" checked', refused.text)
    assert rows(court, completions) == []


async def test_who_may_not_or_comes_late_sends_nothing_back(court: Courthouse) -> None:
    """The leadership has no such right; a case that somebody else holds, or has decided, stays as it is."""
    advice = lacking_case(court)
    assert (await page(court, f"/cases/{advice}/send-back", LEADER)).status_code == 403
    court.office().record.queue.take(advice, origin=Origin(WANG))
    taken = await sent(court, advice)
    assert (taken.status_code, "他人正在办理" in taken.text) == (409, True)
    file = court.office().record.decisions.file(advice, origin=Origin(WANG))
    asked = {"advice_id": advice, "lane": "ordinary", "reason": "other", "warnings_checked": True}
    court.office().record.decisions.decide(asked, key="alone-0001", tags=tag_of(file).__eq__, origin=Origin(WANG))
    assert "不能退回补正" in (await page(court, f"/cases/{advice}/send-back")).text
    assert rows(court, completions) == []


def test_a_case_sent_back_alone_is_kept_on_both_databases(database: Database, tmp_path: Path, rules: Standing) -> None:
    """Without a decision about a group, with its papers; what has neither fact nor paper is refused."""
    court = Courthouse(tmp_path, database.open(), rules)
    advice, completing = lacking_case(court), court.office().batches.deciding.completing
    tag = tag_of(court.office().record.decisions.file(advice, origin=Origin(LI)))
    asked = Alone(advice_id=advice, application_id="SQ-1", court_code="浙1022", tag=tag, papers=("identity",), **UNTIL)
    completing.send_back_alone(asked, origin=Origin(LI))
    completing.send_back_alone(asked, origin=Origin(LI))
    with pytest.raises(ProblemError, match="DECISION_CONFLICT"):
        completing.send_back_alone(replace(asked, papers=()), origin=Origin(LI))
    assert completing.notice(advice, origin=Origin(LI))["papers"] == ("identity",)
    assert database.rows("completions") == 1


# Where an opinion comes first


def test_what_a_letter_asks_for_tells_no_score_where_opinions_come_first() -> None:
    """A fact that is missing only because a score was high enough is not asked for."""
    urged = {
        "id": "M01",
        "kind": "model",
        "acts": True,
        "result": "unknown",
        "missing": ["basis_type"],
        "conditions": [],
    }
    plain = {"id": "H01", "kind": "hard_lane", "acts": True, "result": "unknown", "missing": ["basis_effective_date"]}
    answer, facts = {"mode": "model", "rules": [urged, plain]}, {"claim_amount": "1.00"}
    register = load_register()
    assert lacks(answer, facts, register, blind=True) == ("basis_effective_date",)
    assert set(lacks(answer, facts, register)) == {"basis_type", "basis_effective_date"}
    assert set(lacks({**answer, "mode": "rules"}, facts, register, blind=True)) == {
        "basis_type",
        "basis_effective_date",
    }


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory, rules: Standing) -> tuple[Path, str]:
    """Return a folder with a batch that is scored and grouped, and the batch's id."""
    return scored_in(tmp_path_factory.mktemp("scored"), rules)


@pytest.fixture
def bench(tmp_path: Path, rules: Standing, scored: tuple[Path, str]) -> Bench:
    """Return a court that wants opinions first."""
    found = bench_in(tmp_path, rules, scored)
    found.court.mode(ReviewMode.COMMIT_FIRST)
    return found


async def test_a_group_is_sent_back_where_opinions_come_first(bench: Bench) -> None:
    """After the spot check, case by case; no lane is offered, and a lane that is sent all the same is refused."""
    await bench.looked()
    offered = await bench.get()
    lane = await bench.post(f"{bench.group}/plan", lane="advised")
    assert (await bench.decided("completion", **UNTIL)).status_code == 303
    worked_off(bench.court)
    assert ("退回补正不涉及去向和预测" in offered, "按各件的建议" in offered) == (True, False)
    assert (lane.status_code, len(bench.rows(completions))) == (409, CASES)
    assert bench.rows(decisions) == []
