"""Putting a row on record: it and its audit row are written together, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.advice import today


def put(
    connection: Connection, table: Table, row: Mapping[str, Any], *, action: str, by: tuple[Origin, datetime, KeyRing]
) -> None:
    """Write a new row of a recorded table, and on the audit chain who did it, with the row's digest."""
    origin, at, keys = by
    connection.execute(insert(table), row)
    event = event_of(
        origin, action, kind=table.name, object_id=row["id"], court=row.get("court_code") or "",
        row_sha256=row_digest(row),
    )  # fmt: skip
    append(connection, event, mac=keys.mac, at=at)


def next_of_day(connection: Connection, table: Table, prefix: str, at: datetime) -> dict[str, Any]:
    """Return id, day and number of the day's next row, such as DEC-20261120-000007."""
    day = today(at)
    number = (connection.scalar(select(func.max(table.c.number)).where(table.c.day == day)) or 0) + 1
    return {"id": f"{prefix}-{day.replace('-', '')}-{number:06d}", "day": day, "number": number}
