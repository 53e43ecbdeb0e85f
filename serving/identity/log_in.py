"""Logging in: the same answer after the same time for a wrong password, a closed account and one that never was."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from serving.access.principal import NOBODY
from serving.audit.event import Event
from serving.identity import passwords
from serving.identity.passwords import Cost
from serving.identity.sessions import OpenSession, Sessions
from serving.repositories.accounts import AccountRow, AccountStore
from serving.repositories.failures import FailureStore
from serving.repositories.sessions import Settled

_UNKNOWN: Final = "unknown"


class WrongLogInError(ValueError):
    """Name and password do not belong together; nothing says which of them is wrong."""


@dataclass(frozen=True)
class LockedError(RuntimeError):
    """Too many tries; `seconds` until the next one is looked at."""

    seconds: int


@dataclass(frozen=True)
class Attempt:
    """One try to log in, and where it came from."""

    name: str
    password: str
    address: str
    request_id: str


@dataclass(frozen=True)
class LogIn:
    """Checks names and passwords and opens sessions."""

    accounts: AccountStore
    failures: FailureStore
    sessions: Sessions
    clock: Callable[[], datetime]

    def __call__(self, attempt: Attempt) -> OpenSession:
        """Open a session for whoever knows the password of an open account.

        Raises
        ------
        LockedError
            Account or address had too many tries; also for accounts that never were.
        WrongLogInError
            Name and password do not belong together.
        """
        row = self.known(attempt)
        settled = self._settled(row, attempt)
        return self.sessions.open(row, request_id=attempt.request_id, address=attempt.address, settled=settled)

    def known(self, attempt: Attempt) -> AccountRow:
        """Return the open account whose password this is; each try is counted before the password is looked at.

        Raises
        ------
        LockedError
            Account or address had too many tries.
        WrongLogInError
            Name and password do not belong together.
        """
        self._count(attempt)
        row = self.accounts.get(attempt.name)
        if not self._is_right(row, attempt.password) or row is None:
            self._note(attempt, row, why="wrong")
            msg = "账户名或口令不正确 / name or password is not right"
            raise WrongLogInError(msg)
        return row

    def forgive(self, attempt: Attempt) -> None:
        """Forget a try whose password was right; what came of it afterwards is no guess."""
        account, address = self._subjects(attempt)
        self.failures.forgive(account, address)

    def from_elsewhere(self, number: str, *, address: str, request_id: str) -> OpenSession:
        """Open a session for whoever the court's log-in service knows by this number.

        Raises
        ------
        WrongLogInError
            No open account is linked to it; none is ever made for it.
        """
        row = self.accounts.by_external_id(number)
        if row is None or row.disabled_at is not None:
            self.refuse_elsewhere("no_account", address=address, request_id=request_id, row=row)
            msg = "没有关联的账户 / no account is linked"
            raise WrongLogInError(msg)
        return self.sessions.open(row, request_id=request_id, address=address)

    def refuse_elsewhere(self, why: str, *, address: str, request_id: str, row: AccountRow | None = None) -> None:
        """Write down that a log-in through the court's log-in service came to nothing."""
        self._note(Attempt("", "", address, request_id), row, why=why)

    def warm(self) -> None:
        """Make the password that nobody knows, so that the first stranger waits no longer than the next."""
        warm_log_in(self.sessions.policy.cost)

    def _subjects(self, attempt: Attempt) -> tuple[str, str]:
        keys = self.accounts.keys
        return keys.subject("account", attempt.name), keys.subject("address", attempt.address)

    def _count(self, attempt: Attempt) -> None:
        account, address = self._subjects(attempt)
        now, policy = self.clock(), self.sessions.policy
        most = {account: policy.tries, address: policy.address_tries}
        locked = self.failures.take(most, at=now, window=policy.lock)
        if locked is not None:
            self._note(attempt, self.accounts.get(attempt.name), why="locked")
            raise LockedError(max(1, round((locked - now).total_seconds())))

    def _is_right(self, row: AccountRow | None, password: str) -> bool:
        """Compare with a password nobody knows where there is none, so that both take the same time."""
        usable = row is not None and row.password is not None and row.disabled_at is None
        known = row.password if usable and row is not None and row.password else _nobodys(self.sessions.policy.cost)
        return passwords.matches(known, password) and usable

    def _settled(self, row: AccountRow, attempt: Attempt) -> Settled:
        """Return what to write with the session; the password at today's cost if it was stored at another."""
        account, address = self._subjects(attempt)
        cost = self.sessions.policy.cost
        dated = row.password is not None and passwords.is_dated(row.password, cost)
        again = passwords.hashed(attempt.password, cost) if dated else None
        return Settled(account_subject=account, address_subject=address, password=again)

    def _note(self, attempt: Attempt, row: AccountRow | None, *, why: str) -> None:
        """Put the failure on the chain; a name that is no account's may be a password and is not repeated."""
        event = Event(
            action="session.create",
            actor=NOBODY.actor,
            kind="account",
            object_id=_UNKNOWN if row is None else row.name,
            outcome="failed",
            request_id=attempt.request_id,
            detail={"address": attempt.address, "why": why},
        )
        self.failures.note(event, at=self.clock())


def warm_log_in(cost: Cost) -> None:
    """Make the password that nobody knows, at this cost; processes that are forked afterwards have it too."""
    _nobodys(cost)


@functools.lru_cache(maxsize=4)
def _nobodys(cost: Cost) -> str:
    return passwords.hashed(passwords.new_password(), cost)
