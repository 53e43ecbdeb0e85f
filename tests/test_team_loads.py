"""Teams: assigning stays on record, loads are counted from open cases, and nobody but the lead sees members."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import httpx
import pytest

from models.teams import RoomState, room_of, teams_of
from serving.access.origin import Origin
from serving.access.principal import Principal
from serving.access.roles import Role
from serving.door.problems import ProblemError
from serving.record.teams.assigning import Wanted
from tests import builders_teams as build
from tests.builders_indicators import COURT, Court, closed, filed
from tests.builders_pages import FORM, person, read
from tests.builders_serving import client, guarded

pytestmark = pytest.mark.anyio

TEAMS = (
    build.HEAD
    + """
[[team]]
id = "kz1"
name = "快执团队"
role = "fast"
from = 2026-01-01
[[team.member]]
id = "wang.fang"
per_day = 4
per_week = 15
[[team.member]]
id = "li.ming"
per_day = 4
per_week = 15

[[team]]
id = "jb1"
name = "精办一团队"
role = "complex"
from = 2026-01-01
[[team.member]]
id = "zhao.min"
per_day = 3
per_week = 9

[[absence]]
member = "li.ming"
first = 2026-11-20
last = 2026-11-20
"""
)
LEAD = person("wang.fang", Role.TEAM_LEAD)
CLERK = person("sun.li", Role.CLERK)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def court(tmp_path: Path) -> Court:
    """Return a court with two teams and four decided cases, one of which is closed."""
    found = Court.empty(tmp_path)
    found.set(teams=TEAMS)
    found.case("A1", "2026-11-02", filed(3), lane="fast")
    found.case("A2", "2026-05-04", filed(3), lane="complex")
    found.case("A3", "2026-11-05", filed(3), lane="fast")
    found.case("A4", "2026-10-05", filed(3), closed(20), lane="fast")
    found.case("A5", "2026-11-19")
    found.count()
    return found


def ids(court: Court) -> dict[str, str]:
    """Return the newest answer of each case."""
    return {row[0]: row[1] for row in court.sql("SELECT application_id, advice_id FROM case_courses")}


def assign(court: Court, number: str, team: str, turn: int = 0, who: Principal = LEAD) -> None:
    """Assign one case."""
    wanted = [Wanted(ids(court)[number], turn)]
    court.record.assigning.assign(COURT, wanted, team, "lane", origin=Origin(who, "req-1"))


async def get(court: Court, path: str, who: Principal = LEAD) -> httpx.Response:
    """Open a page."""
    async with client(guarded(court.folder, principal=who, store=court.store, clock=lambda: court.now)) as caller:
        return await caller.get(path)


async def post(at: Court, path: str, who: Principal = LEAD, **fields: str) -> httpx.Response:
    """Send a form in."""
    async with client(guarded(at.folder, principal=who, store=at.store, clock=lambda: at.now)) as caller:
        return await caller.post(path, data=fields, headers=FORM)


def cells(page: str, name: str) -> list[str]:
    """Return the row of a team as it reads."""
    row = next(row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if name in row)
    return [read(cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]


async def test_the_load_of_a_team_is_counted_from_its_open_cases(court: Court) -> None:
    """Open, new this week, due in seven days and overdue, as a query of its own finds; weights as set."""
    for number, team in (("A1", "kz1"), ("A2", "jb1"), ("A3", "kz1")):
        assign(court, number, team)
    page = (await get(court, "/teams")).text
    fast, complex_ = cells(page, "快执团队"), cells(page, "精办一团队")
    today = 20777  # 2026-11-20
    query = (
        "SELECT sum(next_due < :day), sum(next_due >= :day AND next_due < :day + 7) FROM case_courses WHERE team = :t"
    )
    overdue, due = court.sql(query, day=today, t="jb1")[0]
    assert fast[1:7] == ["1/2 人", "2", "2", "0", "0", "2.0"]
    assert (overdue, due) == (1, 0)
    assert complex_[1:7] == ["1/1 人", "1", "1", str(due), str(overdue), "3.0"]


async def test_an_assignment_is_on_record_and_the_load_knows_it_at_once(court: Court) -> None:
    """Row, digest on the chain, course; and after the next reading it is still there."""
    assign(court, "A1", "kz1")
    row = court.sql("SELECT team, turn, reason, assigned_by, settings_version FROM team_assignments")[0]
    assert tuple(row) == ("kz1", 1, "lane", "account:wang.fang", 1)
    assert (
        court.sql("SELECT count(*) FROM audit WHERE action = 'case.assign' AND detail LIKE '%row_sha256%'")[0][0] == 1
    )
    court.count()
    assert court.sql("SELECT team FROM case_courses WHERE application_id = 'A1'")[0][0] == "kz1"


async def test_a_case_moves_and_leaves(court: Court) -> None:
    """To another team, and out of it; every turn stays on record."""
    assign(court, "A1", "kz1")
    assign(court, "A1", "jb1", 1)
    assign(court, "A1", "none", 2)
    court.count()
    assert [row[0] for row in court.sql("SELECT team FROM team_assignments ORDER BY turn")] == ["kz1", "jb1", None]
    assert court.sql("SELECT team FROM case_courses WHERE application_id = 'A1'")[0][0] is None


@pytest.mark.parametrize(
    ("number", "team", "turn", "code"),
    [
        ("A1", "xx9", 0, "VALIDATION_FAILED"),
        ("A4", "kz1", 0, "VALIDATION_FAILED"),
        ("A5", "kz1", 0, "VALIDATION_FAILED"),
        ("A1", "kz1", 1, "PRECONDITION_FAILED"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    court: Court, number: str, team: str, turn: int, code: str
) -> None:
    """No such team, ended, undecided, assigned by somebody else meanwhile."""
    with pytest.raises(ProblemError, match=code):
        assign(court, number, team, turn)
    assert court.sql("SELECT count(*) FROM team_assignments")[0][0] == 0


async def test_a_form_assigns_the_ticked_cases_or_none_of_them(court: Court) -> None:
    """Two ticked cases go; with one that has ended nothing goes, and the page says which."""
    page = (await get(court, "/teams")).text
    ticked = dict(re.findall(r'name="(case\d+)" value="([^"]+)"', page))
    sent = {"court": COURT, "team": "kz1", "reason": "lane"}
    none = await post(court, "/teams", **sent)
    mixed = await post(court, "/teams", **sent, case1=ticked["case1"], case2=f"{ids(court)['A4']}.0")
    before = court.sql("SELECT count(*) FROM team_assignments")[0][0]
    done = await post(court, "/teams", **sent, case1=ticked["case1"], case2=ticked["case2"])
    assert (none.status_code, "请先勾选案件" in none.text) == (422, True)
    assert (mixed.status_code, "A4 已办结" in mixed.text, before) == (422, True, 0)
    assert (done.status_code, done.headers["location"]) == (303, "/teams?court=%E6%B5%991022&done=2")
    assert "已分配 2 件" in (await get(court, done.headers["location"])).text


async def test_members_are_shown_to_their_lead_alone(court: Court) -> None:
    """The lead of the fast team sees them; a lead of another team, a clerk and a judge do not."""
    strangers = [person("zhao.min", Role.TEAM_LEAD), CLERK, person("li.ming", Role.JUDGE)]
    own = (await get(court, "/teams/kz1")).text
    others = [(await get(court, "/teams/kz1", who)).text for who in strangers]
    assert ("成员" in own, "li.ming" in own) == (True, True)
    assert [("成员</h2>" in page, "wang.fang" in page) for page in others] == [(False, False)] * 3


async def test_teams_stand_by_name_and_a_suggestion_says_why(court: Court) -> None:
    """In the order of sounds: 精 before 快; with how many are waiting and who has room for how many."""
    page = (await get(court, "/teams")).text
    assert page.index("精办一团队") < page.index("快执团队")
    assert "有 3 件已决定的案件尚未分配" in read(page)
    assert "快执团队" in read(page).split("七日内至少可接收：")[1][:40]


async def test_whoever_sees_no_cases_sees_loads_without_numbers(court: Court) -> None:
    """A data scientist; the list of cases is closed to them, and so is assigning."""
    scientist = person("shen.yi", Role.DATA_SCIENTIST)
    page = await get(court, "/teams", scientist)
    listed = await get(court, "/teams/kz1", scientist)
    sent = await post(court, "/teams", scientist, court=COURT, team="kz1", reason="lane")
    assert ("A1" in page.text, listed.status_code, sent.status_code) == (False, 403, 403)


async def test_looking_at_a_list_of_cases_is_on_record(court: Court) -> None:
    """As with the queue."""
    await get(court, "/teams/kz1")
    assert court.sql("SELECT object_id FROM audit WHERE action = 'team.list'")[0][0] == "kz1"


async def test_a_program_assigns_as_a_form_does(court: Court) -> None:
    """201 with the turn; another court's program finds nothing."""
    path = f"/v1/scores/{ids(court)['A1']}:assign"
    body = {"team": "kz1", "reason": "load", "turn": 0}
    apps = [
        guarded(court.folder, principal=who, store=court.store) for who in (CLERK, person("x.y", Role.CLERK, "苏0903"))
    ]
    found = []
    for app in apps:
        async with client(app) as caller:
            found.append(await caller.post(path, json=body))
    assert [answer.status_code for answer in found] == [201, 404]
    assert (found[0].json()["turn"], found[0].json()["team"]) == (1, "kz1")


async def test_a_court_without_teams_says_so(tmp_path: Path) -> None:
    """Nothing is made up."""
    court = Court.empty(tmp_path)
    court.case("A1", "2026-11-02", lane="fast")
    court.count()
    page = read((await get(court, "/teams")).text)
    assert "尚未登记团队" in page


def test_room_follows_from_who_is_there_and_from_limits() -> None:
    """Seven days from a Friday: one member away that day, five working days, and weekly limits bound the whole."""
    register = teams_of(TEAMS)
    fast = next(team for team in register.teams if team.id == "kz1")
    empty, near, full = (room_of(register, fast, date(2026, 11, 20), given=given) for given in (0.0, 26.0, 31.0))
    assert (empty.whole, empty.left, empty.state) == (30.0, 30.0, RoomState.FREE)
    assert (near.left, near.state) == (4.0, RoomState.NEAR)
    assert (full.left, full.state) == (0.0, RoomState.FULL)


def test_a_team_without_members_has_no_known_room() -> None:
    """Neither free nor full."""
    register = build.register(build.team("t1"))
    assert room_of(register, register.teams[0], build.DAY, given=0.0).state is RoomState.UNKNOWN
