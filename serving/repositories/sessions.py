"""Sessions on record: a log-in opens one, and a log-out, a change of the account or time ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import Event, event_of
from serving.keys import KeyRing
from serving.repositories.accounts import AccountRow, account_of, note
from serving.repositories.failures import forget, give_back
from serving.store.tables.access import accounts, sessions
from serving.store.transaction import Store

KIND = "session"
_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """One open session (columns of table `sessions`)."""

    id_sha256: str
    account: str
    created_at: str
    seen_at: str
    expires_at: str


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What a good log-in leaves behind: its tries forgotten, and the password stored anew if `password` is given."""

    account_subject: str
    address_subject: str
    password: str | None = None

    def write(self, connection: Connection, name: str, *, by: tuple[Origin, datetime, KeyRing]) -> None:
        """Write it in the transaction of the session."""
        forget(connection, self.account_subject)
        give_back(connection, self.address_subject)
        if self.password is not None:
            connection.execute(update(accounts).where(accounts.c.name == name).values(password=self.password))
            changed = account_of(connection, name)
            if changed is not None:
                note(connection, changed, "account.rehash", by=by)


@dataclass(frozen=True)
class SessionStore:
    """Reads and writes sessions; opening and ending are on the audit chain."""

    store: Store
    keys: KeyRing

    def find(self, id_sha256: str) -> tuple[SessionRow, AccountRow] | None:
        """Return a session with its account."""
        query = (
            select(sessions, *(column.label(f"account_{column.name}") for column in accounts.columns))
            .join(accounts, accounts.c.name == sessions.c.account)
            .where(sessions.c.id_sha256 == id_sha256)
        )
        row = self.store.read(lambda connection: connection.execute(query).mappings().first())
        if row is None:
            return None
        session = SessionRow(**{column.name: row[column.name] for column in sessions.columns})
        return session, AccountRow(**{column.name: row[f"account_{column.name}"] for column in accounts.columns})

    def open(
        self, row: SessionRow, event: Event, *, origin: Origin, at: datetime, settled: Settled | None = None
    ) -> None:
        """Write a new session, clear away those whose time is over, and settle the log-in that led to it."""

        def work(connection: Connection) -> None:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= row.created_at))
            connection.execute(insert(sessions), vars(row))
            if settled is not None:
                settled.write(connection, row.account, by=(origin, at, self.keys))
            append(connection, event, mac=self.keys.mac, at=at)

        self.store.write(work)

    def note_seen(self, id_sha256: str, at: datetime) -> None:
        """Write down that the session is in use; no audit row, the calls themselves have theirs."""
        change = update(sessions).where(sessions.c.id_sha256 == id_sha256)
        stamp = at.isoformat(timespec="seconds")
        self.store.write(lambda connection: connection.execute(change.values(seen_at=stamp)))

    def end(self, id_sha256: str, *, origin: Origin, action: str, at: datetime) -> None:
        """End a session."""

        def work(connection: Connection) -> None:
            if connection.execute(delete(sessions).where(sessions.c.id_sha256 == id_sha256)).rowcount:
                event = event_of(origin, action, kind=KIND, object_id=id_sha256[:_SHOWN])
                append(connection, event, mac=self.keys.mac, at=at)

        self.store.write(work)

    def end_all(self, account: str, *, origin: Origin, at: datetime) -> None:
        """End every session of an account."""

        def work(connection: Connection) -> None:
            ended = connection.execute(delete(sessions).where(sessions.c.account == account)).rowcount
            event = event_of(origin, "session.end_all", kind=KIND, object_id=account, ended=str(ended))
            append(connection, event, mac=self.keys.mac, at=at)

        self.store.write(work)
