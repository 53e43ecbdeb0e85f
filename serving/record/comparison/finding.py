"""Similar cases: the five of the court's closed cases that are most like this one, never chosen by how they ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np

from features.clock import SHANGHAI
from features.register import Register
from models.explain.endings import days_between, ending_of
from models.explain.neighbours import Near, nearest
from models.explain.points import points_of
from serving.access.origin import Origin
from serving.model_life.standing import Standing
from serving.record.comparison.reading import Reader
from serving.repositories.comparison.similar import Asked, Behind, Closed, SimilarStore

MOST: Final = 5
FEWEST: Final = 3
"""Below so many nothing is shown: one or two cases are anecdotes."""


@dataclass(frozen=True)
class Similar:
    """What was found for an answer: the cases that may still be shown, among how many, and how many there were."""

    cases: Sequence[Mapping[str, Any]] = ()
    compared: int = 0
    found: int = 0


NOTHING: Final = Similar()


@dataclass(frozen=True)
class Finding:
    """The use case with its collaborators; without `standing` nothing new is looked for."""

    records: SimilarStore
    clock: Callable[[], datetime]
    standing: Callable[[], Standing] | None = field(default=None)

    def of(self, answer: Mapping[str, Any], *, origin: Origin) -> Similar:
        """Return what was found for an answer, looking for it where nobody has yet.

        Only what was known when the answer was given counts, so it does not
        matter when somebody looks. Cases whose content was erased since are
        not shown.
        """
        kept = self.records.kept(answer["id"]) or self._look(answer, origin)
        if kept is None:
            return NOTHING
        found: Sequence[Mapping[str, Any]] = kept["found"]
        living = self.records.living([one["advice_id"] for one in found], courts=origin.by.courts) if found else ()
        return Similar([one for one in found if one["advice_id"] in living], kept["compared"], len(found))

    def _look(self, answer: Mapping[str, Any], origin: Origin) -> Mapping[str, Any] | None:
        reader = None if self.standing is None else Reader.of(self.standing())
        if reader is None or answer["mode"] == "rules":
            return None
        row = self.records.answer(answer["id"])
        own = reader.leaves(row)
        if own is None:
            return None
        document = json.loads(row["input"])
        asked = _asked(answer, document, reader.bundle.sha256)
        closed = self.records.closed(asked, trees=own.size)
        others = np.frombuffer(b"".join(closed.leaves), dtype=np.uint8).reshape(-1, own.size)
        near = nearest(own, others, most=MOST)
        behind = self.records.behind(asked, [closed[one.place].advice_id for one in near])
        found = [_told(one, closed[one.place], behind, document["case"], reader.standing.register) for one in near]
        self.records.put(asked, found, compared=len(closed.rows), by=(origin, self.clock()))
        return {"found": found, "compared": len(closed.rows)}


def _asked(answer: Mapping[str, Any], document: Mapping[str, Any], sha256: str) -> Asked:
    received = document["case"].get("received_at") or document["as_of"]
    return Asked(
        advice_id=answer["id"],
        application_id=answer["application_id"],
        court_code=answer["court_code"],
        stage=answer["stage"],
        model_sha256=sha256,
        before=_day(received).isoformat(),
        known_at=answer["created_at"],
    )


def _told(near: Near, closed: Closed, behind: Behind, own: Mapping[str, Any], register: Register) -> Mapping[str, Any]:
    """Return one similar case as it is kept: number, same and different points, lane, and how it ended."""
    row = behind.answers[closed.advice_id]
    other = json.loads(row["input"])["case"]
    points = points_of(own, other, register)
    received = other.get("received_at")
    days = None if received is None else days_between(_day(received), date.fromisoformat(closed.closed_on))
    events = behind.events.get(closed.application_id, ())
    ending = ending_of(closed.mode, days=days, events=events, claim=other.get("claim_amount"))
    decided = closed.advice_id in behind.lanes
    return {
        "advice_id": closed.advice_id, "application_id": closed.application_id, "alike": round(near.alike, 4),
        "same": points.same, "different": points.different, "stage": row["stage"],
        "lane": behind.lanes[closed.advice_id] if decided else row["route"], "decided": decided,
        "closed_on": closed.closed_on, "paid": ending.paid, "ending": ending.text,
    }  # fmt: skip


def _day(instant: str) -> date:
    return datetime.fromisoformat(instant).astimezone(SHANGHAI).date()
