"""API keys: made once, recognised while they last, and never readable from the store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from serving.access.actions import Action
from serving.identity.api_keys import ApiKeyError, ApiKeys, Scope
from serving.identity.opening import open_api_keys
from tests.builders_identity import OPERATOR, SCOPE, Clock, everything
from tests.builders_serving import KEYS
from tests.builders_store import Database


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def api_keys(database: Database, clock: Clock) -> ApiKeys:
    """Return the keys of an empty store, on SQLite and on PostgreSQL."""
    return open_api_keys(database.open(), KEYS, clock=clock)


def test_a_key_opens_what_it_was_made_for(api_keys: ApiKeys) -> None:
    """The system, the very key, its actions and its courts, and nothing else."""
    made = api_keys.create("intake", SCOPE, origin=OPERATOR)
    principal = api_keys.recognise(made.text)
    assert principal is not None
    assert (principal.owner, principal.actor) == ("key:intake", f"key:intake/{made.row.id}")
    assert principal.may(Action.SCORE_CREATE, "浙1022")
    assert not principal.may(Action.SCORE_CREATE, "浙1001")
    assert not principal.may(Action.SCORE_READ, "浙1022")


def test_the_secret_is_not_in_the_store(api_keys: ApiKeys, database: Database) -> None:
    """Whoever steals the database has no key."""
    made = api_keys.create("intake", SCOPE, origin=OPERATOR)
    secret = made.text.split("_", 2)[2]
    assert secret not in everything(database)


@pytest.mark.parametrize("change", [
    lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"), lambda text: text.upper(), lambda text: text + "x",
    lambda _: "", lambda _: "fk_00000000_" + "A" * 43, lambda text: text[3:], lambda text: text.replace("fk_", "fk_ "),
])  # fmt: skip
def test_any_other_text_opens_nothing(api_keys: ApiKeys, change: object) -> None:
    """Not one character may differ."""
    made = api_keys.create("intake", SCOPE, origin=OPERATOR)
    assert api_keys.recognise(change(made.text)) is None  # type: ignore[operator]


def test_a_key_ends_by_time(api_keys: ApiKeys, clock: Clock) -> None:
    """On the last second it opens, then no more."""
    made = api_keys.create("intake", SCOPE, origin=OPERATOR)
    clock.go(days=30, seconds=-1)
    assert api_keys.recognise(made.text)
    clock.go(seconds=1)
    assert api_keys.recognise(made.text) is None


def test_a_key_ends_by_hand_at_once(api_keys: ApiKeys) -> None:
    """And cannot be ended twice."""
    made = api_keys.create("intake", SCOPE, origin=OPERATOR)
    api_keys.revoke(made.row.id, origin=OPERATOR)
    assert api_keys.recognise(made.text) is None
    with pytest.raises(ApiKeyError, match=r"没有可撤销的密钥 .* / there is no key"):
        api_keys.revoke(made.row.id, origin=OPERATOR)


def test_two_keys_open_while_a_system_changes_over(api_keys: ApiKeys, clock: Clock) -> None:
    """The new one at once, the old one until the overlap is over; what belongs to the system stays one."""
    old = api_keys.create("intake", SCOPE, origin=OPERATOR)
    new = api_keys.rotate("intake", lasts=timedelta(days=30), overlap=timedelta(days=7), origin=OPERATOR)
    first, second = api_keys.recognise(old.text), api_keys.recognise(new.text)
    assert first is not None
    assert second is not None
    assert (first.owner, first.actions, first.courts) == (second.owner, second.actions, second.courts)
    assert first.actor != second.actor
    clock.go(days=7)
    assert api_keys.recognise(old.text) is None
    assert api_keys.recognise(new.text)


def test_no_third_key_is_made(api_keys: ApiKeys) -> None:
    """A system that holds two has not changed over yet."""
    api_keys.create("intake", SCOPE, origin=OPERATOR)
    with pytest.raises(ApiKeyError, match=r"已有有效或待核准的密钥.*keys rotate intake"):
        api_keys.create("intake", SCOPE, origin=OPERATOR)
    api_keys.rotate("intake", lasts=timedelta(days=30), overlap=timedelta(days=7), origin=OPERATOR)
    with pytest.raises(ApiKeyError, match="有 2 把有效或待核准的密钥"):
        api_keys.rotate("intake", lasts=timedelta(days=30), overlap=timedelta(days=7), origin=OPERATOR)


def test_the_day_of_use_is_written_down(api_keys: ApiKeys, clock: Clock) -> None:
    """So that unused keys are found."""
    made = api_keys.create("intake", SCOPE, origin=OPERATOR)
    assert api_keys.every()[0].last_used_on is None
    clock.go(days=1)
    api_keys.recognise(made.text)
    assert api_keys.every()[0].last_used_on == "2026-11-21"


@pytest.mark.parametrize(("actions", "lasts", "why"), [
    ({Action.AUDIT_READ}, 1, "不得用于 audit.read"), ({Action.SESSION_OWN}, 1, "session.own"), (set(), 1, "（空）"),
    ({Action.SCORE_READ}, 0, "1 至 730 天"), ({Action.SCORE_READ}, 731, "1 至 730 天"),
])  # fmt: skip
def test_no_key_administers_and_none_lasts_for_ever(actions: set[Action], lasts: int, why: str) -> None:
    """Systems do the work of cases; people administer."""
    with pytest.raises(ApiKeyError, match=f"{why}.* / "):
        Scope(actions=frozenset(actions), courts=SCOPE.courts, lasts=timedelta(days=lasts))


@pytest.mark.parametrize("client", ["", "x", "Intake", "in take", "张三", "a" * 65, "-x"])
def test_a_systems_name_is_plain(api_keys: ApiKeys, client: str) -> None:
    """It stands in audit rows and lists."""
    with pytest.raises(ApiKeyError, match="系统名须为"):
        api_keys.create(client, SCOPE, origin=OPERATOR)
