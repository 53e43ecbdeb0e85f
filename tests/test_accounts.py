"""Accounts: opened without defaults, changed under the audit trail, and every change ends their sessions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from serving.access.principal import NO_COURT
from serving.access.roles import Role, RolesError
from serving.identity.accounts import AccountError, Accounts, Applicant, roles_of
from serving.identity.opening import open_accounts
from serving.identity.passwords import WeakPasswordError, matches
from serving.repositories.accounts import NameTakenError, NoAccountError
from serving.store.tables import audit
from serving.store.transaction import Store
from tests.builders_identity import COURT, GOOD, everything, judge_of
from tests.builders_serving import KEYS, MARKER, NOW, ORIGIN, POLICY
from tests.builders_store import Database

LI = judge_of()


@pytest.fixture
def store(database: Database) -> Store:
    """Return an empty store, on SQLite and on PostgreSQL."""
    return database.open()


@pytest.fixture
def accounts(store: Store) -> Accounts:
    """Return the accounts of the store."""
    return open_accounts(store, KEYS, policy=POLICY, clock=lambda: NOW)


def audited(store: Store) -> list[tuple[str, str, str]]:
    """Return action, actor and object of every audit row."""
    query = select(audit.c.action, audit.c.actor, audit.c.object_id).order_by(audit.c.seq)
    return [tuple(row) for row in store.read(lambda connection: connection.execute(query).all())]


def test_there_is_no_account_until_somebody_opens_one(accounts: Accounts) -> None:
    """No default, no default password."""
    assert accounts.every() == []


def test_a_made_password_is_told_once_and_must_be_changed(accounts: Accounts) -> None:
    """The store holds its hash only."""
    made = accounts.create(LI, origin=ORIGIN)
    row = accounts.every()[0]
    assert made is not None
    assert row.password is not None
    assert matches(row.password, made)
    assert row.must_change
    assert made not in row.password


def test_a_displayed_name_is_sealed(accounts: Accounts, database: Database) -> None:
    """A dump of the database shows no person's name."""
    accounts.create(LI, origin=ORIGIN)
    assert accounts.display_name(accounts.every()[0]) == "李明"
    assert "李明" not in everything(database)


def test_a_name_is_given_once(accounts: Accounts) -> None:
    """Also after the account was closed: the audit trail must mean one person."""
    accounts.create(LI, origin=ORIGIN)
    accounts.disable("li.ming", origin=ORIGIN)
    with pytest.raises(NameTakenError, match=r"已被使用，不得重复：li\.ming"):
        accounts.create(LI, origin=ORIGIN)


@pytest.mark.parametrize("name", ["", "L", "Li.Ming", "李明", "li ming", "1li", "a" * 33, "li\n"])
def test_a_name_is_plain(name: str) -> None:
    """It stands in audit rows."""
    with pytest.raises(AccountError, match="账户名须以小写字母开头"):
        Applicant(name=name, courts=NO_COURT)


def test_an_administrator_judges_no_cases() -> None:
    """The roles are refused together."""
    with pytest.raises(RolesError, match="管理员角色须单独授予"):
        Applicant(name="li.ming", roles=frozenset({Role.JUDGE, Role.SECURITY_ADMIN}), courts=COURT)


def test_a_weak_password_opens_no_account(accounts: Accounts) -> None:
    """Nothing is written."""
    with pytest.raises(WeakPasswordError, match="10 至 128"):
        accounts.create(LI, origin=ORIGIN, password="short")
    assert accounts.every() == []


def test_roles_and_courts_are_replaced_together(accounts: Accounts) -> None:
    """What was granted before is gone."""
    accounts.create(LI, origin=ORIGIN, must_change=False)
    accounts.grant("li.ming", [Role.AUDIT_ADMIN], NO_COURT, origin=ORIGIN)
    row = accounts.every()[0]
    assert (roles_of(row), row.courts) == ({Role.AUDIT_ADMIN}, "")


def test_a_password_is_not_changed_into_itself(accounts: Accounts) -> None:
    """Otherwise a change would be none."""
    accounts.create(LI, origin=ORIGIN, password=GOOD)
    with pytest.raises(WeakPasswordError, match="不得与现口令相同"):
        accounts.change_password("li.ming", now_used=GOOD, new=GOOD, origin=ORIGIN)


def test_every_step_is_audited_and_says_nothing_secret(accounts: Accounts, store: Store) -> None:
    """Who did what to which account; no password, no displayed name."""
    made = accounts.create(LI, origin=ORIGIN, must_change=False)
    accounts.grant("li.ming", [Role.JUDGE], COURT, origin=ORIGIN)
    accounts.reset("li.ming", origin=ORIGIN, password=GOOD)
    accounts.link("li.ming", "oidc-7", origin=ORIGIN)
    accounts.unlock("li.ming", origin=ORIGIN)
    accounts.disable("li.ming", origin=ORIGIN)
    accounts.enable("li.ming", origin=ORIGIN)
    steps = ["create", "grant", "reset", "link", "unlock", "disable", "enable"]
    assert audited(store) == [(f"account.{step}", "account:wang", "li.ming") for step in steps]
    details = store.read(lambda connection: "".join(connection.execute(select(audit.c.detail)).scalars()))
    assert not any(secret in details for secret in (str(made), GOOD, "李明", MARKER))


def test_an_account_that_is_not_there_cannot_be_changed(accounts: Accounts, store: Store) -> None:
    """And nothing is audited."""
    with pytest.raises(NoAccountError, match="没有账户 nobody"):
        accounts.disable("nobody", origin=ORIGIN)
    assert audited(store) == []


def test_a_number_of_the_log_in_service_is_one_persons(accounts: Accounts) -> None:
    """Neither a new account nor an old one gets somebody else's; accounts without one do not meet."""
    accounts.create(replace(LI, external_id="7"), origin=ORIGIN)
    accounts.create(replace(LI, name="wang"), origin=ORIGIN)
    accounts.create(replace(LI, name="zhao"), origin=ORIGIN)
    with pytest.raises(NameTakenError, match="外部编号已登记"):
        accounts.create(replace(LI, name="sun", external_id="7"), origin=ORIGIN)
    with pytest.raises(NameTakenError, match="外部编号已登记"):
        accounts.link("wang", "7", origin=ORIGIN)
