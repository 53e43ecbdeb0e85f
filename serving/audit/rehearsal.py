"""Rehearsing an audit row: written in earnest and undone, because only a writing shows that one could be written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from serving.access.origin import SERVICE
from serving.audit.chain import append
from serving.audit.event import Event
from serving.keys import KeyRing
from serving.store.faults import StoreUnavailableError
from serving.store.transaction import Store


class _UndoneError(Exception):
    """Ends a rehearsal: everything that was written in it is undone."""


@dataclass(frozen=True)
class Rehearsal:
    """Tries whether the store takes a row and the audit trail an event; leaves nothing behind."""

    store: Store
    keys: KeyRing

    def fault(self, at: datetime) -> str:
        """Return `STORE_NOT_WRITABLE`, `AUDIT_NOT_APPENDABLE`, or nothing."""
        if not self.store.ready():
            return "STORE_NOT_WRITABLE"
        try:
            self.store.write(lambda connection: self._write(connection, at))
        except _UndoneError:
            return ""
        except StoreUnavailableError:
            pass
        return "AUDIT_NOT_APPENDABLE"

    def _write(self, connection: Connection, at: datetime) -> None:
        append(connection, Event(action="service.rehearse", actor=SERVICE.actor), mac=self.keys.mac, at=at)
        raise _UndoneError
