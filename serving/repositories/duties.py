"""Duties of the service that one worker does at a time: who is at one, and until when nobody else begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from serving.store.tables.duties import duties
from serving.store.transaction import Store


@dataclass(frozen=True)
class DutyStore:
    """Gives duties out under a lease; a worker that dies loses its own when the lease is over."""

    store: Store

    def take(self, name: str, worker: str, *, at: datetime, lasting: timedelta) -> bool:
        """Take a duty, or go on with it; False while another worker has it.

        Raises
        ------
        StoreUnavailableError
            Nothing was taken.
        """
        now, until = (moment.isoformat(timespec="seconds") for moment in (at, at + lasting))

        def work(connection: Connection) -> bool:
            held = connection.execute(select(duties).where(duties.c.name == name)).mappings().first()
            if held is None:
                connection.execute(insert(duties), {"name": name, "worker": worker, "until": until})
                return True
            if held["worker"] != worker and held["until"] > now:
                return False
            connection.execute(update(duties).where(duties.c.name == name).values(worker=worker, until=until))
            return True

        return self.store.write(work)
