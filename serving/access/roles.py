"""The roles of a court and what each may do; whoever administers reads no cases, and no two administrators overlap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from serving.access.actions import Action

A = Action


class Role(StrEnum):
    """One kind of work at the court."""

    CLERK = "clerk"
    JUDGE = "judge"
    TEAM_LEAD = "team_lead"
    DATA_SCIENTIST = "data_scientist"
    LEADERSHIP = "leadership"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


ADMINISTRATORS: Final = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""三员 (GB/T 22239-2019, 8.1.5): each of them holds this one role and no other."""


@dataclass(frozen=True)
class Grant:
    """What a role is called and what it may do."""

    zh: str
    en: str
    actions: frozenset[Action]


_LOOK_UP = frozenset({A.MODEL_READ, A.RULES_READ})
_FIGURES = _LOOK_UP | {A.INDICATOR_READ}
_CASES = frozenset({A.SCORE_CREATE, A.SCORE_READ, A.SCORE_PREVIEW, A.OUTCOME_CREATE})
_DESK = _FIGURES | _CASES | {A.PERSON_CORRECT, A.PERSON_REVEAL, A.COMPLETION_ASK}
_BENCH = _DESK | {A.DECISION_CREATE, A.REVIEW_REQUEST, A.REVIEW_DECIDE, A.SCORE_REPLAY}
_MODELS = frozenset({A.MODEL_SWITCH, A.MODEL_REQUEST, A.MODEL_ROLLBACK})
_JOBS = frozenset({A.JOB_CREATE, A.JOB_READ})

ROLES: Final[Mapping[Role, Grant]] = MappingProxyType(
    {
        Role.CLERK: Grant("窗口人员", "clerk", _DESK | _JOBS | {A.REVIEW_REQUEST, A.CASE_ASSIGN}),
        Role.JUDGE: Grant("法官", "judge", _BENCH),
        Role.TEAM_LEAD: Grant("团队长", "team lead", _BENCH | _JOBS | {A.CASE_ASSIGN, A.PERSON_EXPORT, A.HOLD_MANAGE}),
        Role.DATA_SCIENTIST: Grant("建模人员", "data scientist", _FIGURES | _MODELS | {A.EXPORT_HISTORY}),
        Role.LEADERSHIP: Grant(
            "院领导", "leadership", _FIGURES | _MODELS | {A.SCORE_READ, A.MODEL_SIGN, A.COURT_SIGN, A.HOLD_MANAGE}
        ),
        Role.SYSTEM_ADMIN: Grant(
            "系统管理员",
            "system administrator",
            _LOOK_UP | {A.ACCOUNT_READ, A.ACCOUNT_MANAGE, A.KEY_APPROVE, A.COURT_CONFIGURE, A.RETENTION_RUN},
        ),
        Role.SECURITY_ADMIN: Grant(
            "安全管理员", "security administrator", _LOOK_UP | {A.ACCOUNT_READ, A.ROLE_GRANT, A.KEY_MANAGE}
        ),
        Role.AUDIT_ADMIN: Grant(
            "审计管理员", "audit administrator", _LOOK_UP | {A.AUDIT_READ, A.AUDIT_VERIFY, A.SCORE_REPLAY}
        ),
    }
)


class RolesError(ValueError):
    """These roles may not be held by one person."""


def checked_roles(roles: Iterable[Role]) -> frozenset[Role]:
    """Return the roles if one person may hold them together.

    Raises
    ------
    RolesError
        An administrator's role stands beside another one.
    """
    held = frozenset(roles)
    if held & ADMINISTRATORS and len(held) > 1:
        names = "、".join(sorted(ROLES[role].zh for role in held))
        msg = (
            f"管理员角色须单独授予，不得与其他角色并存，收到 {names}；请为其他工作另建账户 / "
            f"an administrator holds that one role and no other, got {', '.join(sorted(held))}; "
            "make a second account for other work"
        )
        raise RolesError(msg)
    return held


def actions_of(roles: Iterable[Role]) -> frozenset[Action]:
    """Return everything that the roles together may do."""
    return frozenset(action for role in roles for action in ROLES[role].actions)
