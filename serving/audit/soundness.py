"""Whether one database is whole by itself: its chain, its triggers and every record in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from serving.audit.chain import Head, append
from serving.audit.event import Event
from serving.audit.trail import check_rows
from serving.audit.verify import Report
from serving.ciphers import Mac
from serving.store.copying import row_counts


class NotWholeError(RuntimeError):
    """Records or audit rows are not as they were written; nothing was changed."""


@dataclass(frozen=True)
class Sound:
    """What a whole database holds: the head of its chain, and how many rows each table has."""

    head: Head
    counts: dict[str, int]

    def __str__(self) -> str:
        """Return the counts in one line."""
        return "、".join(f"{name} {count}" for name, count in self.counts.items()) or "（空 / empty）"


def require_whole(connection: Connection, mac: Mac) -> Sound:
    """Check everything and return what there is.

    Raises
    ------
    NotWholeError
        Something was found; the first finding is named.
    """
    report = Report()
    check_rows(connection, report, mac=mac)
    if not report.whole:
        first = report.findings[0]
        msg = (
            f"核验未通过，共 {report.total} 处，第一处：{first.zh} / "
            f"{report.total} findings, the first: {first.en}; nothing was changed"
        )
        raise NotWholeError(msg)
    return Sound(report.head, row_counts(connection))


def note_whole(connection: Connection, event: Event, *, mac: Mac, at: datetime) -> Sound:
    """Check everything, put the event on the chain in the same transaction, and return what there was.

    Raises
    ------
    NotWholeError
        Something was found; the first finding is named.
    """
    sound = require_whole(connection, mac)
    append(connection, event, mac=mac, at=at)
    return sound
