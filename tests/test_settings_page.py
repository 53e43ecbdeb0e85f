"""The settings of a court as pages: who may change them, what is refused in words, and nobody overwrites anybody."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from serving.access.principal import NO_COURT, Principal
from serving.access.roles import Role
from serving.record.teams.assigning import Wanted
from tests.builders_indicators import COURT, EVERYTHING, Court, filed
from tests.builders_pages import FORM, hidden, person, read
from tests.builders_serving import client, guarded
from tests.test_team_loads import TEAMS

pytestmark = pytest.mark.anyio

ADMIN = person("he.yun", Role.SYSTEM_ADMIN)
JUDGE = person("li.ming", Role.JUDGE)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def court(tmp_path: Path) -> Court:
    """Return a court without settings."""
    return Court.empty(tmp_path)


async def get(court: Court, path: str = "/settings", who: Principal = ADMIN) -> httpx.Response:
    """Open a page."""
    async with client(guarded(court.folder, principal=who, store=court.store, clock=lambda: court.now)) as caller:
        return await caller.get(path)


async def send(at: Court, who: Principal = ADMIN, **fields: str) -> httpx.Response:
    """Send the form in as it stands, with some fields filled in otherwise."""
    filled = {
        "court": COURT,
        "version": "0",
        "review_mode": "on_request",
        "over_12_base": "open",
        "reason": "院长办公会",
    }
    async with client(guarded(at.folder, principal=who, store=at.store, clock=lambda: at.now)) as caller:
        return await caller.post("/settings", data=filled | fields, headers=FORM)


async def test_papers_are_headed_by_the_name_of_the_court(court: Court) -> None:
    """Once it is set, and by the court's code before; what was set is in the history."""
    assert court.record.settings.of(COURT).named(COURT) == COURT
    assert (await send(court, court_name="浙江省三门县人民法院")).status_code == 303
    assert court.record.settings.of(COURT).named(COURT) == "浙江省三门县人民法院"
    assert "法院名称：未设 → 浙江省三门县人民法院" in read((await get(court, "/settings/history")).text)
    assert (await send(court, version="1", court_name="长" * 61)).status_code == 422


async def test_a_change_is_in_force_and_in_the_history(court: Court) -> None:
    """Mode, interval and contact; who, when, why, and from what to what."""
    ends = {"low_completion": "35", "high_completion": "45.5"}
    done = await send(court, review_mode="open", contact="执行服务中心 0576-1234", **ends)
    page = (await get(court, done.headers["location"])).text
    history = read((await get(court, "/settings/history")).text)
    assert done.status_code == 303
    assert "已变更，现为第 1 版" in page
    assert 'name="low_completion" value="35"' in page
    assert "2026-11-20 10:00" in history
    assert "院长办公会" in history
    assert "预测的查看方式：需要时点开查看（记录在案） → 直接可见" in history
    assert "未设 → 35% 至 45.5%" in history


async def test_nobody_overwrites_what_somebody_else_set(court: Court) -> None:
    """The second of two is told, keeps what was typed in, and can send it again."""
    await send(court, review_mode="open", reason="甲的事由")
    late = await send(court, contact="执行服务中心", reason="乙的事由")
    again = await send(court, version=hidden(late.text, "version"), contact="执行服务中心", reason="乙的事由")
    assert (late.status_code, again.status_code) == (412, 303)
    assert "他人已经变更设置" in late.text
    assert "甲的事由" in late.text
    assert 'value="执行服务中心"' in late.text
    assert court.record.settings.of(COURT).contact == "执行服务中心"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("low_completion", "120", "比率不得超过 100%"),
        ("low_completion", "abc", "格式不符"),
        ("reason", "", "必填"),
        ("reason", "电话 13812345678", "不得含证件号码或手机号码"),
        ("teams", "format = 'x'", "fenliu-teams/1"),
        ("teams", TEAMS.replace('court = "浙1022"', 'court = "浙1001"'), "应为 浙1022"),
        ("teams", TEAMS.replace('id = "li.ming"', 'id = "li.ming"\nname = "李明"'), "成员只写账户名"),
        ("review_mode", "secret", "须为"),
    ],
)
async def test_wrong_values_are_refused_in_words_and_nothing_changes(
    court: Court, field: str, value: str, words: str
) -> None:
    """Each fault on the page, with the form as it was filled in."""
    answer = await send(court, **{field: value})
    assert (answer.status_code, words in read(answer.text)) == (422, True)
    assert answer.text.count("<title>错误：") == 1
    assert court.record.settings.of(COURT).version == 0


async def test_a_lower_end_above_the_upper_one_is_refused(court: Court) -> None:
    """The fault stands beside its indicator."""
    answer = await send(court, low_days="90", high_days="60")
    assert "平均结案时间（日）：下限不得大于上限" in read(answer.text)
    assert 'id="days-fault"' in answer.text


async def test_only_who_may_configure_sees_the_form_and_sends_it(court: Court) -> None:
    """A judge reads what is in force and its history; members of teams stay with who sets them."""
    await send(court, teams=TEAMS)
    page, history = [(await get(court, path, JUDGE)).text for path in ("/settings", "/settings/history")]
    sent = await send(court, JUDGE, version="1", review_mode="open")
    assert ("<textarea" in page, "wang.fang" in page, "快执团队" in page) == (False, False, True)
    assert ("wang.fang" in history, "团队 2 个，成员 3 人" in history) == (False, True)
    assert sent.status_code == 403


async def test_what_is_not_named_stays(court: Court) -> None:
    """A program that sets the mode leaves intervals and teams as they are; who is in a team is not told to others."""
    await send(court, low_completion="35", teams=TEAMS)
    app = guarded(court.folder, principal=ADMIN, store=court.store, clock=lambda: court.now)
    async with client(app) as caller:
        path = f"/v1/courts/{COURT}/settings"
        body = {"review_mode": "commit_first", "reason": "试点"}
        answer = await caller.post(path, json=body, headers={"If-Match": '"settings-1"'})
    other = guarded(court.folder, principal=JUDGE, store=court.store, clock=lambda: court.now)
    async with client(other) as caller:
        told = (await caller.get(path)).json()["versions"][0]
    assert (answer.status_code, answer.json()["intervals"], "teams" in told) == (201, ["completion=35~"], False)
    settings = court.record.settings.of(COURT)
    assert settings.teams is not None
    assert [team.id for team in settings.teams.teams] == ["kz1", "jb1"]


async def test_a_team_with_open_cases_cannot_be_left_out(court: Court) -> None:
    """Its cases would have nobody; with its cases moved away it can go."""
    await send(court, teams=TEAMS)
    court.case("A1", "2026-11-02", filed(3), lane="fast")
    court.count()
    advice = court.sql("SELECT advice_id FROM case_courses")[0][0]
    court.record.assigning.assign(COURT, [Wanted(advice, 0)], "kz1", "lane", origin=EVERYTHING)
    rest = re.sub(r'\[\[team\]\]\nid = "kz1".*?(?=\[\[team\]\])', "", TEAMS, flags=re.DOTALL)
    rest = rest[: rest.index("[[absence]]")]
    refused = await send(court, version="1", teams=rest)
    court.record.assigning.assign(COURT, [Wanted(advice, 1)], "jb1", "other", origin=EVERYTHING)
    assert (refused.status_code, "团队 kz1 尚有在办案件 1 件" in refused.text) == (422, True)
    assert (await send(court, version="1", teams=rest)).status_code == 303


async def test_the_contact_is_printed_for_the_parties(court: Court) -> None:
    """On their sheet, once it is set."""
    advice = court.case("A1", "2026-11-02")
    before = (await get(court, f"/cases/{advice}/party-sheet", JUDGE)).text
    await send(court, contact="执行服务中心，0576-1234")
    after = (await get(court, f"/cases/{advice}/party-sheet", JUDGE)).text
    assert ("0576-1234" in before, "0576-1234" in after) == (False, True)


@pytest.mark.parametrize("path", ["/settings", "/settings/history"])
async def test_settings_of_another_court_are_not_there(court: Court, path: str) -> None:
    """404 to read; to change, it is not permitted."""
    assert (await get(court, f"{path}?court=苏0903")).status_code == 404
    assert (await send(court, court="苏0903")).status_code in {403, 404}


async def test_names_of_people_and_formulas_come_back_as_text(court: Court) -> None:
    """What was typed in is never markup."""
    await send(court, contact="<script>alert(1)</script>", reason="=1+1 <b>")
    page, history = [(await get(court, path)).text for path in ("/settings", "/settings/history")]
    assert "<script>alert" not in page + history
    assert "&lt;script&gt;" in page


async def test_whoever_has_no_court_is_told_what_to_do(court: Court) -> None:
    """A page that asks for the court, instead of one that is not there."""
    nobody = person("he.yun", Role.SYSTEM_ADMIN, "浙1022")
    answer = await get(court, "/settings", replace(nobody, courts=NO_COURT))
    assert (answer.status_code, "法院代字" in answer.text) == (200, True)
