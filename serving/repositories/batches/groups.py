"""Groups on record: made once when a list is scored, and read with what people did about each case since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Select, and_, insert, select, tuple_, update
from sqlalchemy.orm import aliased

from serving.access.origin import SERVICE, Origin
from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.store.tables.advice import advice
from serving.store.tables.batches import batch_cases, batch_groups, batches
from serving.store.tables.jobs import job_rows, score_jobs
from serving.store.tables.people import person_tokens
from serving.store.transaction import Store

_TOGETHER: Final = 500
_NEEDED: Final = (
    "application_id", "court_code", "stage", "status", "advice", "warnings", "versions", "simulated",
)  # fmt: skip
"""Parts of an answer that grouping looks at: twenty thousand whole ones would fill the memory."""


@dataclass(frozen=True)
class Scored:
    """One case of a list: the line, the answer's id and instant, what is needed of it, and the case it was given on."""

    line: int
    advice_id: str
    created_at: str
    answer: Mapping[str, Any]
    document: Mapping[str, Any]


@dataclass(frozen=True)
class GroupStore:
    """Writes groups once, and reads them."""

    store: Store
    keys: KeyRing

    def waiting(self) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """Return a list that is scored and not grouped, with its job; None without one."""
        query = (
            select(batches.c.id)
            .join(score_jobs, score_jobs.c.id == batches.c.job_id)
            .where(
                batches.c.grouped_at.is_(None),
                batches.c.confirmed_at.is_not(None),
                score_jobs.c.finished_at.is_not(None),
            )
            .order_by(batches.c.id)
            .limit(1)
        )

        def work(connection: Connection) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
            found = connection.scalar(query)
            if found is None:
                return None
            row = dict(connection.execute(select(batches).where(batches.c.id == found)).mappings().one())
            job = select(score_jobs).where(score_jobs.c.id == row["job_id"])
            return row, dict(connection.execute(job).mappings().one())

        return self.store.read(work)

    def scored(self, job_id: str) -> Iterator[Scored]:
        """Yield the cases of a list in the order of its lines; answers erased since are left out."""
        after = 0
        while True:
            query = (
                select(job_rows.c.line, advice.c.id, advice.c.created_at, advice.c.answer, advice.c.input)
                .join(advice, advice.c.id == job_rows.c.advice_id)
                .where(job_rows.c.job_id == job_id, job_rows.c.line > after)
                .order_by(job_rows.c.line)
                .limit(_TOGETHER)
            )
            rows = self.store.read(partial(_all, query))
            for row in rows:
                if row.answer is not None:
                    answer, document = (
                        orjson.loads(self.keys.seal.open(sealed, f"advice.{name}:{row.id}"))
                        for name, sealed in (("answer", row.answer), ("input", row.input))
                    )
                    kept = {name: answer[name] for name in _NEEDED}
                    yield Scored(row.line, row.id, row.created_at, kept, document)
            if len(rows) < _TOGETHER:
                return
            after = rows[-1].line

    def arrivals(self, court: str, *, since: str, most: int) -> Iterator[Mapping[str, Any]]:
        """Yield the cases of a court's applications since a day, each application once, the newest answers first.

        At most so many answers are opened.
        """
        seen: set[str] = set()
        place, left = ("9999-12-31", 0), most
        while left > 0:
            columns = (advice.c.id, advice.c.application_id, advice.c.day, advice.c.number, advice.c.input)
            query = (
                select(*columns)
                .where(
                    advice.c.court_code == court,
                    advice.c.day >= since,
                    tuple_(advice.c.day, advice.c.number) < place,
                    advice.c.input.is_not(None),
                )
                .order_by(advice.c.day.desc(), advice.c.number.desc())
                .limit(min(_TOGETHER, left))
            )
            rows = self.store.read(partial(_all, query))
            for row in rows:
                if row.application_id not in seen:
                    seen.add(row.application_id)
                    yield orjson.loads(self.keys.seal.open(row.input, f"advice.input:{row.id}"))
            left -= len(rows)
            if len(rows) < _TOGETHER:
                return
            place = (rows[-1].day, rows[-1].number)

    def known_debtors(self, ids: Sequence[str], court: str) -> set[str]:
        """Return those of these answers whose debtor has another application at the same court."""
        own, other = aliased(person_tokens), aliased(person_tokens)
        mine, theirs = aliased(advice), aliased(advice)
        found: set[str] = set()
        for start in range(0, len(ids), _TOGETHER):
            query = (
                select(own.c.advice_id)
                .join(other, and_(other.c.token_digest == own.c.token_digest, other.c.advice_id != own.c.advice_id))
                .join(mine, mine.c.id == own.c.advice_id)
                .join(theirs, theirs.c.id == other.c.advice_id)
                .where(
                    own.c.advice_id.in_(ids[start : start + _TOGETHER]),
                    theirs.c.court_code == court,
                    theirs.c.application_id != mine.c.application_id,
                )
                .distinct()
            )
            found |= {row[0] for row in self.store.read(partial(_all, query))}
        return found

    def put(
        self,
        batch: Mapping[str, Any],
        groups: Sequence[Mapping[str, Any]],
        cases: Sequence[Mapping[str, Any]],
        figures: Mapping[str, Any],
        *,
        at: datetime,
    ) -> None:
        """Write the groups of a list, all of them at once; nothing where another worker has done it."""

        def work(connection: Connection) -> None:
            mine = (batches.c.id == batch["id"]) & batches.c.grouped_at.is_(None)
            values = {"grouped_at": at.isoformat(timespec="seconds"), "figures": orjson.dumps(figures).decode()}
            if not connection.execute(update(batches).where(mine).values(**values)).rowcount:
                return
            if cases:
                connection.execute(insert(batch_groups), groups)
                connection.execute(insert(batch_cases), cases)
            whole = {"groups": json.dumps(groups, ensure_ascii=False), "cases": json.dumps(cases, ensure_ascii=False)}
            event = event_of(
                Origin(SERVICE), "batch.group", kind="batch", object_id=batch["id"], court=batch["court_code"],
                row_sha256=row_digest(whole), groups=str(len(groups)), cases=str(len(cases)),
            )  # fmt: skip
            append(connection, event, mac=self.keys.mac, at=at)

        self.store.write(work)


def _all(query: Select[Any], connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(query))
