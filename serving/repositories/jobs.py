"""Jobs on record: taken in whole, worked off line by line under a lease, and known again by their key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, insert, or_, select, update

from serving.access.actions import Action
from serving.access.origin import Origin
from serving.access.principal import Courts, Principal
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.advice import Call
from serving.repositories.recording import next_of_day
from serving.store.tables.advice import advice
from serving.store.tables.jobs import job_rows, score_jobs
from serving.store.transaction import Store

DRAFT, QUEUED, RUNNING, SUCCEEDED, PARTLY, FAILED, CANCELLED = (
    "draft", "queued", "running", "succeeded", "partly_failed", "failed", "cancelled",
)  # fmt: skip
OPEN: Final = (QUEUED, RUNNING)
"""States in which lines are worked off; a draft waits until somebody confirms it."""
KEPT_DAYS: Final = 30
LEASE_SECONDS: Final = 20
"""For so long a job waits after its worker died. A worker that was only slow finds its lines done by another one."""


@dataclass(frozen=True)
class Job:
    """One job: its row, and whether it was there before."""

    row: Mapping[str, Any]
    replayed: bool = False

    @property
    def id(self) -> str:
        """The job's id."""
        return str(self.row["id"])


@dataclass(frozen=True)
class Line:
    """One line that waits to be scored: its number, and the request as it came, or the problem it has already.

    What stands beside a problem is kept as well, for whoever mends the line.
    """

    number: int
    request: bytes | None
    problem: str | None = None


Draft = Callable[[Connection, str], None]
"""Writes what belongs to a draft, given the job's id."""


@dataclass(frozen=True)
class JobStore:
    """Reads and writes jobs."""

    store: Store
    keys: KeyRing

    def submit(
        self, call: Call, lines: Sequence[Line], *, origin: Origin, at: datetime, draft: Draft | None = None
    ) -> Job:
        """Take in a job with all its lines, or return the one that the key already led to.

        A `draft` is not worked off before it is confirmed; what belongs to it is written in the same transaction.

        Raises
        ------
        StoreUnavailableError
            Nothing was taken in.
        """

        def work(connection: Connection) -> Job:
            query = select(score_jobs).where(score_jobs.c.key_sha256 == call.key_sha256)
            known = connection.execute(query).mappings().first()
            if known:
                return Job(dict(known), replayed=True)
            job = self._write(connection, call, lines, (origin, at, QUEUED if draft is None else DRAFT))
            if draft is not None:
                draft(connection, job.id)
            return job

        return self.store.write(work)

    def get(self, job_id: str, *, owner: str) -> Job | None:
        """Return a job of this owner."""
        query = select(score_jobs).where(score_jobs.c.id == job_id, score_jobs.c.owner == owner)
        row = self.store.read(lambda connection: connection.execute(query).mappings().first())
        return None if row is None else Job(dict(row))

    def cancel(self, job_id: str, *, origin: Origin, at: datetime) -> Job | None:
        """End a job that is not over; what is scored already stays on record. None if it is nobody's own."""

        def work(connection: Connection) -> None:
            mine = (score_jobs.c.id == job_id) & (score_jobs.c.owner == origin.by.owner)
            change = update(score_jobs).where(mine, score_jobs.c.state.in_(OPEN))
            over = {"state": CANCELLED, "finished_at": _stamp(at), **_progress(_counts(connection, job_id))}
            if connection.execute(change.values(**over)).rowcount:
                waiting = (job_rows.c.job_id == job_id) & (job_rows.c.state == QUEUED)
                connection.execute(update(job_rows).where(waiting).values(state=CANCELLED, request=None))
                event = event_of(origin, "job.cancel", kind="score_job", object_id=job_id)
                append(connection, event, mac=self.keys.mac, at=at)

        self.store.write(work)
        return self.get(job_id, owner=origin.by.owner)

    def lease(self, worker: str, *, at: datetime) -> Job | None:
        """Take the oldest job that nobody is at, and return it; None if there is none."""

        def work(connection: Connection) -> Job | None:
            free = or_(score_jobs.c.leased_until.is_(None), score_jobs.c.leased_until < _stamp(at))
            query = select(score_jobs).where(score_jobs.c.state.in_(OPEN), free).order_by(score_jobs.c.id).limit(1)
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            until = _stamp(at + timedelta(seconds=LEASE_SECONDS))
            values = {"lease": worker, "leased_until": until, "state": RUNNING}
            started = {"started_at": row["started_at"] or _stamp(at)}
            connection.execute(update(score_jobs).where(score_jobs.c.id == row["id"]).values(**values, **started))
            return Job({**row, **values, **started})

        waiting = self.store.read(
            lambda connection: connection.scalar(
                select(func.count()).select_from(score_jobs).where(score_jobs.c.state.in_(OPEN))
            )
        )
        return self.store.write(work) if waiting else None

    def waiting(self, job_id: str, most: int) -> list[Line]:
        """Return lines that wait to be scored, in their order."""
        query = (
            select(job_rows)
            .where(job_rows.c.job_id == job_id, job_rows.c.state == QUEUED)
            .order_by(job_rows.c.line)
            .limit(most)
        )
        rows = self.store.read(lambda connection: connection.execute(query).mappings().all())
        return [Line(row["line"], self.keys.seal.open(row["request"], _place(job_id, row["line"]))) for row in rows]

    def fail(self, job_id: str, failed: Mapping[int, str]) -> None:
        """Write down what lines failed with."""

        def work(connection: Connection) -> None:
            for line, problem in failed.items():
                row = (job_rows.c.job_id == job_id) & (job_rows.c.line == line) & (job_rows.c.state == QUEUED)
                connection.execute(update(job_rows).where(row).values(state=FAILED, problem=problem, request=None))

        if failed:
            self.store.write(work)

    def settle(self, job: Job, worker: str, *, at: datetime) -> Job:
        """Count what is done, prolong the lease, and end the job when nothing waits any more."""

        def work(connection: Connection) -> Job:
            counts = _counts(connection, job.id)
            # Of a job that was ended meanwhile, the lines that were under way count too.
            connection.execute(update(score_jobs).where(score_jobs.c.id == job.id).values(**_progress(counts)))
            values: dict[str, Any] = {"leased_until": _stamp(at + timedelta(seconds=LEASE_SECONDS))}
            if not counts.get(QUEUED, 0):
                values |= {"state": _end(counts), "finished_at": _stamp(at), "lease": None, "leased_until": None}
            mine = (score_jobs.c.id == job.id) & (score_jobs.c.lease == worker) & score_jobs.c.state.in_(OPEN)
            changed = connection.execute(update(score_jobs).where(mine).values(**values)).rowcount
            row = dict(connection.execute(select(score_jobs).where(score_jobs.c.id == job.id)).mappings().one())
            if changed and row["state"] not in OPEN:
                event = event_of(
                    origin_of_job(row), "job.finish", kind="score_job", object_id=job.id, state=row["state"]
                )
                append(connection, event, mac=self.keys.mac, at=at)
            return Job(row)

        return self.store.write(work)

    def release(self, worker: str) -> None:
        """Give back what this worker is at, for another one to go on with."""
        change = update(score_jobs).where(score_jobs.c.lease == worker, score_jobs.c.state.in_(OPEN))
        self.store.write(lambda connection: connection.execute(change.values(lease=None, leased_until=None)))

    def results(
        self, job: Job, *, after: int, most: int, origin: Origin, at: datetime, only_failed: bool = False
    ) -> list[Mapping[str, Any]]:
        """Return lines that are over, in their order, with the answers opened; the first page is noted as read.

        Answers that were erased since are empty.
        """

        def work(connection: Connection) -> list[Mapping[str, Any]]:
            over = (FAILED,) if only_failed else ("done", FAILED)
            query = (
                select(job_rows, advice.c.answer)
                .join(advice, advice.c.id == job_rows.c.advice_id, isouter=True)
                .where(job_rows.c.job_id == job.id, job_rows.c.line > after, job_rows.c.state.in_(over))
                .order_by(job_rows.c.line)
                .limit(most)
            )
            if after == 0:
                event = event_of(origin, "job.read", kind="score_job", object_id=job.id)
                append(connection, event, mac=self.keys.mac, at=at)
            return [self._opened(dict(row)) for row in connection.execute(query).mappings()]

        return self.store.write(work) if after == 0 else self.store.read(work)

    def _opened(self, row: dict[str, Any]) -> dict[str, Any]:
        sealed = row["answer"]
        opened = None if sealed is None else self.keys.seal.open(sealed, f"advice.answer:{row['advice_id']}")
        return {**row, "answer": opened}

    def _write(
        self, connection: Connection, call: Call, lines: Sequence[Line], by: tuple[Origin, datetime, str]
    ) -> Job:
        origin, at, state = by
        failed = sum(line.problem is not None for line in lines)
        row = {
            **next_of_day(connection, score_jobs, "JOB", at), "owner": origin.by.owner, "actor": origin.by.actor,
            "courts": str(origin.by.courts), "state": state, "rows": len(lines), "done": failed, "failed": failed,
            "created_at": _stamp(at), "expires_at": _stamp(at + timedelta(days=KEPT_DAYS)),
            "key_sha256": call.key_sha256, "body_digest": call.body_digest,
        }  # fmt: skip
        connection.execute(insert(score_jobs), row)
        if lines:
            connection.execute(insert(job_rows), [self._line(str(row["id"]), line) for line in lines])
        event = event_of(origin, "job.create", kind="score_job", object_id=str(row["id"]), rows=str(len(lines)))
        append(connection, event, mac=self.keys.mac, at=at)
        return Job(row)

    def _line(self, job_id: str, line: Line) -> dict[str, Any]:
        request = None if line.request is None else self.keys.seal.close(line.request, _place(job_id, line.number))
        state = QUEUED if line.problem is None else FAILED
        return {"job_id": job_id, "line": line.number, "state": state, "request": request, "problem": line.problem}


def mark_done(connection: Connection, advice_id: str, *, job_id: str, line: int, application_id: str) -> None:
    """Write, in the transaction of the advice, that this line led to it."""
    row = (job_rows.c.job_id == job_id) & (job_rows.c.line == line)
    values = {"state": "done", "advice_id": advice_id, "application_id": application_id, "request": None}
    connection.execute(update(job_rows).where(row).values(**values))


def _counts(connection: Connection, job_id: str) -> Mapping[str, int]:
    query = select(job_rows.c.state, func.count()).where(job_rows.c.job_id == job_id).group_by(job_rows.c.state)
    return {str(state): int(count) for state, count in connection.execute(query)}


def _progress(counts: Mapping[str, int]) -> Mapping[str, int]:
    failed = counts.get(FAILED, 0)
    return {"done": counts.get("done", 0) + failed, "failed": failed}


def _end(counts: Mapping[str, int]) -> str:
    if not counts.get(FAILED, 0):
        return SUCCEEDED
    return PARTLY if counts.get("done", 0) else FAILED


def origin_of_job(row: Mapping[str, Any]) -> Origin:
    """Return in whose name a job is worked off: whoever submitted it, for the courts that he had then."""
    return origin_of(str(row["actor"]), str(row["courts"]), Action.SCORE_CREATE)


def origin_of(actor: str, courts: str, action: Action) -> Origin:
    """Return who goes on, in the background, with something that he began himself."""
    kind, _, rest = actor.partition(":")
    name, _, credential = rest.partition("/")
    by = Principal(
        kind="account" if kind == "account" else "key" if kind == "key" else "local",
        id=name,
        credential=credential,
        courts=Courts.read(courts),
        actions=frozenset({action}),
    )
    return Origin(by)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _place(job_id: str, line: int) -> str:
    return f"job_rows.request:{job_id}:{line}"
