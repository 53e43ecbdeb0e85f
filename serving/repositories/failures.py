"""Failed log-ins on record, counted before a password is looked at, so that guesses side by side count too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import Event, event_of
from serving.keys import KeyRing
from serving.store.tables.access import login_failures
from serving.store.transaction import Store

_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True)
class FailureStore:
    """Counts tries by subject, and locks a subject that has had too many."""

    store: Store
    keys: KeyRing

    def take(self, most: Mapping[str, int], *, at: datetime, window: timedelta) -> datetime | None:
        """Count one try for each subject; return until when one of them is locked, None if all may try.

        `most` says how many tries each subject has within the window; the
        next one locks it for as long again.
        """

        def work(connection: Connection) -> datetime | None:
            old = (at - _KEPT).isoformat()
            connection.execute(delete(login_failures).where(login_failures.c.first_at < old))
            locks = [_take(connection, subject, tries, at, window) for subject, tries in most.items()]
            return max((lock for lock in locks if lock), default=None)

        return self.store.write(work)

    def note(self, event: Event, *, at: datetime) -> None:
        """Put a failed log-in on the audit chain."""
        self.store.write(lambda connection: append(connection, event, mac=self.keys.mac, at=at))

    def forgive(self, account: str, address: str) -> None:
        """Forget the tries of an account, and take back one of the address: the password was right."""

        def work(connection: Connection) -> None:
            forget(connection, account)
            give_back(connection, address)

        self.store.write(work)

    def unlock(self, subject: str, name: str, *, origin: Origin, at: datetime) -> None:
        """Forget the tries of an account, because an administrator says so."""

        def work(connection: Connection) -> None:
            forget(connection, subject)
            event = event_of(origin, "account.unlock", kind="account", object_id=name)
            append(connection, event, mac=self.keys.mac, at=at)

        self.store.write(work)


def forget(connection: Connection, subject: str) -> None:
    """Forget the tries of a subject."""
    connection.execute(delete(login_failures).where(login_failures.c.subject == subject))


def give_back(connection: Connection, subject: str) -> None:
    """Take one try of a subject back: it was a good one."""
    fewer = update(login_failures).where(login_failures.c.subject == subject, login_failures.c.tries > 0)
    connection.execute(fewer.values(tries=login_failures.c.tries - 1))


def _take(connection: Connection, subject: str, most: int, at: datetime, window: timedelta) -> datetime | None:
    row = connection.execute(select(login_failures).where(login_failures.c.subject == subject)).first()
    locked = datetime.fromisoformat(row.locked_until) if row and row.locked_until else None
    if locked and at < locked:
        return locked
    begun = None if row is None or locked else datetime.fromisoformat(row.first_at)
    goes_on = row is not None and begun is not None and at < begun + window
    tries = row.tries + 1 if row is not None and goes_on else 1
    until = at + window if tries > most else None
    values = {
        "tries": tries,
        "first_at": (begun if begun and goes_on else at).isoformat(),
        "locked_until": until.isoformat() if until else None,
    }
    if row is None:
        connection.execute(insert(login_failures), {"subject": subject, **values})
    else:
        connection.execute(update(login_failures).where(login_failures.c.subject == subject).values(**values))
    return until
