"""Lists on record: a file waits as a draft, is confirmed or discarded, and is scored by the road of all jobs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, insert, select, tuple_, update

from serving.access.origin import SERVICE, Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.advice import Call
from serving.repositories.basis_numbers import BasisStore, Known, applications_on
from serving.repositories.court_scope import within
from serving.repositories.jobs import CANCELLED, DRAFT, FAILED, QUEUED, JobStore, Line
from serving.repositories.recording import next_of_day
from serving.store.tables.advice import advice
from serving.store.tables.batches import batches
from serving.store.tables.jobs import job_rows, score_jobs
from serving.store.transaction import Store

KNOWN: Final = "known"
"""State of a line whose application has an answer already: it waits for the one who sends the list to say what then."""
KEPT_FOR: Final = timedelta(hours=24)
"""How long a draft waits to be confirmed."""
TWIN: Final = "twin"
"""State of a line whose basis another application of the court rests on: it waits likewise."""
_TOGETHER: Final = 500


@dataclass(frozen=True)
class Batch:
    """One list: its row, and the row of the job that scores it."""

    row: Mapping[str, Any]
    job: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The batch's id."""
        return str(self.row["id"])

    @property
    def about(self) -> Mapping[str, Any]:
        """How the file was read, and what of it was not."""
        found: Mapping[str, Any] = json.loads(self.row["about"])
        return found

    @property
    def figures(self) -> Mapping[str, Any] | None:
        """The figures of the whole batch; None before it is grouped."""
        return None if self.row["figures"] is None else json.loads(self.row["figures"])

    @property
    def state(self) -> str:
        """Where it is: `draft`, `cancelled`, `scoring`, `grouping` or `ready`."""
        if self.job["state"] in {DRAFT, CANCELLED} and self.row["confirmed_at"] is None:
            return str(self.job["state"])
        if self.job["finished_at"] is None:
            return "scoring"
        return "grouping" if self.row["grouped_at"] is None else "ready"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A list that was read: court, how it was read, its lines, the application and basis of each good one, the seed.

    Bases are keyed digests, as the record has them.
    """

    court: str
    about: str
    lines: Sequence[Line]
    ids: Mapping[int, str]
    seed: int
    bases: Mapping[int, str]


@dataclass(frozen=True)
class Twin:
    """A line of a list, its application, and another one on the same basis; None where that one is gone."""

    line: int
    application_id: str
    other: Known | None


@dataclass(frozen=True)
class BatchStore:
    """Reads and writes lists; each writing, and each list that somebody opens, is on the audit chain."""

    store: Store
    keys: KeyRing

    def take_in(self, call: Call, arrival: Arrival, *, origin: Origin, at: datetime) -> tuple[str, str]:
        """Put a list on record as a draft; return its id and the digest of what the key led to.

        Raises
        ------
        StoreUnavailableError
            Nothing was taken in.
        """

        def draft(connection: Connection, job_id: str) -> None:
            row = {
                **next_of_day(connection, batches, "BAT", at), "court_code": arrival.court, "job_id": job_id,
                "about": arrival.about, "seed": str(arrival.seed), "created_by": origin.by.actor,
                "created_at": _stamp(at),
            }  # fmt: skip
            connection.execute(insert(batches), row)
            _hold_back(connection, job_id, arrival)
            _hold_twins_back(connection, job_id, arrival)
            event = event_of(origin, "batch.create", kind="batch", object_id=row["id"], court=arrival.court, job=job_id)
            append(connection, event, mac=self.keys.mac, at=at)

        job = JobStore(self.store, self.keys).submit(call, arrival.lines, origin=origin, at=at, draft=draft)
        query = select(batches.c.id).where(batches.c.job_id == job.id)
        return str(self.store.read(lambda connection: connection.scalar(query))), str(job.row["body_digest"])

    def open(self, batch_id: str, *, origin: Origin, at: datetime) -> Batch | None:
        """Return a list of the caller's courts; a draft is its owner's alone. That it was opened is on record."""

        def work(connection: Connection) -> Batch | None:
            found = _one(connection, batch_id, origin)
            if found is not None:
                event = event_of(origin, "batch.read", kind="batch", object_id=found.id, court=found.row["court_code"])
                append(connection, event, mac=self.keys.mac, at=at)
            return found

        return self.store.write(work)

    def look(self, batch_id: str, *, origin: Origin) -> Batch | None:
        """Return a list as `open` does, for those who have opened it already: its progress tells nothing of a case."""
        return self.store.read(lambda connection: _one(connection, batch_id, origin))

    def page(self, *, origin: Origin, after: tuple[str, int] | None, size: int) -> list[Batch]:
        """Return lists of the caller's courts, the newest first; one more than `size` where there are more."""
        key = tuple_(batches.c.day, batches.c.number)
        query = _joined().where(_visible(origin), score_jobs.c.state != CANCELLED)
        query = query if after is None else query.where(key < after)
        query = query.order_by(batches.c.day.desc(), batches.c.number.desc()).limit(size + 1)
        return self.store.read(lambda connection: [_batch(row) for row in connection.execute(query).mappings()])

    def counts(self, job_id: str) -> Mapping[str, int]:
        """Return how many lines of a list are in each state."""
        query = select(job_rows.c.state, func.count()).where(job_rows.c.job_id == job_id).group_by(job_rows.c.state)
        return self.store.read(lambda connection: {str(name): int(n) for name, n in connection.execute(query)})

    def wrong(self, job_id: str, *, most: int | None = None) -> Iterator[tuple[Mapping[str, Any], list[Any]]]:
        """Yield the lines that failed, in their order, each with the cells that stood in it as far as they are kept."""
        after, left = 0, most
        while left is None or left > 0:
            size = _TOGETHER if left is None else min(left, _TOGETHER)
            query = _lines(job_id, (FAILED,)).where(job_rows.c.line > after).limit(size)
            rows = self._read(query)
            for row in rows:
                yield row, self._cells(job_id, row)
            if len(rows) < size:
                return
            after, left = int(rows[-1]["line"]), None if left is None else left - size

    def held(self, job_id: str, *, most: int) -> list[Mapping[str, Any]]:
        """Return lines whose applications have answers already, with the newest of these."""
        found = self._read(_lines(job_id, (KNOWN,)).limit(most))
        numbers = {row["application_id"] for row in found}
        query = select(advice.c.application_id, func.max(advice.c.id)).where(advice.c.application_id.in_(numbers))
        newest = query.group_by(advice.c.application_id)
        answers = self.store.read(lambda connection: {str(one[0]): str(one[1]) for one in connection.execute(newest)})
        return [{**row, "answer": answers.get(row["application_id"])} for row in found]

    def twins(self, batch: Batch, *, most: int) -> list[Twin]:
        """Return lines whose basis another application of the court rests on."""
        bases, court, job_id = BasisStore(self.store, self.keys), batch.row["court_code"], str(batch.job["id"])
        found = []
        for row in self._read(_lines(job_id, (TWIN,)).limit(most)):
            request = json.loads(self.keys.seal.open(row["request"], f"job_rows.request:{job_id}:{row['line']}"))
            number = row["application_id"]
            found.append(Twin(row["line"], number, bases.other(court, request["case"]["basis_no"], than=number)))
        return found

    def confirm(self, batch: Batch, refused: Mapping[str, str | None], *, origin: Origin, at: datetime) -> bool:
        """Let a draft be scored; lines in each of these states are scored too, or fail with the problem given.

        False where it is no draft any more.
        """

        def work(connection: Connection) -> bool:
            mine = (score_jobs.c.id == batch.job["id"]) & (score_jobs.c.state == DRAFT)
            if not connection.execute(update(score_jobs).where(mine).values(state=QUEUED)).rowcount:
                return False
            for state, problem in refused.items():
                held = (job_rows.c.job_id == batch.job["id"]) & (job_rows.c.state == state)
                failing = {"state": FAILED, "problem": problem, "request": None}
                connection.execute(update(job_rows).where(held).values(failing if problem else {"state": QUEUED}))
            connection.execute(update(batches).where(batches.c.id == batch.id).values(confirmed_at=_stamp(at)))
            event = event_of(
                origin, "batch.confirm", kind="batch", object_id=batch.id, court=batch.row["court_code"],
                again=str(refused[KNOWN] is None).lower(), anyway=str(refused[TWIN] is None).lower(),
            )  # fmt: skip
            append(connection, event, mac=self.keys.mac, at=at)
            return True

        return self.store.write(work)

    def discard(self, batch: Batch, *, origin: Origin, at: datetime) -> None:
        """End a draft and empty its lines."""
        self.store.write(lambda connection: self._discard(connection, batch.id, str(batch.job["id"]), (origin, at)))

    def discard_stale(self, *, at: datetime) -> bool:
        """End drafts that nobody has confirmed for a day; False when there were none."""
        old = _joined().where(score_jobs.c.state == DRAFT, batches.c.created_at < _stamp(at - KEPT_FOR)).limit(20)
        found = self.store.read(lambda connection: [_batch(row) for row in connection.execute(old).mappings()])
        for batch in found:
            self.discard(batch, origin=Origin(SERVICE), at=at)
        return bool(found)

    def _discard(self, connection: Connection, batch_id: str, job_id: str, by: tuple[Origin, datetime]) -> None:
        origin, at = by
        mine = (score_jobs.c.id == job_id) & (score_jobs.c.state == DRAFT)
        change = update(score_jobs).where(mine).values(state=CANCELLED, finished_at=_stamp(at))
        if connection.execute(change).rowcount:
            rows = update(job_rows).where(job_rows.c.job_id == job_id)
            connection.execute(rows.values(request=None, state=CANCELLED))
            event = event_of(origin, "batch.discard", kind="batch", object_id=batch_id)
            append(connection, event, mac=self.keys.mac, at=at)

    def _read(self, query: Select[Any]) -> list[Mapping[str, Any]]:
        return self.store.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])

    def _cells(self, job_id: str, row: Mapping[str, Any]) -> list[Any]:
        if row["request"] is None:
            return []
        cells = json.loads(self.keys.seal.open(row["request"], f"job_rows.request:{job_id}:{row['line']}"))
        return cells if isinstance(cells, list) else []


def _hold_back(connection: Connection, job_id: str, arrival: Arrival) -> None:
    """Mark the lines whose applications have an answer of this court already."""
    numbers = list(arrival.ids.items())
    for start in range(0, len(numbers), _TOGETHER):
        part = dict(numbers[start : start + _TOGETHER])
        query = select(advice.c.application_id).where(
            advice.c.application_id.in_(part.values()), advice.c.court_code + "" == arrival.court
        )
        there = set(connection.scalars(query))
        for line, number in part.items():
            if number in there:
                _hold(connection, (job_id, line), KNOWN, number)


def _hold_twins_back(connection: Connection, job_id: str, arrival: Arrival) -> None:
    """Mark the lines on whose basis another application of this court rests; those that wait already stay so."""
    lines = list(arrival.bases.items())
    for start in range(0, len(lines), _TOGETHER):
        part = dict(lines[start : start + _TOGETHER])
        there = applications_on(connection, arrival.court, set(part.values()))
        for line, digest in part.items():
            if there.get(digest, set()) - {arrival.ids[line]}:
                _hold(connection, (job_id, line), TWIN, arrival.ids[line])


def _hold(connection: Connection, place: tuple[str, int], state: str, number: str) -> None:
    row = (tuple_(job_rows.c.job_id, job_rows.c.line) == place) & (job_rows.c.state == QUEUED)
    connection.execute(update(job_rows).where(row).values(state=state, application_id=number))


def _joined() -> Select[Any]:
    columns = [column.label(f"of_job_{column.name}") for column in score_jobs.columns]
    return select(batches, *columns).join(score_jobs, score_jobs.c.id == batches.c.job_id)


def _visible(origin: Origin) -> ColumnElement[bool]:
    drafts = and_(score_jobs.c.state == DRAFT, score_jobs.c.owner != origin.by.owner)
    return and_(within(batches.c.court_code, origin.by.courts), ~drafts)


def _one(connection: Connection, batch_id: str, origin: Origin) -> Batch | None:
    row = connection.execute(_joined().where(batches.c.id == batch_id, _visible(origin))).mappings().first()
    return None if row is None else _batch(row)


def _batch(row: RowMapping) -> Batch:
    job = {column.name: row[f"of_job_{column.name}"] for column in score_jobs.columns}
    return Batch({column.name: row[column.name] for column in batches.columns}, job)


def _lines(job_id: str, states: Sequence[str]) -> Select[Any]:
    return select(job_rows).where(job_rows.c.job_id == job_id, job_rows.c.state.in_(states)).order_by(job_rows.c.line)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
