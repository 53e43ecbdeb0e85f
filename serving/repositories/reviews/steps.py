"""The steps of a human review on record: somebody takes it in hand, and the party is told the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.advice import Call
from serving.repositories.recording import next_of_day, put
from serving.store.tables.people import review_steps

NOTHING_DONE: Final[Mapping[str, Any]] = dict.fromkeys(
    ("taken_by", "taken_at", "told_on", "told_channel", "told_by", "told_at")
)
"""What is said of a review that nobody has taken in hand and whose party has not been told."""


def steps_of(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return of each of these reviews who has it in hand, and how and when the party was told."""
    found: dict[str, dict[str, Any]] = {one: dict(NOTHING_DONE) for one in ids}
    order = (review_steps.c.day, review_steps.c.number)
    query = select(review_steps).where(review_steps.c.review_id.in_(ids)).order_by(*order)
    for row in connection.execute(query).mappings():
        if row["act"] == "take":
            found[row["review_id"]] |= {"taken_by": row["by"], "taken_at": row["at"]}
        else:
            told = {"told_on": row["told_on"], "told_channel": row["channel"]}
            found[row["review_id"]] |= {**told, "told_by": row["by"], "told_at": row["at"]}
    return found


def put_step(
    connection: Connection,
    review: Mapping[str, Any],
    step: Mapping[str, Any],
    *,
    call: Call,
    by: tuple[Origin, datetime, KeyRing],
) -> None:
    """Put one step about a review on record."""
    origin, at, _ = by
    row = {
        **next_of_day(connection, review_steps, "RVS", at), "review_id": review["id"],
        "court_code": review["court_code"], **step, "by": origin.by.actor, "at": at.isoformat(timespec="seconds"),
        "key_sha256": call.key_sha256, "body_digest": call.body_digest,
    }  # fmt: skip
    put(connection, review_steps, row, action=f"review.{step['act']}", by=by)
