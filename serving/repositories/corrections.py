"""Corrections on record: which advice was given anew because facts were put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.closings import keep_out
from serving.repositories.recording import put
from serving.store.tables.decisions import corrections


class CorrectedBeforeError(RuntimeError):
    """The advice was corrected already; `args` holds the id of the newer one."""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Why which advice is corrected."""

    corrects: str
    court_code: str
    reason: str


def put_correction(
    connection: Connection, new_id: str, *, correction: Correction, by: tuple[Origin, datetime, KeyRing]
) -> None:
    """Write, in the transaction of the new advice, what it corrects.

    Raises
    ------
    CorrectedBeforeError
        Somebody has corrected it before.
    """
    origin, at, keys = by
    newer = newer_of(connection, correction.corrects)
    if newer is not None:
        raise CorrectedBeforeError(newer)
    row = {
        "id": new_id,
        "corrects": correction.corrects,
        "court_code": correction.court_code,
        "reason": keys.seal.close(correction.reason.encode("utf-8"), f"corrections.reason:{new_id}"),
        "by": origin.by.actor,
        "at": at.isoformat(timespec="seconds"),
    }
    put(connection, corrections, row, action="score.correct", by=by)
    keep_out(connection, new_id)


def newer_of(connection: Connection, advice_id: str) -> str | None:
    """Return the advice that corrects this one, if there is one."""
    return connection.scalar(select(corrections.c.id).where(corrections.c.corrects == advice_id))


def corrected_by(connection: Connection, ids: list[str]) -> Mapping[str, str]:
    """Return, for each of these advices that corrects another one, the id of that one."""
    query = select(corrections.c.id, corrections.c.corrects).where(corrections.c.id.in_(ids))
    return {row.id: row.corrects for row in connection.execute(query)}


def as_corrected(advice_id: str, newer: Mapping[str, str]) -> str:
    """Return the answer that stands for one after all corrections; `newer` by the id of what it corrects."""
    seen = {advice_id}
    while (after := newer.get(advice_id)) is not None and after not in seen:
        advice_id = after
        seen.add(after)
    return advice_id
