"""A court's urging window is a dated version: asked for, signed by another one, and laid over the service's table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.clock import SHANGHAI
from models.rules.rule import RuleTableError
from models.rules.table import RuleTable
from models.rules.windows import SignedWindow, Windowed, windowed
from serving.access.origin import Origin
from serving.access.principal import Principal
from serving.access.roles import Role
from serving.door.problems import ProblemError
from serving.model_life.changeover import Change, Changeover
from serving.model_life.court_windows import SignedWindows
from serving.model_life.renewal import Renewal
from serving.model_life.sight import Sight
from serving.model_life.standing import Standing
from serving.pages.home import home_page
from serving.pages.language import language
from serving.record.urging.ending import Judge
from serving.record.urging.window import Asked, Step
from serving.repositories.rule_texts import RuleTextStore
from serving.repositories.urging.conversions import Watched
from serving.repositories.urging.windows import WindowStore
from serving.store.faults import StoreUnavailableError
from serving.store.tables import audit, urging_windows
from tests.builders_case import NOW as CASE_NOW
from tests.builders_case import case_document
from tests.builders_indicators import NOW, Court
from tests.builders_pages import FORM, Courthouse, person, read
from tests.builders_replay import Answered
from tests.builders_serving import KEYS, Fixed, client, guarded, opened
from tests.builders_store import Database
from tests.builders_windows import BASE, COURT, court_text, days_on, signed, table

ADMIN = person("he.yun", Role.SYSTEM_ADMIN)
LEADER = person("yuan.zhang", Role.LEADERSHIP)
JUDGE = person("li.ming", Role.JUDGE)
_FIRST, _DAYS = date(2026, 12, 1), st.integers(1, 30)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


# The table


@settings(max_examples=20, deadline=None)
@given(
    own=st.tuples(st.integers(-200, 200), _DAYS),
    asked=st.dictionaries(st.integers(0, 150), _DAYS, min_size=1, max_size=3),
)
def test_only_the_window_changes_and_each_holds_from_its_day_until_the_next(
    own: tuple[int, int], asked: dict[int, int]
) -> None:
    """Whatever the table says of its own window from whatever day on; read again from its texts it is the same."""
    base = table((_FIRST + timedelta(days=own[0])).isoformat(), own[1])
    windows = [SignedWindow(day=_FIRST + timedelta(days=n), days=days, id=f"UW-{n}") for n, days in asked.items()]
    found = windowed(base, COURT, windows).table
    for offset in {-201, -1, own[0] - 1, own[0], *asked, *(n + 1 for n in asked), 400}:
        day = _FIRST + timedelta(days=offset)
        held = [one.days for one in sorted(windows) if one.day <= day]
        expected = held[-1] if held else base.on(day).number("urging_days")
        assert found.on(day).parameters == {**base.on(day).parameters, "urging_days": expected}
        assert [one.rule for one in found.on(day).rules] == [one.rule for one in base.on(day).rules]
    assert RuleTable.of(found.texts).sha256 == found.sha256 != base.sha256


def test_a_later_window_of_the_table_is_named_and_does_not_apply() -> None:
    """A signed window holds until another one is signed: no exchange of files changes what was promised."""
    found = windowed(table("2027-02-01", 10), COURT, [signed("2026-12-10", 20)])
    assert days_on(found.table, "2026-12-09", "2026-12-10", "2027-02-01") == [15, 20, 20]
    assert [(one.day, one.days, one.by.days) for one in found.overruled] == [(date(2027, 2, 1), 10.0, 20)]


def test_a_window_that_the_law_does_not_allow_is_left_out_alone() -> None:
    """The others hold; nothing looser than the law is ever in a table."""
    found = windowed(BASE, COURT, [signed("2026-12-10", 20), signed("2027-01-10", 31, 2), signed("2027-02-10", 10, 3)])
    assert days_on(found.table, "2026-12-10", "2027-01-10", "2027-02-10") == [20, 20, 10]
    assert [(one.window.days, "超出 1–30" in one.why.zh) for one in found.refused] == [(31, True)]
    with pytest.raises(RuleTableError, match="UW-20261120-000009"):
        RuleTable.of([court_text("2026-12-10", 31, "UW-20261120-000009")])


def test_a_courts_name_cannot_break_out_of_its_place() -> None:
    """It is a text of the file, whatever stands in it."""
    name = '浙"]\\'
    assert windowed(BASE, name, [signed("2026-12-10", 20)]).table.court == name


# The road: asking, signing, taking back


@dataclass
class Desk:
    """A court whose people act on the settings page."""

    court: Court

    async def post(self, path: str, who: Principal, **fields: str) -> httpx.Response:
        """Send a form in."""
        at = self.court
        async with client(guarded(at.folder, principal=who, store=at.store, clock=lambda: at.now)) as caller:
            return await caller.post(path, data={"court": COURT, **fields}, headers=FORM)

    async def page(self, who: Principal, path: str = "/settings") -> str:
        """Return a page as it reads."""
        at = self.court
        async with client(guarded(at.folder, principal=who, store=at.store, clock=lambda: at.now)) as caller:
            return read((await caller.get(path)).text)

    async def ask(self, who: Principal = ADMIN, **fields: str) -> httpx.Response:
        """Ask for twenty days from December on."""
        filled = {"days": "20", "from": "2026-12-01", "reason": "审委会纪要", **fields}
        return await self.post("/settings/window", who, **filled)

    async def step(self, what: str, who: Principal = LEADER, *, seen: str = "ask", **fields: str) -> httpx.Response:
        """Do something about the newest request."""
        newest = self.court.record.windows.of(COURT)[0].id
        return await self.post(f"/settings/window/{newest}/{what}", who, **{"seen": seen, "reason": "同意", **fields})

    def signed(self) -> list[tuple[str, int]]:
        """Return what is signed."""
        found = dict(WindowStore(self.court.store, KEYS).signed())
        return [(one.day.isoformat(), one.days) for one in found.get(COURT, ())]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a court that has never asked for another window."""
    return Desk(Court.empty(tmp_path))


@pytest.mark.anyio
async def test_two_people_change_a_window_and_the_history_shows_both(desk: Desk) -> None:
    """Asking changes nothing; the other one's signature does, and who, when, why and from which day is shown."""
    asked = await desk.ask()
    before = desk.signed()
    done = await desk.step("sign")
    page, history = await desk.page(JUDGE), await desk.page(JUDGE, "/settings/history")
    assert (asked.status_code, before, done.status_code) == (303, [], 303)
    assert desk.signed() == [("2026-12-01", 20)]
    assert "自 2026-12-01 起 20 日 已签署，待施行" in page
    assert "提出变更 he.yun 2026-11-20 10:00 审委会纪要" in history
    assert "已签署 yuan.zhang 2026-11-20 10:00 同意" in history


def tiles(court: Court, who: Principal) -> list[str]:
    """Return what the first page says of urging windows."""
    counts = court.record.overview.counts(origin=Origin(who))
    page = home_page(counts, {}, (), reader=who, say=language("zh-CN"))
    return [tile.text for tile in page.waiting if "变更" in tile.text]


@pytest.mark.anyio
async def test_whoever_may_sign_is_told_on_the_first_page(desk: Desk) -> None:
    """As long as a request waits, and nobody else is."""
    await desk.ask()
    told = [tiles(desk.court, who) for who in (LEADER, JUDGE)]
    await desk.step("sign")
    assert (*told, tiles(desk.court, LEADER)) == (["督促期变更申请，待签署"], [], [])


@pytest.mark.anyio
async def test_every_step_is_a_row_and_stands_on_the_audit_chain(desk: Desk) -> None:
    """Nothing is ever changed or removed, not even by the database's own hand."""
    await desk.ask()
    await desk.step("sign")
    await desk.step("withdraw", ADMIN, seen="sign", reason="另行研究")
    store = desk.court.store
    acts = [row.action for row in store.read(lambda one: one.execute(sa.select(audit.c.action)).all())]
    assert [act for act in acts if act.startswith("window.")] == ["window.ask", "window.sign", "window.take_back"]
    assert desk.signed() == []
    for change in (sa.update(urging_windows).values(days=1), sa.delete(urging_windows)):
        with pytest.raises(StoreUnavailableError, match=r"kept as it was written|permission denied"):
            store.write(lambda one, change=change: one.execute(change))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("days", "31", "超出 1–30，不得放宽"),
        ("days", "半个月", "督促期填整数日"),
        ("days", "15", "本来就是 15 日"),
        ("from", "2026-11-20", "施行日须在明日以后"),
        ("from", "明年", "施行日写作"),
        ("reason", "", "必填"),
    ],
)
async def test_a_window_that_cannot_be_is_refused_in_words(desk: Desk, field: str, value: str, words: str) -> None:
    """The page again, with the typed value and nothing on record."""
    refused = await desk.ask(**{field: value})
    assert (refused.status_code, words in read(refused.text)) == (422, True)
    assert f'value="{value}"' in refused.text
    assert desk.court.record.windows.of(COURT) == ()


@pytest.mark.anyio
async def test_programs_read_the_same_history(desk: Desk) -> None:
    """Beside the versions of the settings, the newest request first, with every step."""
    await desk.ask()
    await desk.step("sign")
    app = guarded(desk.court.folder, principal=JUDGE, store=desk.court.store, clock=lambda: NOW)
    async with client(app) as caller:
        found = (await caller.get(f"/v1/courts/{COURT}/settings")).json()["urging_windows"]
    assert [(one["days"], one["first_day"], [step["act"] for step in one["steps"]]) for one in found] == [
        (20, "2026-12-01", ["ask", "sign"])
    ]


@pytest.mark.anyio
async def test_nobody_signs_alone_and_programs_never(desk: Desk) -> None:
    """Who asked may not sign, whatever else he may; who may only ask, or neither, is refused; so is a key."""
    both = replace(ADMIN, actions=ADMIN.actions | LEADER.actions)
    await desk.ask(both)
    assert "须由另一人签署" in read((await desk.step("sign", both)).text)
    key = replace(LEADER, kind="key")
    assert [(await desk.step("sign", who)).status_code for who in (ADMIN, JUDGE, key)] == [403, 403, 403]
    assert (await desk.ask(LEADER)).status_code == 403
    assert (await desk.step("sign", court="浙9999")).status_code == 404
    assert desk.signed() == []


@pytest.mark.anyio
@pytest.mark.parametrize(("what", "who", "state"), [("decline", LEADER, "已退回"), ("withdraw", ADMIN, "已撤回申请")])
async def test_a_request_that_ended_cannot_be_signed(desk: Desk, what: str, who: Principal, state: str) -> None:
    """Whoever clicks late is told that somebody was there before, and another one may be asked for."""
    await desk.ask()
    assert (await desk.step(what, who)).status_code == 303
    late = await desk.step("sign")
    assert (late.status_code, "他人已经办理这项督促期申请" in late.text) == (412, True)
    assert state in await desk.page(JUDGE, "/settings/history")
    assert (desk.signed(), (await desk.ask()).status_code) == ([], 303)


@pytest.mark.anyio
async def test_one_request_at_a_time_and_days_only_go_forward(desk: Desk) -> None:
    """A second request waits for the first; a later one begins after what is signed."""
    await desk.ask()
    assert "已有一项变更申请待签署" in read((await desk.ask(days="10")).text)
    await desk.step("sign")
    assert "施行日须在其后" in read((await desk.ask(days="10", **{"from": "2026-11-30"})).text)
    assert (await desk.ask(days="10", **{"from": "2027-01-01"})).status_code == 303
    await desk.step("sign")
    assert desk.signed() == [("2026-12-01", 20), ("2027-01-01", 10)]


@pytest.mark.anyio
async def test_what_has_begun_is_neither_signed_nor_taken_back(desk: Desk) -> None:
    """From ten minutes before its day on, so that every worker goes by the same window when it begins."""
    await desk.ask()
    desk.court.now = datetime(2026, 11, 30, 23, 50, 1, tzinfo=SHANGHAI)
    assert "不足 10 分钟" in read((await desk.step("sign")).text)
    desk.court.now -= timedelta(seconds=1)
    assert (await desk.step("sign")).status_code == 303
    desk.court.now += timedelta(seconds=1)
    assert "不足 10 分钟" in read((await desk.step("decline", seen="sign")).text)
    desk.court.now = datetime(2026, 12, 1, tzinfo=SHANGHAI)
    assert "已施行" in await desk.page(JUDGE, "/settings/history")
    assert desk.signed() == [("2026-12-01", 20)]


@pytest.mark.anyio
async def test_a_request_that_nobody_signed_in_time_lapses(desk: Desk) -> None:
    """It hinders no other one, and the history says what became of it."""
    await desk.ask()
    desk.court.now = NOW + timedelta(days=30)
    assert "申请失效" in await desk.page(ADMIN, "/settings/history")
    assert (await desk.ask(**{"from": "2027-01-01"})).status_code == 303


def test_steps_are_kept_and_found_on_both_databases(database: Database, tmp_path: Path) -> None:
    """Asked, signed, taken back, on SQLite as on PostgreSQL; each step once, though two come at the same time."""
    windows = Court(tmp_path, database.open()).record.windows
    windows.ask(Asked(court=COURT, days="20", day="2026-12-01", reason="纪要"), origin=Origin(ADMIN))
    step = Step(court=COURT, request_id=windows.of(COURT)[0].id, seen="ask", reason="同意")
    windows.sign(step, origin=Origin(LEADER))
    signed_now = windows.records.signed()
    with pytest.raises(ProblemError, match="PRECONDITION_FAILED"):
        windows.sign(step, origin=Origin(LEADER))
    windows.decline(replace(step, seen="sign"), origin=Origin(LEADER))
    assert [(court, [one.days for one in found]) for court, found in signed_now] == [(COURT, [20])]
    assert (windows.records.signed(), database.rows("urging_windows")) == ((), 3)


# What answers


@dataclass
class Worker:
    """A worker that answers, and looks every second for what has changed."""

    store: Any
    folder: Path
    rules: Path
    reported: list[Change]

    def open(self) -> Changeover[Standing, Sight]:
        """Begin to answer."""
        signed_windows = SignedWindows(WindowStore(self.store, KEYS).signed)
        renewal = Renewal(bundles=self.folder / "bundles", rules=self.rules, watch_rules=True, signed=signed_windows)
        return Changeover(renewal.begin, sight=renewal.sight, renew=renewal.renew, report=self.reported.append)


@pytest.fixture
def worker(desk: Desk) -> Worker:
    """Return a worker of the court, which goes by a rule file of its own."""
    rules = desk.court.folder / "own.toml"
    rules.write_text(court_text("2026-01-01", 12)[1], encoding="utf-8")
    return Worker(desk.court.store, desk.court.folder, rules, [])


@pytest.mark.anyio
async def test_workers_take_a_signed_window_while_they_run_and_other_courts_keep_theirs(
    desk: Desk, worker: Worker
) -> None:
    """Two workers come to the same table, which a worker that starts later has as well; taken back it is gone."""
    first, second = worker.open(), worker.open()
    await desk.ask()
    assert not first.look()
    await desk.step("sign")
    assert (first.look(), second.look()) == (True, True)
    tables = [one.value.rules_of(COURT) for one in (first, second, worker.open())]
    assert len({one.sha256 for one in tables}) == 1
    assert days_on(tables[0], "2026-11-30", "2026-12-01") == [12, 20]
    assert days_on(first.value.rules_of("浙1001"), "2026-12-01") == [12]
    await desk.step("decline", seen="sign")
    first.look()
    assert first.value.rules_of(COURT) is first.value.rules
    assert [(one.part, one.outcome) for one in worker.reported if one.part == "window"] == [("window", "done")] * 4


@pytest.mark.anyio
async def test_a_new_rule_file_goes_below_the_signed_window(desk: Desk, worker: Worker) -> None:
    """Its own later window is overruled, and one with which the signed one is not lawful leaves that out, both told."""
    current = worker.open()
    await desk.ask()
    await desk.step("sign")
    current.look()
    worker.rules.write_text(court_text("2027-01-01", 9)[1], encoding="utf-8")
    current.look()
    assert days_on(current.value.rules_of(COURT), "2026-11-30", "2027-01-01") == [15, 20]
    assert days_on(current.value.rules, "2027-01-01") == [9]
    told = worker.reported[-1]
    assert told.why is not None
    assert (told.outcome, told.why.code, COURT in told.why.zh) == ("done", "WINDOW_OVERRULES", True)


def test_a_store_that_is_silent_leaves_the_windows_as_they_were() -> None:
    """What was read last holds; a worker that could never ask does not begin."""
    answers = iter([((COURT, (signed("2026-12-01", 20),)),)])

    def asked() -> Any:
        found = next(answers, None)
        if found is None:
            raise StoreUnavailableError("no")
        return found

    board = SignedWindows(asked)
    assert board() == board()
    with pytest.raises(StoreUnavailableError, match="no"):
        SignedWindows(asked)()


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answered]:
    """Return a court that answers by its rules alone."""
    folder = tmp_path_factory.mktemp("answered")
    (folder / "bundles").mkdir()
    store = opened(folder)
    yield Answered(folder, store)
    store.close()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.integers(1, 28), offset=st.integers(-3, 3))
def test_an_answer_under_a_signed_window_is_replayed_bit_for_bit(answered: Answered, days: int, offset: int) -> None:
    """By its digest; and its urging ends by the window of the day on which the application came in."""
    plain = answered.standing()
    window = signed((CASE_NOW.date() + timedelta(days=offset)).isoformat(), days)
    laid = windowed(plain.rules, COURT, [window])
    RuleTextStore(answered.store, KEYS).keep(laid.table, at=CASE_NOW)
    standing = replace(plain, windows={COURT: laid})
    court = Courthouse(answered.home, answered.store, standing, lambda: CASE_NOW)
    advice_id = court.score(case_document(application_id=f"SQ-{days}-{offset}", preserved=False))
    answer = json.loads(answered.row(advice_id)["answer"])
    lasts = days if offset <= 0 else 15
    assert answer["versions"]["ruleset_sha256"] == laid.table.sha256
    assert standing.rules_of(COURT).on(CASE_NOW.date()).number("urging_days") == lasts
    assert answered.replay(advice_id).code == "SAME"


@pytest.mark.parametrize(("first_day", "lasts"), [("2026-11-20", 20), ("2026-11-21", 15)])
def test_urging_ends_by_the_window_of_the_day_of_receipt(answered: Answered, first_day: str, lasts: int) -> None:
    """H13 goes by the court's own table: a case that came in before the window's day keeps the old one."""
    plain = answered.standing()
    laid = windowed(plain.rules, COURT, [signed(first_day, 20)])
    standing = replace(plain, windows={COURT: laid})
    urged = {"as_of": CASE_NOW.isoformat(), **case_document(preserved=False)}
    watched = Watched({}, urged, {}, urged, CASE_NOW.date(), ())
    look = Judge(standing, CASE_NOW.date())(watched)
    assert look.again_on == CASE_NOW.date() + timedelta(days=lasts + 1)


@pytest.mark.anyio
async def test_the_table_of_a_court_can_be_read(desk: Desk, tmp_path: Path) -> None:
    """With the window that the court has signed; without a court the service's, and another court's is not found."""
    laid = windowed(BASE, COURT, [signed("2026-11-20", 20), signed("2027-01-10", 31, 2)])

    @dataclass(frozen=True)
    class Shown(Fixed):
        def windowed(self, court: str) -> Windowed:
            return {COURT: laid}.get(court, Windowed(table=BASE))

    app = guarded(desk.court.folder, principal=JUDGE, store=desk.court.store, clock=lambda: NOW, shown=Shown)
    async with client(app) as caller:
        found, other = [await caller.get(f"/v1/rulesets/current?court={code}") for code in (COURT, "浙1001")]
    days = {one["name"]: one["value"] for one in found.json()["parameters"]}
    assert (days["urging_days"], found.json()["sha256"], other.status_code) == (20, laid.table.sha256, 404)
    assert found.json()["refused"]["code"] == "WINDOW_REFUSED"
