"""API keys on record: of each the digest only, with what it is good for and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, insert, select, update

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.store.tables.access import KEY_TRAIL, api_keys
from serving.store.transaction import Store

State = Literal["valid", "waiting", "revoked", "expired"]


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
    approved_at: str | None = None
    approved_by: str | None = None
    overlap_days: int | None = None
    last_used_on: str | None = None

    def is_valid(self, at: datetime) -> bool:
        """Whether the key opens anything at this instant."""
        return self.approved_at is not None and self.lives(at)

    def state(self, at: datetime) -> State:
        """Return how the key stands at this instant."""
        if self.revoked_at is not None:
            return "revoked"
        if not self.lives(at):
            return "expired"
        return "waiting" if self.approved_at is None else "valid"

    def lives(self, at: datetime) -> bool:
        """Whether the key has neither ended nor been ended, be it approved or not."""
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

    def add(self, row: KeyRow, *, origin: Origin, at: datetime) -> None:
        """Write a new key; one that is approved already ends the system's others after its overlap."""

        def work(connection: Connection) -> None:
            if row.approved_at is not None:
                self._shorten(connection, row, by=(origin, at))
            connection.execute(insert(api_keys), vars(row))
            self._note(connection, row, "key.create", by=(origin, at))

        self.store.write(work)

    def approve(self, key_id: str, *, origin: Origin, at: datetime) -> bool:
        """Let a key open what it was made for, and end its predecessor; False when no key of this id waits."""

        def work(connection: Connection) -> bool:
            stamp = at.isoformat(timespec="seconds")
            which = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None) & api_keys.c.approved_at.is_(None)
            values = {"approved_at": stamp, "approved_by": origin.by.actor}
            changed = self._change(connection, which, values, "key.approve", by=(origin, at))
            for row in changed:
                self._shorten(connection, row, by=(origin, at))
            return bool(changed)

        return self.store.write(work)

    def revoke(self, key_id: str, *, origin: Origin, at: datetime) -> bool:
        """End a key at once; False when there is no such key or it was revoked before."""

        def work(connection: Connection) -> bool:
            values = {"revoked_at": at.isoformat(timespec="seconds")}
            which = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
            return bool(self._change(connection, which, values, "key.revoke", by=(origin, at)))

        return self.store.write(work)

    def note_use(self, key_id: str, day: date) -> None:
        """Write down the last day of use; no audit row, the calls themselves have theirs."""
        change = update(api_keys).where(api_keys.c.id == key_id).values(last_used_on=day.isoformat())
        self.store.write(lambda connection: connection.execute(change))

    def _shorten(self, connection: Connection, row: KeyRow, *, by: tuple[Origin, datetime]) -> None:
        """End the system's other keys after the overlap at the latest, if the key came to replace one."""
        if row.overlap_days is None:
            return
        until = (by[1] + timedelta(days=row.overlap_days)).isoformat(timespec="seconds")
        longer = (api_keys.c.client == row.client) & (api_keys.c.id != row.id) & (api_keys.c.expires_at > until)
        self._change(connection, longer, {"expires_at": until}, "key.shorten", by=by)

    def _change(
        self,
        connection: Connection,
        which: ColumnElement[bool],
        values: dict[str, str],
        action: str,
        *,
        by: tuple[Origin, datetime],
    ) -> list[KeyRow]:
        found = [dict(row) for row in connection.execute(select(api_keys).where(which)).mappings()]
        changed = [KeyRow(**{**row, **values}) for row in found]
        for row in changed:
            connection.execute(update(api_keys).where(api_keys.c.id == row.id).values(**values))
            self._note(connection, row, action, by=by)
        return changed

    def _note(self, connection: Connection, row: KeyRow, action: str, *, by: tuple[Origin, datetime]) -> None:
        origin, at = by
        event = event_of(
            origin, action, kind=KEY_TRAIL.kind, object_id=row.id, client=row.client, actions=row.actions,
            courts=row.courts, expires_at=row.expires_at, row_sha256=row_digest(KEY_TRAIL.counted(vars(row))),
        )  # fmt: skip
        append(connection, event, mac=self.keys.mac, at=at)
