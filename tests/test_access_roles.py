"""Roles and principals: who may do what, and what nobody may hold together."""

from __future__ import annotations

from itertools import combinations

import pytest

from serving.access.actions import ADMINISTRATION, CASES, OWN, Action
from serving.access.principal import EVERY_COURT, NO_COURT, Courts, Principal
from serving.access.roles import ADMINISTRATORS, ROLES, Role, RolesError, actions_of, checked_roles


def test_every_role_is_described_and_every_action_is_somebodys() -> None:
    """No role without a row, no action that nobody could ever do."""
    assert set(ROLES) == set(Role)
    assert actions_of(Role) | OWN == set(Action)


@pytest.mark.parametrize("role", Role)
def test_no_role_both_sees_cases_and_administers(role: Role) -> None:
    """Whoever runs the service, grants rights or watches cannot look at a case."""
    assert not (ROLES[role].actions & CASES and ROLES[role].actions & ADMINISTRATION)


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_administrators_have_no_cases(role: Role) -> None:
    """None of the three."""
    assert not ROLES[role].actions & CASES


@pytest.mark.parametrize(("one", "other"), list(combinations(sorted(ADMINISTRATORS), 2)))
def test_no_administrator_can_do_the_work_of_another(one: Role, other: Role) -> None:
    """What two of them share is only looking up: rules, the model, which accounts there are."""
    looking = {Action.MODEL_READ, Action.RULES_READ, Action.ACCOUNT_READ}
    assert ROLES[one].actions & ROLES[other].actions <= looking


@pytest.mark.parametrize("roles", [{Role.JUDGE, Role.SYSTEM_ADMIN}, {Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN}, set(Role)])
def test_an_administrators_role_stands_alone(roles: set[Role]) -> None:
    """Nobody becomes judge and administrator by holding both."""
    with pytest.raises(RolesError, match=r"管理员角色须单独授予.*no other"):
        checked_roles(roles)


def test_other_roles_go_together() -> None:
    """A judge may lead a team."""
    assert checked_roles([Role.JUDGE, Role.TEAM_LEAD]) == {Role.JUDGE, Role.TEAM_LEAD}


def test_permission_ends_at_the_courts_border() -> None:
    """The action alone is not enough where a court is named."""
    judge = Principal(
        kind="account", id="A-1", courts=Courts(frozenset({"浙1022"})), actions=frozenset({Action.SCORE_READ})
    )
    assert judge.may(Action.SCORE_READ)
    assert judge.may(Action.SCORE_READ, "浙1022")
    assert not judge.may(Action.SCORE_READ, "浙1001")
    assert not judge.may(Action.SCORE_CREATE, "浙1022")


@pytest.mark.parametrize("courts", [EVERY_COURT, NO_COURT, Courts(frozenset({"浙1022", "浙1001"}))])
def test_courts_are_read_as_they_were_written(courts: Courts) -> None:
    """The stored text names the same courts."""
    assert Courts.read(str(courts)) == courts
