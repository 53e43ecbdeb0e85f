"""Whole rows of recorded advice, opened for a replay, each reading of them on the audit chain."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, select

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import event_of
from serving.ciphers import SealError
from serving.keys import KeyRing
from serving.repositories.advice import KIND
from serving.store.tables.advice import SEALED, advice
from serving.store.tables.audit import audit
from serving.store.transaction import Store

TOGETHER: Final = 100
"""Rows that are read, and noted as read, in one transaction."""


@dataclass(frozen=True)
class Recorded:
    """One row of table `advice`, its sealed columns opened.

    `unreadable` names sealed columns that do not open; `intact` says whether
    the row is what the audit trail says was written, None where the trail
    says nothing, as after an erasure.
    """

    row: Mapping[str, Any]
    unreadable: tuple[str, ...] = ()
    intact: bool | None = None

    @property
    def id(self) -> str:
        """The advice's id."""
        return str(self.row["id"])

    @property
    def erased(self) -> bool:
        """Whether the content was erased."""
        return self.row["erased_at"] is not None


@dataclass(frozen=True)
class RecordedStore:
    """Reads whole rows, page by page."""

    store: Store
    keys: KeyRing

    def get(self, advice_id: str, *, origin: Origin, at: datetime) -> Recorded | None:
        """Return one row if it is in the caller's courts.

        Raises
        ------
        StoreUnavailableError
            It could not be read, or the reading not noted.
        """
        found = self.store.write(lambda connection: self._read(connection, [advice.c.id == advice_id], origin, at))
        return found[0] if found else None

    def page(self, *, after: str, since: str, origin: Origin, at: datetime) -> list[Recorded]:
        """Return up to a hundred rows after this id that were created on or after a day (ISO 8601), by id."""
        wanted = [advice.c.id > after, advice.c.created_at >= since]
        return self.store.write(lambda connection: self._read(connection, wanted, origin, at))

    def _read(
        self, connection: Connection, wanted: Sequence[ColumnElement[bool]], origin: Origin, at: datetime
    ) -> list[Recorded]:
        courts = origin.by.courts.codes
        scope = [] if courts is None else [advice.c.court_code.in_(courts)]
        query = select(advice).where(*wanted, *scope).order_by(advice.c.id).limit(TOGETHER)
        found = [self._opened(connection, dict(row)) for row in connection.execute(query).mappings()]
        for one in found:
            event = event_of(origin, "score.replay", kind=KIND, object_id=one.id, court=str(one.row["court_code"]))
            append(connection, event, mac=self.keys.mac, at=at)
        return found

    def _opened(self, connection: Connection, row: dict[str, Any]) -> Recorded:
        opened: dict[str, Any] = {}
        unreadable: list[str] = []
        for name in SEALED:
            if row[name] is not None:
                try:
                    opened[name] = self.keys.seal.open(row[name], f"advice.{name}:{row['id']}")
                except SealError:
                    unreadable.append(name)
        return Recorded({**row, **opened}, tuple(unreadable), _intact(connection, row))


def models_on_record(store: Store) -> frozenset[str]:
    """Return the hash of every bundle that some answer on record was made with."""
    query = select(advice.c.model_sha256).where(advice.c.model_sha256.is_not(None)).distinct()
    return frozenset(store.read(lambda connection: connection.scalars(query).all()))


def _intact(connection: Connection, row: Mapping[str, Any]) -> bool | None:
    if row["erased_at"] is not None:
        return None
    query = (
        select(audit.c.detail)
        .where(audit.c.kind == KIND, audit.c.object_id == row["id"], audit.c.action.in_(_WRITING))
        .order_by(audit.c.seq.desc())
    )
    for detail in connection.execute(query).scalars():
        written = json.loads(detail).get("row_sha256")
        if written is not None:
            return bool(written == row_digest(row))
    return None


_WRITING: Final = ("score.create", "score.import", "data_key.reseal")
"""Actions whose audit row holds the digest of the row as it was written, the newest being the one that counts."""
