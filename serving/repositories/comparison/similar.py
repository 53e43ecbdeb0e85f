"""Similar cases on record: looked for once among the court's closed cases, and kept as they were found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from serving.access.origin import Origin
from serving.access.principal import Courts
from serving.keys import KeyRing
from serving.repositories.comparison.closed import opened, place
from serving.repositories.court_scope import unsteered, within
from serving.repositories.recording import put
from serving.store.tables.advice import advice
from serving.store.tables.comparison import closed_cases, similar_cases
from serving.store.tables.decisions import decisions
from serving.store.tables.outcomes import outcomes
from serving.store.transaction import Store

MOST_COMPARED: Final = 2_000
"""Closed cases, the latest first, among which similar ones are looked for."""

_ANSWER: Final = ("id", "application_id", "court_code", "stage", "route", "model_sha256", "features", "input")


_CLOSED: Final = ("advice_id", "application_id", "closed_on", "mode")
MOST_REMEMBERED: Final = 20_000
"""Closed cases whose leaves a worker remembers, opened: a few hundred bytes each."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """For which answer, by which bundle, and what was known: cases closed before `before`, reported by `known_at`."""

    advice_id: str
    application_id: str
    court_code: str
    stage: str
    model_sha256: str
    before: str
    known_at: str


@dataclass(frozen=True)
class Closed:
    """A closed case that was compared with."""

    advice_id: str
    application_id: str
    closed_on: str
    mode: str


@dataclass(frozen=True)
class Compared:
    """The closed cases that are compared with, and where each ends; two thousand of them, so they stay plain rows."""

    rows: Sequence[tuple[str, str, str, str]]
    leaves: Sequence[bytes]

    def __getitem__(self, place: int) -> Closed:
        """Return the case at a place."""
        return Closed(*self.rows[place])


@dataclass(frozen=True)
class Behind:
    """What stands on record about cases: answers by id (opened), events and deciding acts by application."""

    answers: Mapping[str, Mapping[str, Any]]
    events: Mapping[str, Sequence[Mapping[str, Any]]]
    lanes: Mapping[str, str | None]


@dataclass(frozen=True)
class SimilarStore:
    """Reads closed cases of one court, and keeps what was found.

    `remembered` holds where closed cases end in the trees of the bundle in use: it never changes for a case and bundle.
    """

    store: Store
    keys: KeyRing
    remembered: dict[str, dict[str, bytes]] = field(default_factory=dict, repr=False, compare=False)

    def kept(self, advice_id: str) -> Mapping[str, Any] | None:
        """Return what was found for an answer, `found` opened (None after erasure); None if nobody has looked."""
        query = select(similar_cases).where(similar_cases.c.id == advice_id)
        row = self.store.read(lambda connection: connection.execute(query).mappings().first())
        if row is None or row["found"] is None:
            return None if row is None else {**row, "found": []}
        return {**row, "found": json.loads(self.keys.seal.open(row["found"], _place(advice_id)))}

    def answer(self, advice_id: str) -> Mapping[str, Any]:
        """Return an answer's row with input and features opened."""
        return self._behind_answers([advice_id])[advice_id]

    def closed(self, asked: Asked, *, trees: int) -> Compared:
        """Return the court's closed cases of the same stage that are ready for the bundle, the latest first.

        Those that do not end in as many leaves as there are `trees` cannot be compared.
        """
        query = (
            select(*(closed_cases.c[name] for name in _CLOSED))
            .where(
                closed_cases.c.court_code == asked.court_code,
                closed_cases.c.stage == asked.stage,
                closed_cases.c.model_sha256 == asked.model_sha256,
                closed_cases.c.closed_on < asked.before,
                closed_cases.c.recorded_at <= asked.known_at,
                closed_cases.c.application_id != asked.application_id,
                closed_cases.c.leaves.is_not(None),
            )
            .order_by(closed_cases.c.closed_on.desc(), closed_cases.c.advice_id)
            .limit(MOST_COMPARED)
        )
        rows = self.store.read(lambda connection: connection.execute(query).all())
        leaves = self._leaves([row[0] for row in rows], asked.model_sha256)
        alike = [(row[0], row[1], row[2], row[3]) for row in rows if len(leaves.get(row[0], b"")) == trees]
        return Compared(alike, [leaves[row[0]] for row in alike])

    def _leaves(self, ids: Sequence[str], model_sha256: str) -> Mapping[str, bytes]:
        """Return where these cases end, by id; what was opened for this bundle before is remembered."""
        if model_sha256 not in self.remembered or len(self.remembered[model_sha256]) > MOST_REMEMBERED:
            self.remembered.clear()
            self.remembered[model_sha256] = {}
        known = self.remembered[model_sha256]
        new = [one for one in ids if one not in known]
        if new:
            mine = closed_cases.c.advice_id.in_(new) & (closed_cases.c.model_sha256 == model_sha256)
            query = select(closed_cases.c.advice_id, closed_cases.c.leaves).where(mine)
            opens = self.keys.seal.open
            rows = self.store.read(lambda connection: connection.execute(query).all())
            known |= {row[0]: opens(row[1], place(row[0])) for row in rows}
        return known

    def behind(self, asked: Asked, ids: Sequence[str]) -> Behind:
        """Return what stands on record about these answers' cases, as far as it was known."""
        answers = self._behind_answers(ids)
        numbers = sorted({row["application_id"] for row in answers.values()})

        def work(connection: Connection) -> Behind:
            case = (outcomes.c.court_code == asked.court_code) & outcomes.c.application_id.in_(numbers)
            told = select(outcomes).where(case, outcomes.c.recorded_at <= asked.known_at).order_by(outcomes.c.id)
            events: dict[str, list[Mapping[str, Any]]] = {}
            for row in connection.execute(told).mappings():
                events.setdefault(row["application_id"], []).append(dict(row))
            acts = select(decisions).where(decisions.c.advice_id.in_(ids)).order_by(decisions.c.turn)
            lanes = {row.advice_id: row.lane for row in connection.execute(acts) if row.act == "decide"}
            return Behind(answers, events, lanes)

        return self.store.read(work)

    def put(
        self, asked: Asked, found: Sequence[Mapping[str, Any]], *, compared: int, by: tuple[Origin, datetime]
    ) -> None:
        """Keep what was found, unless somebody else was faster or the answer was erased meanwhile."""
        origin, at = by

        def work(connection: Connection) -> None:
            known = select(similar_cases.c.id).where(similar_cases.c.id == asked.advice_id)
            live = select(advice.c.id).where(advice.c.id == asked.advice_id, advice.c.erased_at.is_(None))
            if connection.scalar(known) is not None or connection.scalar(live) is None:
                return
            text = json.dumps([dict(one) for one in found], ensure_ascii=False).encode()
            row = {
                "id": asked.advice_id, "court_code": asked.court_code, "model_sha256": asked.model_sha256,
                "compared": compared, "found": self.keys.seal.close(text, _place(asked.advice_id)),
                "at": at.isoformat(timespec="seconds"),
            }  # fmt: skip
            put(connection, similar_cases, row, action="similar.find", by=(origin, at, self.keys))

        self.store.write(work)

    def living(self, ids: Sequence[str], *, courts: Courts) -> frozenset[str]:
        """Return those of these answers whose content is still there, and which the reader may open."""
        query = select(advice.c.id).where(
            advice.c.id.in_(ids), advice.c.erased_at.is_(None), within(unsteered(advice.c.court_code), courts)
        )
        return frozenset(self.store.read(lambda connection: connection.scalars(query).all()))

    def _behind_answers(self, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        query = select(*(advice.c[name] for name in _ANSWER)).where(advice.c.id.in_(ids))
        rows = self.store.read(lambda connection: connection.execute(query).mappings().all())
        return {row["id"]: opened(dict(row), self.keys) for row in rows}


def _place(advice_id: str) -> str:
    return f"similar_cases.found:{advice_id}"
