"""API keys on record: of each the digest only, with what it is good for and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.store.tables.access import api_keys
from serving.store.transaction import Store

KIND = "api_key"


@dataclass(frozen=True, kw_only=True)
class KeyRow:
    """One key (columns of table `api_keys`); instants in ISO 8601, `actions` and `courts` as comma lists."""

    id: str
    client: str
    secret_sha256: str
    actions: str
    courts: str
    created_at: str
    created_by: str
    expires_at: str
    revoked_at: str | None = None
    last_used_on: str | None = None

    def is_valid(self, at: datetime) -> bool:
        """Whether the key opens anything at this instant."""
        return self.revoked_at is None and at < datetime.fromisoformat(self.expires_at)


@dataclass(frozen=True)
class ApiKeyStore:
    """Reads and writes keys; every change is on the audit chain."""

    store: Store
    keys: KeyRing

    def find(self, key_id: str) -> KeyRow | None:
        """Return the key with this id."""
        row = self.store.read(
            lambda connection: connection.execute(select(api_keys).where(api_keys.c.id == key_id)).mappings().first()
        )
        return None if row is None else KeyRow(**row)

    def all(self) -> list[KeyRow]:
        """Return every key there ever was, system by system, oldest first."""
        query = select(api_keys).order_by(api_keys.c.client, api_keys.c.created_at)
        return [KeyRow(**row) for row in self.store.read(lambda connection: connection.execute(query).mappings().all())]

    def add(self, row: KeyRow, *, origin: Origin, at: datetime, expiring: str | None = None) -> None:
        """Write a new key; the system's other keys then end at `expiring` at the latest, if that is given."""

        def work(connection: Connection) -> None:
            if expiring is not None:
                self._shorten(connection, row.client, expiring)
            connection.execute(insert(api_keys), vars(row))
            event = event_of(
                origin, "key.create", kind=KIND, object_id=row.id, client=row.client, actions=row.actions,
                courts=row.courts, expires_at=row.expires_at, others_end=expiring or "",
            )  # fmt: skip
            append(connection, event, mac=self.keys.mac, at=at)

        self.store.write(work)

    def revoke(self, key_id: str, *, origin: Origin, at: datetime) -> bool:
        """End a key at once; False when there is no such key or it was revoked before."""

        def work(connection: Connection) -> bool:
            stamp = at.isoformat(timespec="seconds")
            change = update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
            if connection.execute(change.values(revoked_at=stamp)).rowcount == 0:
                return False
            event = event_of(origin, "key.revoke", kind=KIND, object_id=key_id)
            append(connection, event, mac=self.keys.mac, at=at)
            return True

        return self.store.write(work)

    def note_use(self, key_id: str, day: date) -> None:
        """Write down the last day of use; no audit row, the calls themselves have theirs."""
        change = update(api_keys).where(api_keys.c.id == key_id).values(last_used_on=day.isoformat())
        self.store.write(lambda connection: connection.execute(change))

    def _shorten(self, connection: Connection, client: str, until: str) -> None:
        longer = (api_keys.c.client == client) & (api_keys.c.expires_at > until)
        connection.execute(update(api_keys).where(longer).values(expires_at=until))
