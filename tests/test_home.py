"""The first page: browsers are led to it, its counts are the record's, and it tells of the model and the switch."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from serving.access.principal import Courts
from serving.access.roles import Role
from serving.door.admission import Admission
from serving.door.guard import Guard
from serving.door.head import Door
from serving.office import hand_over
from serving.pages.home import home_page
from serving.pages.language import language
from serving.pages.problem_page import problem_page
from serving.pages.shell import shell_of
from serving.repositories.overview import Counts
from serving.repositories.queue import Sought
from serving.routes.table import TABLE, rest_app
from serving.settings import Settings
from tests.builders_case import NOW, case_document
from tests.builders_identity import GOOD, judge_of
from tests.builders_pages import Courthouse, person, read, standing_in
from tests.builders_replay import OPERATOR
from tests.builders_serving import ORIGIN, ROOMY, client, guarded, opened

pytestmark = pytest.mark.anyio
SAY = language("zh-CN")
MODEL = {"degraded_reason": None, "name": "tiny-1"}


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def court(tmp_path: Path) -> Courthouse:
    """Return a court that answers by its rules."""
    return Courthouse(tmp_path, opened(tmp_path), standing_in(tmp_path, model=False))


async def test_a_browser_is_led_to_the_first_page_and_a_program_is_not(tmp_path: Path) -> None:
    """Whoever has not logged in is asked to, there."""
    async with client(guarded(tmp_path, principal=None)) as caller:
        led = await caller.get("/", headers={"Accept": "text/html,*/*"})
        told = await caller.get("/", headers={"Accept": "*/*"})
        asked = await caller.get("/home", headers={"Accept": "text/html"})
    assert (led.status_code, led.headers["location"], led.headers["vary"]) == (303, "/home", "Accept")
    assert (told.status_code, "分流" in told.text) == (200, True)
    assert (asked.status_code, 'action="/login"' in asked.text) == (401, True)


async def test_the_counts_are_those_of_the_record(court: Courthouse) -> None:
    """What waits, what is late, what is due today, what the judge holds, what others hold."""
    judge, other = person("li.ming", Role.JUDGE), person("wang.wei", Role.JUDGE)
    ids = [court.score(case_document(application_id=f"SQ-{number}")) for number in range(5)]
    due = [row["due_on"] for row in court.office().record.queue.page(Sought(), origin=OPERATOR).rows]
    at = NOW.replace(year=int(due[0][:4]), month=int(due[0][5:7]), day=int(due[0][8:]), hour=9)
    today = replace(court, clock=lambda: at).office().record
    today.queue.take(ids[0], origin=replace(OPERATOR, by=judge))
    today.queue.take(ids[1], origin=replace(OPERATOR, by=other))
    found = today.overview.counts(origin=replace(OPERATOR, by=judge))
    assert (found.waiting, found.late, found.today, found.mine) == (5, 0, 5, 1)
    later = replace(court, clock=lambda: at + timedelta(days=1)).office().record.overview
    assert (later.counts(origin=OPERATOR).late, later.counts(origin=OPERATOR).mine) == (5, 0)


async def test_decisions_of_seven_days_are_counted_for_the_court(court: Courthouse) -> None:
    """All people together; another court's are not among them, nor those of a week ago."""
    judge = person("li.ming", Role.JUDGE)
    advice_id, by = court.score(case_document()), replace(OPERATOR, by=judge)
    office = court.office()
    asked = {"advice_id": advice_id, "lane": "ordinary", "reason": "other", "warnings_checked": True}
    made = office.record.decisions.decide(asked, key="k-00000001", tags=lambda _: True, origin=by)
    elsewhere = replace(OPERATOR, by=replace(judge, courts=Courts(frozenset({"浙1002"}))))
    assert office.record.overview.counts(origin=by).decided == 1
    assert office.record.overview.counts(origin=elsewhere).decided == 0
    week = replace(court, clock=lambda: NOW + timedelta(days=7)).office().record.overview
    assert week.counts(origin=by).decided == 0
    office.record.decisions.withdraw(made.row["id"], key="k-00000002", tags=lambda _: True, origin=by)
    assert office.record.overview.counts(origin=by).decided == 0, "what was taken back is not decided"


async def home_of(court: Courthouse, role: Role, **params: str) -> str:
    """Log in with an account of this role and return the first page."""
    office, app = court.office(), rest_app()
    account = judge_of(name="li.ming", roles=frozenset({role}))
    office.reception.staff.accounts.create(account, origin=ORIGIN, password=GOOD, must_change=False)
    hand_over(app, office)
    guard = Guard(app, Door.of(Settings(), page_of=problem_page), TABLE, Admission(office.reception.porter, ROOMY))
    async with client(guard) as caller:
        entered = await caller.post("/login", data={"name": "li.ming", "password": GOOD})
        cookie = entered.headers["set-cookie"].partition(";")[0]
        return (await caller.get("/home", params=params, headers={"Cookie": cookie})).text


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_page_shows_counts_places_and_the_model(court: Courthouse, lang: str) -> None:
    """For a judge: cases with links, reviews, the way to each page, and that answers come from the rules alone."""
    court.score(case_document())
    page = await home_of(court, Role.JUDGE, lang=lang)
    assert re.search(r'<span class="count-of">1</span><a href="/queue">', page)
    assert '<li><a href="/intake/new">' in page
    assert {"zh": "停用开关：未停用", "en": "nothing is switched off"}[lang] in read(page)
    assert "按本院合计，不分法官" in page or "as a whole" in page


async def test_whoever_sees_no_cases_sees_no_counts(court: Courthouse) -> None:
    """Administrators find their places and the model, nothing of cases."""
    page = await home_of(court, Role.SYSTEM_ADMIN)
    assert "等您处理" not in page
    assert "模型与停用开关" in page


@pytest.mark.parametrize(
    ("stopped", "text", "loud"),
    [
        ([], "停用开关：未停用", False),
        (["浙1002"], "停用开关：未停用", False),
        (["浙1022"], "停用开关：已停用模型的法院 浙1022", True),
        (["*"], "停用开关：已对全部法院停用模型", True),
    ],
)
def test_the_switch_is_told_where_it_concerns_the_reader(stopped: list[str], text: str, *, loud: bool) -> None:
    """Another court's switch is that court's business."""
    told = home_page(None, MODEL, stopped, reader=person("a.b", Role.JUDGE), say=SAY).model[1]
    assert (told.text, told.loud) == (text, loud)


def test_a_tile_is_loud_only_where_there_is_something() -> None:
    """Nought is no alarm; more than is counted exactly is told as more."""
    none = Counts(waiting=0, late=0, today=0, urging=0, mine=0, reviews=0, decided=0)
    reader = person("a.b", Role.JUDGE)
    assert {tile.mood for tile in home_page(none, MODEL, [], reader=reader, say=SAY).waiting} == {""}
    many = home_page(replace(none, late=1001), MODEL, [], reader=reader, say=SAY).waiting[0]
    assert (many.count, many.mood) == ("1000 件以上", "over")


@pytest.mark.parametrize(("court", "there"), [("浙1022", True), ("", False)])
def test_no_link_leads_to_the_settings_of_no_court(court: str, *, there: bool) -> None:
    """An administrator without courts would find nothing behind it."""
    reader = replace(person("a.b", Role.SYSTEM_ADMIN), courts=Courts(frozenset({court} if court else ())))
    links = {link.address for link in shell_of(reader, say=SAY, path="/home").links}
    assert ("/settings" in links) is there
