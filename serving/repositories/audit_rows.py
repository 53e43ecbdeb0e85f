"""Rows of the audit trail for the eyes of the auditor, newest first; each look is itself a row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.store.tables.audit import audit
from serving.store.transaction import Store


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Which rows are asked for; an empty filter asks for all. `before` is the number of the last row seen."""

    action: str = ""
    actor: str = ""
    kind: str = ""
    object_id: str = ""
    outcome: str = ""
    before: int | None = None
    size: int = 50


@dataclass(frozen=True)
class AuditRows:
    """Reads rows."""

    store: Store
    keys: KeyRing

    def page(self, sought: Sought, *, origin: Origin, at: datetime) -> tuple[list[Mapping[str, Any]], int | None]:
        """Return one page, and the number before which the next one begins; None at the end.

        Raises
        ------
        StoreUnavailableError
            It could not be read, or the reading not noted.
        """

        def work(connection: Connection) -> tuple[list[Mapping[str, Any]], int | None]:
            query = select(audit).order_by(audit.c.seq.desc()).limit(sought.size + 1)
            for name in ("action", "actor", "kind", "object_id", "outcome"):
                value = getattr(sought, name)
                query = query.where(audit.c[name] == value) if value else query
            if sought.before is not None:
                query = query.where(audit.c.seq < sought.before)
            rows = [dict(zip(_COLUMNS, row, strict=True)) for row in connection.execute(query)]
            event = event_of(origin, "audit.read", kind="audit", object_id=sought.object_id)
            append(connection, event, mac=self.keys.mac, at=at)
            shown: list[Mapping[str, Any]] = [
                {**row, "detail": json.loads(row["detail"])} for row in rows[: sought.size]
            ]
            return shown, int(shown[-1]["seq"]) if len(rows) > sought.size else None

        return self.store.write(work)


def _shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**row, "detail": json.loads(row["detail"])}


_COLUMNS: Final = tuple(str(column.name) for column in audit.columns)
