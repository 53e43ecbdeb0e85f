"""Accounts on record: who works here, in which roles and for which courts; names are never given twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.store.tables.access import ACCOUNT_TRAIL, accounts, sessions
from serving.store.transaction import Store


class NameTakenError(ValueError):
    """There is an account of this name, or one with this number of the court's log-in service."""


class NoAccountError(LookupError):
    """There is no account of this name."""


@dataclass(frozen=True, kw_only=True)
class AccountRow:
    """One account (columns of table `accounts`, the displayed name sealed)."""

    name: str
    display_name: bytes | None = None
    password: str | None = None
    password_changed_at: str | None = None
    must_change: bool = True
    external_id: str | None = None
    roles: str = ""
    courts: str = ""
    created_at: str = ""
    created_by: str = ""
    disabled_at: str | None = None
    rights_wait: bool = False


@dataclass(frozen=True)
class AccountStore:
    """Reads and writes accounts; every change is on the audit chain."""

    store: Store
    keys: KeyRing

    def get(self, name: str) -> AccountRow | None:
        """Return the account of this name."""
        return self.store.read(lambda connection: account_of(connection, name))

    def by_external_id(self, number: str) -> AccountRow | None:
        """Return the account that the court's log-in service knows by this number."""
        query = select(accounts).where(accounts.c.external_id == number)
        row = self.store.read(lambda connection: connection.execute(query).mappings().first())
        return None if row is None else AccountRow(**row)

    def all(self) -> list[AccountRow]:
        """Return every account there ever was, by name."""
        query = select(accounts).order_by(accounts.c.name)
        rows = self.store.read(lambda connection: connection.execute(query).mappings().all())
        return [AccountRow(**row) for row in rows]

    def add(self, row: AccountRow, *, origin: Origin, at: datetime) -> None:
        """Write a new account.

        Raises
        ------
        NameTakenError
            The name or the number is somebody's already.
        """

        def work(connection: Connection) -> None:
            if account_of(connection, row.name) is not None:
                msg = f"账户名已被使用，不得重复：{row.name} / the name is taken and never given twice: {row.name}"
                raise NameTakenError(msg)
            _refuse_taken(connection, row.external_id)
            connection.execute(insert(accounts), vars(row))
            note(connection, row, "account.create", by=(origin, at, self.keys), roles=row.roles, courts=row.courts)

        self.store.write(work)

    def change(
        self, name: str, action: str, *, origin: Origin, at: datetime, values: dict[str, object], ends: bool = True
    ) -> AccountRow:
        """Change an account and return it as it is then; every session of it ends unless `ends` is false.

        Raises
        ------
        NoAccountError
            There is no such account.
        NameTakenError
            The number at the court's log-in service is somebody else's.
        """

        def work(connection: Connection) -> AccountRow:
            _refuse_taken(connection, values.get("external_id"))
            connection.execute(update(accounts).where(accounts.c.name == name).values(**values))
            row = account_of(connection, name)
            if row is None:
                raise no_account(name)
            if ends:
                connection.execute(delete(sessions).where(sessions.c.account == name))
            shown = {key: str(value) for key, value in values.items() if key in {"roles", "courts", "external_id"}}
            note(connection, row, action, by=(origin, at, self.keys), **shown)
            return row

        return self.store.write(work)


def account_of(connection: Connection, name: str) -> AccountRow | None:
    """Return the account of this name within a transaction."""
    row = connection.execute(select(accounts).where(accounts.c.name == name)).mappings().first()
    return None if row is None else AccountRow(**row)


def note(
    connection: Connection, row: AccountRow, action: str, *, by: tuple[Origin, datetime, KeyRing], **shown: str
) -> None:
    """Put a change of an account on the audit chain, with the digest of the account as it is then."""
    origin, at, keys = by
    digest = row_digest(ACCOUNT_TRAIL.counted(vars(row)))
    event = event_of(origin, action, kind=ACCOUNT_TRAIL.kind, object_id=row.name, row_sha256=digest, **shown)
    append(connection, event, mac=keys.mac, at=at)


def no_account(name: str) -> NoAccountError:
    """Return the error that there is no such account."""
    return NoAccountError(f"没有账户 {name} / there is no account {name}")


def _refuse_taken(connection: Connection, external_id: object) -> None:
    taken = select(accounts.c.name).where(accounts.c.external_id == external_id)
    if external_id is not None and connection.execute(taken).first():
        msg = "外部编号已登记在另一账户名下 / the external id belongs to another account"
        raise NameTakenError(msg)
