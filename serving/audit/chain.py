"""The chain: each row carries a keyed code over itself and the code before it, so nothing can be changed unseen.

The key lies outside the database. Whoever owns the database can still cut
off the newest rows or put yesterday's copy back; that is found by comparing
with the heads kept in the second place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, insert, select

from serving.audit.event import Event
from serving.ciphers import Mac
from serving.store.tables.audit import audit
from serving.store.transaction import NEWEST

GENESIS: Final = "genesis"
"""What the first row has in the place of the code before it."""

_SIGNED: Final = tuple(str(column.name) for column in audit.columns if column.name != "mac")


@dataclass(frozen=True)
class Head:
    """The newest row of the chain: its number, its code, and when it was written."""

    seq: int
    mac: str
    at: str = ""


START: Final = Head(0, GENESIS)


def append(connection: Connection, event: Event, *, mac: Mac, at: datetime) -> Head:
    """Put an event on the chain, in the caller's writing transaction, and return the new head.

    The transaction holds the writers' lock (`serving.store.transaction`), so
    nobody else can stand on the same head; a unique index on `prev_mac` would
    refuse the second in any case.
    """
    last = head_of(connection)
    row = {
        "seq": last.seq + 1,
        "at": at.isoformat(timespec="milliseconds"),
        **{name: getattr(event, name) for name in _PLAIN},
        "detail": _spelt(dict(event.detail)).decode("utf-8"),
        "prev_mac": last.mac,
    }
    code = mac.of(signed(row))
    connection.execute(_NEW, {**row, "mac": code})
    head = Head(last.seq + 1, code, row["at"])
    connection.info[NEWEST] = head
    return head


def head_of(connection: Connection) -> Head:
    """Return the newest row's number and code; `START` for an empty chain."""
    row = connection.execute(_HEAD).one_or_none()
    return START if row is None else Head(row.seq, row.mac, row.at)


def newest_at(connection: Connection) -> str | None:
    """Return the instant of the newest row, None for an empty chain."""
    at: str | None = connection.scalar(select(audit.c.at).order_by(audit.c.seq.desc()).limit(1))
    return at


def signed(row: Mapping[str, Any]) -> bytes:
    """Return the bytes that a row's code is made over: everything but the code, in one spelling."""
    return _spelt({name: row[name] for name in _SIGNED})


def _spelt(document: Mapping[str, object]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


_PLAIN: Final = ("action", "actor", "role", "court", "kind", "object_id", "outcome", "request_id")
_NEW: Final = insert(audit)
_HEAD: Final = select(audit.c.seq, audit.c.mac, audit.c.at).order_by(audit.c.seq.desc()).limit(1)
