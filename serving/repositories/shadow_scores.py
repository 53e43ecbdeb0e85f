"""What challengers said, on record beside the advice that was really given; no answer shows it."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from serving.access.origin import SERVICE, Origin
from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.store.tables.advice import advice
from serving.store.tables.models import shadow_scores
from serving.store.transaction import Store

KIND: Final = "shadow"


@dataclass(frozen=True, kw_only=True)
class ShadowScore:
    """A challenger's word on one case: the lane it would have proposed, and its scores by name (None: withheld)."""

    advice_id: str
    model: str
    model_sha256: str
    status: str
    route: str | None
    scores: dict[str, float | None]


@dataclass(frozen=True)
class Agreement:
    """How often one challenger would have proposed the lane that was proposed, over so many cases."""

    model: str
    model_sha256: str
    cases: int
    same_route: int


@dataclass(frozen=True)
class ShadowStore:
    """Writes and reads what challengers said."""

    store: Store
    keys: KeyRing

    def record(self, found: Sequence[ShadowScore], *, at: datetime) -> int:
        """Put them on record together, with one row on the audit chain; return how many are new.

        What is there already, and what belongs to erased advice, is left out.

        Raises
        ------
        StoreUnavailableError
            Nothing was written.
        """
        return self.store.write(lambda connection: self._record(connection, found, at))

    def scores(self, advice_id: str) -> list[ShadowScore]:
        """Return what every challenger said to one case."""
        query = select(shadow_scores).where(shadow_scores.c.advice_id == advice_id).order_by(shadow_scores.c.at)
        rows = self.store.read(lambda connection: connection.execute(query).all())
        return [
            ShadowScore(
                advice_id=row.advice_id,
                model=row.model,
                model_sha256=row.model_sha256,
                status=row.status,
                route=row.route,
                scores=json.loads(self.keys.seal.open(row.scores, _place(row.advice_id, row.model_sha256))),
            )
            for row in rows
        ]

    def agreement(self) -> list[Agreement]:
        """Return for every challenger how often it would have proposed the same lane."""
        same = func.coalesce(shadow_scores.c.route, "-") == func.coalesce(advice.c.route, "-")
        name, digest = shadow_scores.c.model, shadow_scores.c.model_sha256
        query = (
            select(name, digest, func.count(), func.count().filter(same))
            .join(advice, advice.c.id == shadow_scores.c.advice_id)
            .group_by(name, digest)
            .order_by(name)
        )
        return [Agreement(*row) for row in self.store.read(lambda connection: connection.execute(query).all())]

    def _record(self, connection: Connection, found: Sequence[ShadowScore], at: datetime) -> int:
        wanted = {(one.advice_id, one.model_sha256): one for one in found}
        ids = {one.advice_id for one in found}
        live = set(connection.scalars(select(advice.c.id).where(advice.c.id.in_(ids), advice.c.erased_at.is_(None))))
        known = select(shadow_scores.c.advice_id, shadow_scores.c.model_sha256).where(
            shadow_scores.c.advice_id.in_(ids)
        )
        there = {(row.advice_id, row.model_sha256) for row in connection.execute(known)}
        rows = [self._row(one, at) for key, one in wanted.items() if one.advice_id in live and key not in there]
        if not rows:
            return 0
        connection.execute(insert(shadow_scores), rows)
        digest = sha256("".join(row_digest(row) for row in rows).encode()).hexdigest()
        event = event_of(
            Origin(SERVICE), "shadow.record", kind=KIND, object_id=str(rows[0]["model_sha256"]),
            rows=str(len(rows)), rows_sha256=digest,
        )  # fmt: skip
        append(connection, event, mac=self.keys.mac, at=at)
        return len(rows)

    def _row(self, one: ShadowScore, at: datetime) -> dict[str, object]:
        spelt = json.dumps(one.scores, allow_nan=False, sort_keys=True).encode("utf-8")
        sealed = self.keys.seal.close(spelt, _place(one.advice_id, one.model_sha256))
        return {**vars(one), "at": at.isoformat(timespec="seconds"), "scores": sealed}


def forget(connection: Connection, advice_ids: Collection[str]) -> int:
    """Remove what challengers said to these cases, in the transaction that erases them; return how many rows went."""
    return int(connection.execute(delete(shadow_scores).where(shadow_scores.c.advice_id.in_(advice_ids))).rowcount)


def _place(advice_id: str, model_sha256: str) -> str:
    return f"shadow_scores.scores:{advice_id}:{model_sha256}"
