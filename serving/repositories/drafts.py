"""Drafts of the intake form on record: kept for their writer alone, never over a newer version, gone after a week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Select, delete, func, insert, select, update

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.store.tables.drafts import intake_drafts
from serving.store.transaction import Store

KEPT_DAYS: Final = 7
MOST: Final = 50
"""Drafts of one person at a time."""


@dataclass(frozen=True)
class Draft:
    """A draft as it was saved last."""

    id: str
    version: int
    saved_at: str
    content: Mapping[str, str]


class DraftChangedError(ValueError):
    """The draft was saved elsewhere since it was read, or is gone; nothing was written over."""

    def __init__(self, saved_at: str | None) -> None:
        super().__init__("草稿已在别处保存或者已办结 / the draft was saved elsewhere or is gone")
        self.saved_at = saved_at


class TooManyDraftsError(ValueError):
    """The person has as many drafts as are kept."""


@dataclass(frozen=True)
class DraftStore:
    """Reads and writes drafts; each change is one transaction with its audit row, which holds no word of them."""

    store: Store
    keys: KeyRing

    def of(self, person: str, *, at: datetime) -> list[Draft]:
        """Return a person's drafts, the newest first."""
        query = _own(person, at).order_by(intake_drafts.c.saved_at.desc(), intake_drafts.c.id)
        rows = self.store.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])
        return [self._opened(row) for row in rows]

    def get(self, draft_id: str, person: str, *, at: datetime) -> Draft | None:
        """Return one of a person's drafts; None where it is not his, or gone."""
        query = _own(person, at).where(intake_drafts.c.id == draft_id)
        row = self.store.read(lambda connection: connection.execute(query).mappings().one_or_none())
        return None if row is None else self._opened(dict(row))

    def save(self, draft: Draft, *, origin: Origin, at: datetime) -> None:
        """Keep a draft: a new one where its version is 1, else in the place of the version before.

        Raises
        ------
        DraftChangedError
            Another version stands there; it stays.
        TooManyDraftsError
            There are as many as are kept.
        """

        def work(connection: Connection) -> None:
            self._forget_old(connection, origin, at)
            (self._add if draft.version == 1 else self._replace)(connection, draft, origin.by.actor, at)
            event = event_of(origin, "draft.save", kind="draft", object_id=draft.id, version=str(draft.version))
            append(connection, event, mac=self.keys.mac, at=at)

        self.store.write(work)

    def discard(self, draft_id: str, *, origin: Origin, at: datetime, version: int | None = None) -> None:
        """Remove a person's own draft, or only this version of it; one that is gone already is no fault."""

        def work(connection: Connection) -> None:
            self._forget_old(connection, origin, at)
            own = (intake_drafts.c.id == draft_id) & (intake_drafts.c.person == origin.by.actor)
            which = own if version is None else own & (intake_drafts.c.version == version)
            if connection.execute(delete(intake_drafts).where(which)).rowcount:
                event = event_of(origin, "draft.discard", kind="draft", object_id=draft_id)
                append(connection, event, mac=self.keys.mac, at=at)

        self.store.write(work)

    def _add(self, connection: Connection, draft: Draft, person: str, at: datetime) -> None:
        kept = connection.scalar(select(func.count()).select_from(_own(person, at).subquery())) or 0
        if kept >= MOST:
            msg = f"草稿已满 {MOST} 份 / there are {MOST} drafts already"
            raise TooManyDraftsError(msg)
        connection.execute(insert(intake_drafts), {"id": draft.id, "person": person, **self._sealed(draft, at)})

    def _replace(self, connection: Connection, draft: Draft, person: str, at: datetime) -> None:
        own = (intake_drafts.c.id == draft.id) & (intake_drafts.c.person == person)
        seen = own & (intake_drafts.c.version == draft.version - 1)
        if not connection.execute(update(intake_drafts).where(seen).values(**self._sealed(draft, at))).rowcount:
            raise DraftChangedError(connection.scalar(select(intake_drafts.c.saved_at).where(own)))

    def _sealed(self, draft: Draft, at: datetime) -> dict[str, Any]:
        place = f"intake_drafts.content:{draft.id}"
        return {
            "version": draft.version,
            "content": self.keys.seal.close(orjson.dumps(dict(draft.content)), place),
            "saved_at": at.isoformat(timespec="seconds"),
            "expires_at": (at + timedelta(days=KEPT_DAYS)).isoformat(timespec="seconds"),
        }

    def _opened(self, row: Mapping[str, Any]) -> Draft:
        content = orjson.loads(self.keys.seal.open(row["content"], f"intake_drafts.content:{row['id']}"))
        return Draft(row["id"], row["version"], row["saved_at"], content)

    def _forget_old(self, connection: Connection, origin: Origin, at: datetime) -> None:
        """Remove whatever is past its week, whoever wrote it, and note how many they were."""
        old = intake_drafts.c.expires_at <= at.isoformat(timespec="seconds")
        gone = connection.execute(delete(intake_drafts).where(old)).rowcount
        if gone:
            event = event_of(origin, "draft.expire", kind="draft", object_id="*", rows=str(gone))
            append(connection, event, mac=self.keys.mac, at=at)


def _own(person: str, at: datetime) -> Select[Any]:
    return select(intake_drafts).where(
        intake_drafts.c.person == person, intake_drafts.c.expires_at > at.isoformat(timespec="seconds")
    )
