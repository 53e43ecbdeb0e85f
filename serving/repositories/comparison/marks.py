"""Marks on record: a reason that does not fit the case, a similar case that is not similar; stored, not argued with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.recording import next_of_day, put
from serving.store.tables.comparison import marks
from serving.store.transaction import Store

Kind = Literal["reason", "similar"]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What somebody says of which part of an answer; `set` is False where he takes it back."""

    advice_id: str
    court_code: str
    kind: Kind
    subject: str
    set: bool


@dataclass(frozen=True)
class MarkStore:
    """Reads and writes marks."""

    store: Store
    keys: KeyRing

    def of(self, advice_id: str) -> list[Mapping[str, Any]]:
        """Return the marks of everybody that stand on an answer, the oldest first."""
        return self.store.read(lambda connection: standing_marks(connection, advice_id))

    def put(self, mark: Mark, *, origin: Origin, at: datetime) -> None:
        """Write a mark or its taking back; what stands already is not written again."""

        def work(connection: Connection) -> None:
            mine = [row for row in standing_marks(connection, mark.advice_id) if row["by"] == origin.by.actor]
            stands = any((row["kind"], row["subject"]) == (mark.kind, mark.subject) for row in mine)
            if stands == mark.set:
                return
            row = {
                **next_of_day(connection, marks, "MRK", at), "advice_id": mark.advice_id,
                "court_code": mark.court_code, "kind": mark.kind, "subject": mark.subject,
                "act": "mark" if mark.set else "unmark", "by": origin.by.actor, "at": at.isoformat(timespec="seconds"),
            }  # fmt: skip
            put(connection, marks, row, action=f"{mark.kind}.{row['act']}", by=(origin, at, self.keys))

        self.store.write(work)


def standing_marks(connection: Connection, advice_id: str) -> list[Mapping[str, Any]]:
    """Return the marks that stand on an answer: the last word of each person on each part of it."""
    query = select(marks).where(marks.c.advice_id == advice_id).order_by(marks.c.day, marks.c.number)
    last: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for row in connection.execute(query).mappings():
        last[row["by"], row["kind"], row["subject"]] = dict(row)
    return [row for row in last.values() if row["act"] == "mark"]
