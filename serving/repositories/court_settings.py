"""Settings of courts on record: every version, who set it and why; the newest is in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.recording import next_of_day, put
from serving.store.tables.decisions import court_settings
from serving.store.transaction import Store


class VersionConflictError(RuntimeError):
    """Somebody else has set a newer version meanwhile; `args` holds its number."""


@dataclass(frozen=True)
class Version:
    """One version of a court's settings; number 0 is what holds before anything was set."""

    court_code: str
    number: int
    values: Mapping[str, Any]
    reason: str = ""
    set_by: str = ""
    set_at: str = ""


@dataclass(frozen=True)
class CourtSettingsStore:
    """Reads and writes versions."""

    store: Store
    keys: KeyRing

    def newest(self, court: str) -> Version | None:
        """Return the version in force; None before anything was set."""
        return self.store.read(lambda connection: next(iter(_history(connection, court, most=1)), None))

    def history(self, court: str) -> list[Version]:
        """Return every version of a court, newest first."""
        return self.store.read(lambda connection: _history(connection, court))

    def set(self, new: Version, *, origin: Origin, at: datetime) -> Version:
        """Write a version; its number must be one above the newest.

        Raises
        ------
        VersionConflictError
            It is not.
        """

        def work(connection: Connection) -> Version:
            newest = next(iter(_history(connection, new.court_code, most=1)), None)
            number = 0 if newest is None else newest.number
            if new.number != number + 1:
                raise VersionConflictError(number)
            row = {
                **next_of_day(connection, court_settings, "SET", at), "court_code": new.court_code,
                "version": new.number, "values": json.dumps(dict(new.values), ensure_ascii=False, sort_keys=True),
                "reason": new.reason, "set_by": origin.by.actor, "set_at": at.isoformat(timespec="seconds"),
            }  # fmt: skip
            put(connection, court_settings, row, action="court.configure", by=(origin, at, self.keys))
            return _version(row)

        return self.store.write(work)


def _history(connection: Connection, court: str, *, most: int | None = None) -> list[Version]:
    query = select(court_settings).where(court_settings.c.court_code == court).order_by(court_settings.c.version.desc())
    query = query if most is None else query.limit(most)
    return [_version(dict(row)) for row in connection.execute(query).mappings()]


def _version(row: Mapping[str, Any]) -> Version:
    return Version(
        row["court_code"], row["version"], json.loads(row["values"]), row["reason"], row["set_by"], row["set_at"]
    )
