"""Sessions: who an open session belongs to, when it ends, and what a caller needs to use it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from serving.access.actions import OWN, Action
from serving.access.origin import Origin
from serving.access.principal import Courts, Principal
from serving.access.roles import actions_of
from serving.audit.event import event_of
from serving.identity.accounts import roles_of
from serving.identity.policy import Policy
from serving.repositories.accounts import AccountRow
from serving.repositories.sessions import SessionRow, SessionStore, Settled

_TOKEN_BYTES: Final = 32
_SEEN_EVERY: Final = timedelta(seconds=60)
"""How exactly the last use is written down; finer would be a write for every call."""

_CHANGE_FIRST: Final = "PASSWORD_CHANGE_REQUIRED"
_CONFIRM_FIRST: Final = "RIGHTS_TO_CONFIRM"


class SessionOverError(LookupError):
    """The session has ended: by log-out, by time, or because the account changed."""


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A session as its holder sees it; `token` is known to nobody else and is not kept."""

    token: str = field(repr=False)
    account: AccountRow
    csrf: str = field(repr=False)
    expires_at: str
    actions: frozenset[Action]
    must_change: bool


@dataclass(frozen=True)
class Sessions:
    """Opens, recognises and ends sessions."""

    records: SessionStore
    policy: Policy
    clock: Callable[[], datetime]

    def open(
        self, account: AccountRow, *, request_id: str, address: str, settled: Settled | None = None
    ) -> OpenSession:
        """Open a session of the account under a fresh token, and settle the log-in that led to it."""
        now = self.clock()
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        number = digest(token)
        stamp = now.isoformat(timespec="seconds")
        expires = (now + self.policy.longest).isoformat(timespec="seconds")
        row = SessionRow(id_sha256=number, account=account.name, created_at=stamp, seen_at=stamp, expires_at=expires)
        origin = Origin(self._principal(account, row), request_id)
        event = event_of(origin, "session.create", kind="session", object_id=number[:12], address=address)
        self.records.open(row, event, origin=origin, at=now, settled=settled)
        return self._shown(token, account, row)

    def recognise(self, token: str) -> Principal:
        """Return whose session this is, and note that it is in use.

        Raises
        ------
        SessionOverError
            There is no such session, or its time is over.
        """
        row, account = self._found(token)
        now = self.clock()
        if now - datetime.fromisoformat(row.seen_at) >= _SEEN_EVERY:
            self.records.note_seen(row.id_sha256, now)
        return self._principal(account, row)

    def current(self, token: str) -> OpenSession:
        """Return the session as its holder sees it.

        Raises
        ------
        SessionOverError
            There is no such session, or its time is over.
        """
        row, account = self._found(token)
        return self._shown(token, account, row)

    def end(self, token: str, *, origin: Origin) -> None:
        """End a session, because its holder says so."""
        self.records.end(digest(token), origin=origin, action="session.end", at=self.clock())

    def end_all(self, *, origin: Origin) -> None:
        """End every session of whoever asks, wherever it was opened."""
        self.records.end_all(origin.by.id, origin=origin, at=self.clock())

    def _found(self, token: str) -> tuple[SessionRow, AccountRow]:
        found = self.records.find(digest(token))
        if found is None:
            raise _over()
        row, account = found
        if account.disabled_at is not None or self._is_over(row):
            origin = Origin(Principal(kind="account", id=account.name))
            self.records.end(row.id_sha256, origin=origin, action="session.expire", at=self.clock())
            raise _over()
        return row, account

    def _shown(self, token: str, account: AccountRow, row: SessionRow) -> OpenSession:
        principal = self._principal(account, row)
        return OpenSession(
            token=token,
            account=account,
            csrf=principal.csrf,
            expires_at=row.expires_at,
            actions=principal.actions,
            must_change=principal.pending == _CHANGE_FIRST,
        )

    def _is_over(self, row: SessionRow) -> bool:
        now = self.clock()
        idle_end = datetime.fromisoformat(row.seen_at) + self.policy.idle
        return now >= min(idle_end, datetime.fromisoformat(row.expires_at))

    def _pending(self, account: AccountRow) -> str:
        """Return the problem that stands before everything else."""
        if self._must_change(account):
            return _CHANGE_FIRST
        return _CONFIRM_FIRST if account.rights_wait else ""

    def _must_change(self, account: AccountRow) -> bool:
        if account.password is None:
            return False
        days = self.policy.password_days
        changed = datetime.fromisoformat(account.password_changed_at or account.created_at)
        return account.must_change or (days > 0 and self.clock() - changed >= timedelta(days=days))

    def _principal(self, account: AccountRow, row: SessionRow) -> Principal:
        pending = self._pending(account)
        roles = roles_of(account)
        return Principal(
            kind="account",
            id=account.name,
            roles=roles,
            courts=Courts.read(account.courts),
            actions=OWN if pending else actions_of(roles) | OWN,
            csrf=self.records.keys.csrf(row.id_sha256),
            pending=pending,
        )


def digest(token: str) -> str:
    """Return under which number a session is on record: whoever reads the database cannot use it."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def _over() -> SessionOverError:
    msg = "会话已结束，请重新登录 / the session is over; log in again"
    return SessionOverError(msg)
