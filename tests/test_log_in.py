"""Logging in: only with the right password, not too often, and with one answer for every way of being wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from serving.access.actions import OWN, Action
from serving.access.roles import Role
from serving.identity import passwords
from serving.identity.log_in import Attempt, LockedError, WrongLogInError
from serving.identity.opening import open_reception
from serving.identity.passwords import Cost
from serving.identity.reception import Staff
from serving.identity.sessions import SessionOverError
from serving.store.tables import audit
from tests.builders_identity import COURT, GOOD, Clock, everything, judge_of
from tests.builders_serving import KEYS, ORIGIN, POLICY
from tests.builders_store import Database

LI = judge_of()


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def staff(database: Database, clock: Clock) -> Staff:
    """Return the staff of a court with one judge, on SQLite and on PostgreSQL."""
    found = open_reception(database.open(), KEYS, policy=POLICY, clock=clock).staff
    found.accounts.create(LI, origin=ORIGIN, password=GOOD, must_change=False)
    return found


def attempt(password: str = GOOD, *, name: str = "li.ming", address: str = "10.0.0.8") -> Attempt:
    """Return one try."""
    return Attempt(name, password, address, "req-1")


def wrong(staff: Staff, times: int, **where: str) -> None:
    """Try a wrong password so many times."""
    for _ in range(times):
        with pytest.raises(WrongLogInError, match="账户名或口令不正确"):
            staff.log_in(attempt("wrong", **where))


def test_the_right_password_opens_a_session(staff: Staff) -> None:
    """With the rights of the account's roles."""
    session = staff.log_in(attempt())
    principal = staff.sessions.recognise(session.token)
    assert principal.owner == "account:li.ming"
    assert principal.may(Action.DECISION_CREATE, "浙1022")
    assert not principal.may(Action.SCORE_READ, "浙1001")


def test_two_log_ins_are_two_sessions(staff: Staff) -> None:
    """A token is never given twice, and ending one leaves the other."""
    first, second = staff.log_in(attempt()), staff.log_in(attempt())
    assert first.token != second.token
    staff.sessions.end(first.token, origin=ORIGIN)
    with pytest.raises(SessionOverError, match="会话已结束"):
        staff.sessions.recognise(first.token)
    assert staff.sessions.recognise(second.token)


def test_the_store_does_not_hold_the_token(staff: Staff, database: Database) -> None:
    """Whoever steals the database has no session."""
    session = staff.log_in(attempt())
    content = everything(database)
    assert session.token not in content
    assert session.csrf not in content


def test_five_wrong_tries_lock_the_account_even_for_the_right_password(staff: Staff, clock: Clock) -> None:
    """For fifteen minutes, told in seconds; then it opens again."""
    wrong(staff, 5)
    with pytest.raises(LockedError, match="900"):
        staff.log_in(attempt())
    clock.go(minutes=14)
    with pytest.raises(LockedError, match="60"):
        staff.log_in(attempt(address="10.0.0.9"))
    clock.go(minutes=1)
    assert staff.log_in(attempt())


def test_a_right_password_forgets_the_wrong_ones(staff: Staff) -> None:
    """Four wrong, one right, four wrong: not locked."""
    for _ in range(3):
        wrong(staff, 4)
        staff.log_in(attempt())


def test_an_account_that_never_was_is_locked_alike(staff: Staff) -> None:
    """Nobody learns from the lock which names exist."""
    wrong(staff, 5, name="nobody")
    with pytest.raises(LockedError, match="900"):
        staff.log_in(attempt("wrong", name="nobody"))


def test_one_address_cannot_try_many_names(staff: Staff) -> None:
    """After twenty wrong tries the address is locked for every name, others are not."""
    for number in range(20):
        wrong(staff, 1, name=f"name{number}")
    with pytest.raises(LockedError, match="900"):
        staff.log_in(attempt())
    assert staff.log_in(attempt(address="10.0.0.9"))


def test_guesses_side_by_side_are_counted_too(staff: Staff) -> None:
    """Of twelve at once no more than five are looked at."""

    def guess(number: int) -> str:
        try:
            staff.log_in(attempt(f"wrong{number}", address=f"10.0.1.{number}"))
        except (WrongLogInError, LockedError) as error:
            return type(error).__name__
        return "in"

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(guess, range(12)))
    assert sorted(found) == ["LockedError"] * 7 + ["WrongLogInError"] * 5


def test_an_administrator_can_unlock(staff: Staff) -> None:
    """At once."""
    wrong(staff, 5)
    with pytest.raises(LockedError, match="900"):
        staff.log_in(attempt())
    staff.accounts.unlock("li.ming", origin=ORIGIN)
    assert staff.log_in(attempt())


def test_wrong_unknown_and_closed_cost_the_same_work(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """One password is hashed in each case, at the same cost; so the time tells nothing either."""
    spent: list[Cost] = []
    slow = passwords._scrypt
    monkeypatch.setattr(passwords, "_scrypt", lambda text, salt, cost: spent.append(cost) or slow(text, salt, cost))
    staff.accounts.create(replace(LI, name="closed"), origin=ORIGIN, password=GOOD)
    staff.accounts.disable("closed", origin=ORIGIN)
    staff.accounts.create(replace(LI, name="elsewhere", external_id="7"), origin=ORIGIN)
    spent.clear()
    for name in ("li.ming", "nobody", "closed", "elsewhere"):
        wrong(staff, 1, name=name)
    assert spent == [POLICY.cost] * 4


def test_a_closed_account_stays_out_and_its_sessions_end(staff: Staff) -> None:
    """At once, in the middle of the work."""
    session = staff.log_in(attempt())
    staff.accounts.disable("li.ming", origin=ORIGIN)
    with pytest.raises(SessionOverError, match="会话已结束"):
        staff.sessions.recognise(session.token)
    with pytest.raises(WrongLogInError, match="不正确"):
        staff.log_in(attempt())


@pytest.mark.parametrize("change", ["grant", "reset"])
def test_other_rights_or_another_password_end_every_session(staff: Staff, change: str) -> None:
    """Nobody goes on with what he had before."""
    session = staff.log_in(attempt())
    if change == "grant":
        staff.accounts.grant("li.ming", [Role.CLERK], COURT, origin=ORIGIN)
    else:
        staff.accounts.reset("li.ming", origin=ORIGIN)
    with pytest.raises(SessionOverError, match="会话已结束"):
        staff.sessions.recognise(session.token)


def test_a_session_ends_when_nobody_uses_it(staff: Staff, clock: Clock) -> None:
    """After fifteen minutes without a call; every call begins them anew."""
    session = staff.log_in(attempt())
    for _ in range(3):
        clock.go(minutes=14)
        staff.sessions.recognise(session.token)
    clock.go(minutes=15)
    with pytest.raises(SessionOverError, match="会话已结束"):
        staff.sessions.recognise(session.token)


def test_a_session_ends_at_the_latest_after_half_a_day(staff: Staff, clock: Clock) -> None:
    """However busy it is."""
    session = staff.log_in(attempt())
    for _ in range(71):
        clock.go(minutes=10)
        staff.sessions.recognise(session.token)
    clock.go(minutes=10)
    with pytest.raises(SessionOverError, match="会话已结束"):
        staff.sessions.recognise(session.token)


def test_a_password_that_must_be_changed_opens_nothing_else(staff: Staff) -> None:
    """Whoever logs in with a password somebody else knows can only change it."""
    staff.accounts.reset("li.ming", origin=ORIGIN, password=GOOD + "1")
    session = staff.log_in(attempt(GOOD + "1"))
    principal = staff.sessions.recognise(session.token)
    assert (principal.actions, principal.pending) == (OWN, "PASSWORD_CHANGE_REQUIRED")


def test_an_old_password_must_be_changed(staff: Staff, clock: Clock) -> None:
    """After ninety days, unless the court says otherwise."""
    clock.go(days=89, hours=23)
    assert not staff.log_in(attempt()).must_change
    clock.go(hours=1)
    assert staff.log_in(attempt()).must_change


def test_passwords_may_last_for_ever_if_the_court_says_so(database: Database, clock: Clock) -> None:
    """Zero days means no change is asked for."""
    policy = replace(POLICY, password_days=0)
    staff = open_reception(database.open(), KEYS, policy=policy, clock=clock).staff
    staff.accounts.create(LI, origin=ORIGIN, password=GOOD, must_change=False)
    clock.now += timedelta(days=4000)
    assert not staff.log_in(attempt()).must_change


def test_a_password_is_stored_anew_at_a_higher_cost(database: Database, staff: Staff, clock: Clock) -> None:
    """At the next log-in, without anybody noticing."""
    dearer = replace(POLICY, cost=Cost(log_n=5, block=1, lanes=1))
    later = open_reception(database.open(), KEYS, policy=dearer, clock=clock).staff
    later.log_in(attempt())
    stored = later.accounts.every()[0].password
    assert stored is not None
    assert stored.startswith("scrypt$5$1$1$")
    assert later.log_in(attempt())


def test_log_ins_good_and_bad_are_audited_and_repeat_no_name_that_is_no_account(staff: Staff) -> None:
    """A name that is none may be a password typed into the wrong field."""
    staff.log_in(attempt())
    wrong(staff, 1)
    wrong(staff, 1, name="my-secret-password")
    query = select(audit.c.action, audit.c.outcome, audit.c.actor, audit.c.object_id).order_by(audit.c.seq)
    rows = staff.accounts.records.store.read(lambda connection: connection.execute(query).all())
    found = [tuple(row) for row in rows if row.action == "session.create"]
    assert [row[1:3] for row in found] == [("done", "account:li.ming"), *[("failed", "nobody:-")] * 2]
    assert [row[3] for row in found[1:]] == ["li.ming", "unknown"]
    assert "my-secret" not in str(rows)
