"""The demonstration court: three months of work in every state, by the service's own rules, upon nobody's record."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from features.case import parse_case
from features.register import load_register
from serving.access.roles import Role
from serving.audit.trail import Trail
from serving.demo.course import Doing
from serving.demo.house import House, look, mark
from serving.demo.opening import open_court
from serving.demo.people import MODES, NAMES, PEOPLE
from serving.opening import keys_of, open_store, second_place
from serving.settings import Settings
from serving.store.tables import accounts, advice, decisions, open_cases, urging_windows, views
from tests.builders_case import case_document
from tests.builders_demo import NOW, DemoCourt, simulated, steps
from tests.builders_pages import Courthouse, standing_in
from tests.builders_serving import opened


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulate the cases that `make demo` simulates."""
    return simulated(tmp_path_factory.mktemp("cases"), n=1700)


def rows(settings: Settings, query: sa.Select) -> list:
    """Return what a query finds in the court's record."""
    store = open_store(settings, keys_of(settings))
    try:
        return list(store.read(lambda connection: connection.execute(query).all()))
    finally:
        store.close()


def test_between_six_hundred_and_fifteen_hundred_applications_came_in(cases: Path) -> None:
    """As many as a court's desk sees in three months, at every court, in every one of the months."""
    received = [step for step in steps(cases) if step.doing is Doing.RECEIVE]
    assert 600 <= len(received) <= 1500
    assert {step.court for step in received} == set(MODES)
    assert {step.at.month for step in received} >= {9, 10, 11}


def test_everything_happens_there(cases: Path) -> None:
    """Corrections, decisions taken back, second stages, reports, reviews asked for and answered."""
    done = Counter(step.doing for step in steps(cases))
    assert set(done) == set(Doing)
    assert min(done.values()) >= 5


def test_every_kind_of_course_is_reported(cases: Path) -> None:
    """Urging begun and ended, payments, settlements, filing, closing as paid, and closing for want of assets."""
    events = [event for step in steps(cases) if step.doing is Doing.REPORT for event in step.said["events"]]
    assert {"urge_start", "convert", "payment", "file", "close", "settle", "to_complex"} <= {e["kind"] for e in events}
    assert {"full", "terminated"} <= {event["mode"] for event in events if event["kind"] == "close"}


def test_what_waits_is_due_today_overdue_near_limitation_or_losing_a_preservation(cases: Path) -> None:
    """Each of them is there once by design, with a number of the longest kind and rare characters."""
    told = " ".join(step.number for step in steps(cases))
    for name in ("时效将满", "保全将满", "今日届满", "已过期限", "𬭎䶮㛃"):
        assert name in told


def test_nothing_is_done_that_has_not_happened_yet(cases: Path) -> None:
    """Steps are in order and lie before now; no document knows what came after it."""
    found = steps(cases)
    assert [step.at for step in found] == sorted(step.at for step in found)
    assert found[-1].at < NOW
    for step in [one for one in found if one.doing in {Doing.RECEIVE, Doing.QUERY}][::7]:
        parse_case(step.said, now=step.at, register=load_register())


def test_the_same_seed_gives_the_same_work(cases: Path) -> None:
    """And another one other work."""
    assert steps(cases, seed=3) == steps(cases, seed=3)
    assert steps(cases, seed=3) != steps(cases, seed=4)


def test_the_record_is_whole_and_says_when_each_thing_was_done(demo_court: DemoCourt) -> None:
    """The audit trail verifies, answers bear the instants of their cases, and all of them are simulated."""
    settings = demo_court.settings
    keys = keys_of(settings)
    store = open_store(settings, keys)
    try:
        assert Trail(store, keys.mac, second_place(settings, keys)).verify().whole
    finally:
        store.close()
    found = rows(settings, sa.select(advice.c.as_of, advice.c.created_at))
    assert len(found) > 25
    lags = [datetime.fromisoformat(created_at) - datetime.fromisoformat(as_of) for as_of, created_at in found]
    assert max(lags) < timedelta(minutes=10)
    assert min(lags) == timedelta()
    assert {row.simulated for row in rows(settings, sa.select(open_cases.c.simulated))} == {1}


def test_people_agreed_differed_with_reasons_and_left_the_advice_aside(demo_court: DemoCourt) -> None:
    """Each decision that differs names its reason; where an opinion comes first, one was given."""
    settings = demo_court.settings
    found = rows(settings, sa.select(decisions).where(decisions.c.act == "decide"))
    differing = [row for row in found if row.advised is not None and row.lane != row.advised]
    assert differing
    assert all(row.reason for row in differing)
    assert len(differing) < len(found) / 2
    strict = {row.advice_id for row in found if row.court_code == "浙1002"}
    given = {row.advice_id for row in rows(settings, sa.select(views).where(views.c.kind == "opinion"))}
    assert strict <= given


def test_another_urging_window_waits_for_a_signature(demo_court: DemoCourt) -> None:
    """Asked for by whoever runs the service, so that the president finds something to sign."""
    found = rows(demo_court.settings, sa.select(urging_windows.c.act, urging_windows.c.days, urging_windows.c.by))
    assert [tuple(one) for one in found] == [("ask", 20, "account:sysadmin")]


def test_each_role_can_log_in_and_no_password_is_written_down(demo_court: DemoCourt) -> None:
    """One account for each role, passwords that need not be changed, and none of them in any file."""
    settings, passwords = demo_court.settings, demo_court.passwords
    assert {person.role for person in PEOPLE} == set(Role)
    assert set(passwords) == NAMES
    assert {row.must_change for row in rows(settings, sa.select(accounts.c.must_change))} == {False}
    written = b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())
    assert [name for name, password in passwords.items() if password.encode() in written] == []


def test_the_court_of_today_is_kept_with_new_passwords(demo_court: DemoCourt) -> None:
    """Opening it again builds nothing."""
    settings, passwords = demo_court.settings, demo_court.passwords
    before = rows(settings, sa.select(sa.func.count()).select_from(advice))
    again = demo_court.new_passwords()
    assert set(again) == NAMES
    assert not set(again.values()) & set(passwords.values())
    assert rows(settings, sa.select(sa.func.count()).select_from(advice)) == before


def test_an_earlier_court_is_set_aside_and_somebody_elses_record_is_left_alone(tmp_path: Path) -> None:
    """What was due then is overdue now; what others wrote is neither moved nor built upon."""
    store = opened(tmp_path)
    settings, today = Settings(home=tmp_path), NOW.date()
    mark(settings, today=today - timedelta(days=1))
    assert look(settings, store, frozenset(), today=today) is House.EMPTY
    assert look(settings, store, NAMES, today=today) is House.EARLIER
    mark(settings, today=today)
    assert look(settings, store, NAMES, today=today) is House.TODAY
    assert look(settings, store, NAMES | {"li.ming"}, today=today) is House.OTHERS
    Courthouse(tmp_path, store, standing_in(tmp_path, model=False)).score(case_document())
    assert look(settings, store, NAMES, today=today) is House.OTHERS


def test_an_earlier_court_goes_with_its_keys(tmp_path: Path) -> None:
    """The place is told, and everything is still there."""
    settings, told = Settings(home=tmp_path), []
    store = open_store(settings, keys_of(settings))
    store.write(lambda connection: connection.execute(sa.insert(accounts), account("clerk")))
    store.close()
    found = open_court(settings, folder=tmp_path / "none", tell=told.append, count=lambda _done, _all: None)
    assert "make demo" in found.why
    moved = next((tmp_path / "earlier").iterdir())
    assert str(moved) in told[0]
    assert (moved / "fenliu.db").exists()
    assert (moved / "keys").is_dir()


def account(name: str) -> dict[str, object]:
    """Return the row of an account."""
    return {
        "name": name, "must_change": False, "roles": "clerk", "courts": "浙1022", "created_at": "", "created_by": "",
        "rights_wait": False,
    }  # fmt: skip


def test_marks_are_read_even_when_they_are_damaged(tmp_path: Path) -> None:
    """A damaged mark is none."""
    store = opened(tmp_path)
    (tmp_path / "demo-court.json").write_text(json.dumps([]), encoding="utf-8")
    assert look(Settings(home=tmp_path), store, NAMES, today=NOW.date()) is House.EARLIER
