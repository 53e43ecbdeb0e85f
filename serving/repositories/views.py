"""Opinions given before the scores, and looks at the scores, on record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.recording import next_of_day, put
from serving.store.tables.decisions import views
from serving.store.transaction import Store

ViewKind = Literal["opinion", "reveal"]


@dataclass(frozen=True)
class ViewStore:
    """Reads and writes them; each person has at most one of a kind about one advice."""

    store: Store
    keys: KeyRing

    def own(self, advice_id: str, *, origin: Origin) -> list[Mapping[str, Any]]:
        """Return what the caller has put down about an advice."""
        query = select(views).where(views.c.advice_id == advice_id, views.c.by == origin.by.actor)
        return self.store.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])

    def own_of(self, ids: Collection[str], *, origin: Origin) -> Mapping[str, Collection[str]]:
        """Return which kinds the caller has put down about each of these answers."""
        query = select(views.c.advice_id, views.c.kind).where(views.c.advice_id.in_(ids), views.c.by == origin.by.actor)
        found: dict[str, list[str]] = {}
        for row in self.store.read(lambda connection: connection.execute(query).all()):
            found.setdefault(row.advice_id, []).append(row.kind)
        return found

    def put(
        self, advice_id: str, court: str, kind: ViewKind, *, lane: str | None, by: tuple[Origin, datetime]
    ) -> Mapping[str, Any]:
        """Write one, or return the one of this kind that the caller gave before."""

        def work(connection: Connection) -> Mapping[str, Any]:
            origin, at = by
            mine = (views.c.advice_id == advice_id) & (views.c.by == origin.by.actor) & (views.c.kind == kind)
            known = connection.execute(select(views).where(mine)).mappings().first()
            if known is not None:
                return dict(known)
            row = {
                **next_of_day(connection, views, "VIW", at), "advice_id": advice_id, "court_code": court,
                "kind": kind, "lane": lane, "by": origin.by.actor, "at": at.isoformat(timespec="seconds"),
            }  # fmt: skip
            put(connection, views, row, action=f"score.{kind}", by=(origin, at, self.keys))
            return row

        return self.store.write(work)
