"""Closed cases made ready to be compared with: noted when a closing is reported, made ready by the service later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from features.clock import SHANGHAI
from serving.keys import KeyRing
from serving.repositories.open_cases import of_application
from serving.store.tables.advice import advice
from serving.store.tables.comparison import closed_cases
from serving.store.transaction import Store

_ANSWER: Final = ("id", "application_id", "court_code", "stage", "model_sha256", "features", "input")


@dataclass(frozen=True)
class ClosedStore:
    """Finds closed cases that are not ready for the bundle at hand, and makes them ready."""

    store: Store
    keys: KeyRing

    def waiting(self, model_sha256: str, *, most: int) -> list[Mapping[str, Any]]:
        """Return answers about closed cases that are not ready for this bundle, opened, the newest closing first."""
        other = or_(closed_cases.c.model_sha256.is_(None), closed_cases.c.model_sha256 != model_sha256)
        query = (
            select(*(advice.c[name] for name in _ANSWER))
            .join(closed_cases, closed_cases.c.advice_id == advice.c.id)
            .where(other, advice.c.erased_at.is_(None))
            .order_by(closed_cases.c.closed_on.desc())
            .limit(most)
        )
        rows = self.store.read(lambda connection: connection.execute(query).mappings().all())
        return [opened(dict(row), self.keys) for row in rows]

    def make_ready(self, found: Mapping[str, bytes | None], model_sha256: str) -> None:
        """Keep in which leaves of this bundle each case ends; None for one that the bundle cannot read."""

        def work(connection: Connection) -> None:
            for advice_id, leaves in found.items():
                sealed = None if leaves is None else self.keys.seal.close(leaves, place(advice_id))
                mine = closed_cases.c.advice_id == advice_id
                connection.execute(update(closed_cases).where(mine).values(model_sha256=model_sha256, leaves=sealed))

        self.store.write(work)


def note_closed(connection: Connection, events: Sequence[Mapping[str, Any]]) -> None:
    """Note, in the transaction of a report, the cases that it says are closed: the newest answer of each stage.

    A closing that is reported again, as of another day or in another way,
    takes the place of what was reported before.
    """
    for event in events:
        if event["kind"] != "close":
            continue
        number, court = event["application_id"], event["court_code"]
        newest = (
            select(advice.c.id, advice.c.stage)
            .where(of_application(number, court), advice.c.features.is_not(None))
            .order_by(advice.c.day, advice.c.number)
        )
        stages = {row.stage: row.id for row in connection.execute(newest)}
        known = select(closed_cases.c.advice_id).where(
            closed_cases.c.application_id == number, closed_cases.c.court_code == court
        )
        forget_closed(connection, list(connection.scalars(known)))
        closed_on = datetime.fromisoformat(event["at"]).astimezone(SHANGHAI).date().isoformat()
        for stage, advice_id in stages.items():
            row = {
                "advice_id": advice_id, "court_code": court, "application_id": number, "stage": stage,
                "closed_on": closed_on, "mode": event["mode"], "recorded_at": event["recorded_at"],
            }  # fmt: skip
            connection.execute(insert(closed_cases), row)


def forget_closed(connection: Connection, advice_ids: Collection[str]) -> int:
    """Take these answers out, for instance in the transaction that erases them; return how many went."""
    return int(connection.execute(delete(closed_cases).where(closed_cases.c.advice_id.in_(advice_ids))).rowcount)


def opened(row: dict[str, Any], keys: KeyRing) -> dict[str, Any]:
    """Return an answer's row with its input and features opened."""
    names = [name for name in ("input", "features") if row[name] is not None]
    return {**row, **{name: keys.seal.open(row[name], f"advice.{name}:{row['id']}") for name in names}}


def place(advice_id: str) -> str:
    """Return under which name the leaves of a case are sealed."""
    return f"closed_cases.leaves:{advice_id}"
