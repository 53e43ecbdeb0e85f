"""The people of the demonstration court: one log-in for each role, with passwords that are new at every start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from serving.access.actions import OWN
from serving.access.origin import Origin
from serving.access.principal import Courts, Principal
from serving.access.roles import ROLES, Role, actions_of
from serving.identity.accounts import Accounts, Applicant
from serving.identity.passwords import Cost
from serving.identity.policy import Policy
from serving.record.court_settings import ReviewMode
from serving.settings import Settings

MAIN: Final = "浙1022"
EVERY: Final = "*"
"""Stands for all courts of the demonstration, whose settings its system administrator changes."""

_QUICK: Final = Cost(log_n=11)
MODES: Final[Mapping[str, ReviewMode]] = {
    MAIN: ReviewMode.ON_REQUEST,
    "浙1002": ReviewMode.COMMIT_FIRST,
    "闽0602": ReviewMode.OPEN,
}
"""The courts of the demonstration, each with another way of showing predictions."""

MODE_TEXT: Final = {
    ReviewMode.ON_REQUEST: "预测点开才看 / predictions on request",
    ReviewMode.COMMIT_FIRST: "先写意见再看预测 / opinion first",
    ReviewMode.OPEN: "预测直接可见 / predictions open",
}


@dataclass(frozen=True)
class Person:
    """Somebody of the demonstration: the account's name, how pages call him, his role, his court (empty: none)."""

    name: str
    shown: str
    role: Role
    court: str = ""

    @property
    def principal(self) -> Principal:
        """Return the person as the record knows a caller."""
        roles = frozenset({self.role})
        return Principal(
            kind="account", id=self.name, roles=roles, courts=self.courts, actions=actions_of(roles) | OWN
        )  # fmt: skip

    @property
    def courts(self) -> Courts:
        """The courts whose cases this person sees."""
        if self.court == EVERY:
            return Courts(frozenset(MODES))
        return Courts(frozenset({self.court} if self.court else ()))

    @property
    def origin(self) -> Origin:
        """Return the person as the cause of an action."""
        return Origin(self.principal)

    @property
    def role_text(self) -> str:
        """The role in Chinese."""
        return ROLES[self.role].zh


@dataclass(frozen=True)
class Opened:
    """The court that can be looked at: passwords by account, empty where there is none of ours; `why` says why not."""

    passwords: Mapping[str, str]
    why: str = ""


ASKING: Final = "demo"
"""The system that sends the sample applications."""

PEOPLE: Final = (
    Person("clerk", "模拟窗口甲", Role.CLERK, MAIN),
    Person("judge", "模拟法官甲", Role.JUDGE, MAIN),
    Person("judge2", "模拟法官乙", Role.JUDGE, MAIN),
    Person("lead", "模拟团队长丙", Role.TEAM_LEAD, MAIN),
    Person("president", "模拟院领导丁", Role.LEADERSHIP, MAIN),
    Person("scientist", "模拟建模人员戊", Role.DATA_SCIENTIST, MAIN),
    Person("auditor", "模拟审计管理员己", Role.AUDIT_ADMIN),
    Person("sysadmin", "模拟系统管理员庚", Role.SYSTEM_ADMIN, EVERY),
    Person("secadmin", "模拟安全管理员辛", Role.SECURITY_ADMIN),
    Person("clerk.b", "模拟窗口壬", Role.CLERK, "浙1002"),
    Person("judge.b", "模拟法官癸", Role.JUDGE, "浙1002"),
    Person("clerk.c", "模拟窗口子", Role.CLERK, "闽0602"),
    Person("judge.c", "模拟法官丑", Role.JUDGE, "闽0602"),
)
"""Everybody who can log in."""

NAMES: Final = frozenset(person.name for person in PEOPLE)


def of_court(court: str, *roles: Role) -> list[Person]:
    """Return who of a court holds one of these roles."""
    return [person for person in PEOPLE if person.court == court and person.role in roles]


def named(name: str) -> Person:
    """Return the person with this account."""
    return next(person for person in PEOPLE if person.name == name)


def policy_of(settings: Settings) -> Policy:
    """Return how strictly people are let in: as set, with passwords that are quick to check since nobody chose them."""
    return replace(Policy.of(settings), cost=_QUICK)


def open_accounts_of(accounts: Accounts, *, origin: Origin) -> None:
    """Open an account for everybody; the passwords made here are thrown away unseen."""
    for person in PEOPLE:
        applicant = Applicant(
            name=person.name, roles=frozenset({person.role}), courts=person.courts, display_name=person.shown
        )  # fmt: skip
        accounts.create(applicant, origin=origin, must_change=False)


def new_passwords(accounts: Accounts, *, origin: Origin) -> dict[str, str]:
    """Give everybody a new password that need not be changed, and return them by account."""
    made = {person.name: accounts.reset(person.name, origin=origin, must_change=False) for person in PEOPLE}
    return {name: password for name, password in made.items() if password is not None}
