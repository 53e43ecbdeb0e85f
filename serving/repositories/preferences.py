"""What people have chosen for themselves, on record: each change with its audit row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.store.tables.preferences import preferences
from serving.store.transaction import Store


@dataclass(frozen=True)
class PreferenceStore:
    """Reads and writes them."""

    store: Store
    keys: KeyRing

    def off(self, person: str) -> bool:
        """Whether a person has switched predictions off for himself."""
        query = select(preferences.c.predictions_off).where(preferences.c.person == person)
        return bool(self.store.read(lambda connection: connection.scalar(query)))

    def put(self, *, off: bool, origin: Origin, at: datetime) -> None:
        """Keep what the caller chooses for himself."""
        person = origin.by.actor

        def work(connection: Connection) -> None:
            chosen = {"predictions_off": off, "changed_at": at.isoformat(timespec="seconds")}
            known = select(preferences.c.person).where(preferences.c.person == person)
            if connection.scalar(known) is None:
                connection.execute(insert(preferences), {"person": person, **chosen})
            else:
                connection.execute(update(preferences).where(preferences.c.person == person).values(**chosen))
            event = event_of(
                origin, "preference.set", kind="preference", object_id=person, predictions="off" if off else "on"
            )
            append(connection, event, mac=self.keys.mac, at=at)

        self.store.write(work)
