"""Builders for tests of keys, accounts and sessions: a clock to set, a court, a good password, a key's scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from serving.access.actions import Action
from serving.access.origin import Origin
from serving.access.principal import EVERY_COURT, Courts, Principal
from serving.access.roles import Role
from serving.identity.accounts import Applicant
from serving.identity.api_keys import Scope
from tests.builders_serving import NOW
from tests.builders_store import Database

COURT = Courts(frozenset({"浙1022"}))
OPERATOR = Origin(Principal(kind="cli", id="root", courts=EVERY_COURT))
"""Whoever runs a command on the machine of the service."""
GOOD = "Xiaoshan-2026-qiu"
SCOPE = Scope(actions=frozenset({Action.SCORE_CREATE}), courts=COURT, lasts=timedelta(days=30))


@dataclass
class Clock:
    """A clock that the test sets."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Return the present instant."""
        return self.now

    def go(self, **time: float) -> None:
        """Let some time pass."""
        self.now += timedelta(**time)


def everything(database: Database) -> str:
    """Return whatever stands in the tables of access and in the trail, as text."""
    tables = ("api_keys", "accounts", "sessions", "login_failures", "audit")
    return "".join(str(database.all(f"SELECT * FROM {table}")) for table in tables)  # noqa: S608 - our own tables


def judge_of(court: Courts = COURT, **changes: Any) -> Applicant:
    """Return somebody who is to be a judge; `changes` replace what is said of him."""
    given = {"name": "li.ming", "roles": frozenset({Role.JUDGE}), "courts": court, "display_name": "李明", **changes}
    return Applicant(**given)
