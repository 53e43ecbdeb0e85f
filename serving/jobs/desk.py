"""The jobs' own desk: lists come in, are looked at, read back and ended, each in its owner's name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from features.register import Register
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.jobs.reading import lines_of
from serving.jobs.runner import SCOPE
from serving.keys import KeyRing
from serving.repositories.advice import Call
from serving.repositories.jobs import OPEN, Job, JobStore, Line

TOGETHER: Final = 200
"""Results that are opened at a time."""


@dataclass(frozen=True)
class Listed:
    """A list that was read: what it is known again by, and its lines."""

    content: bytes
    lines: Sequence[Line]


@dataclass(frozen=True)
class Jobs:
    """The use case with its collaborators; `wake` tells the runner of a new job."""

    records: JobStore
    keys: KeyRing
    register: Callable[[], Register]
    clock: Callable[[], datetime]
    wake: Callable[[], None] = lambda: None

    def read(self, body: bytes, media_type: str) -> Listed:
        """Read a list without touching the record, so that others need not wait for it.

        Raises
        ------
        ProblemError
            LIST_INVALID, PAYLOAD_TOO_LARGE.
        """
        content = f"{media_type}\n{hashlib.sha256(body).hexdigest()}".encode()
        return Listed(content, lines_of(body, media_type, self.register()))

    def submit(self, listed: Listed, *, key: str, origin: Origin) -> Job:
        """Take in a list, or return the job that this key already led to.

        Raises
        ------
        ProblemError
            IDEMPOTENCY_KEY_REUSED.
        """
        call = Call(SCOPE, key, self.keys.body(listed.content), origin.by.owner)
        job = self.records.submit(call, listed.lines, origin=origin, at=self.clock())
        if job.row["body_digest"] != call.body_digest:
            raise ProblemError("IDEMPOTENCY_KEY_REUSED")
        self.wake()
        return job

    def get(self, job_id: str, *, origin: Origin) -> Job:
        """Return a job of the caller's own.

        Raises
        ------
        ProblemError
            NOT_FOUND; GONE a month after it was taken in.
        """
        job = self.records.get(job_id, owner=origin.by.owner)
        if job is None:
            raise ProblemError("NOT_FOUND")
        if self.clock() > datetime.fromisoformat(job.row["expires_at"]):
            raise ProblemError("GONE")
        return job

    def cancel(self, job_id: str, *, origin: Origin) -> Job:
        """End a job that is not over.

        Raises
        ------
        ProblemError
            NOT_FOUND; GONE.
        """
        self.get(job_id, origin=origin)
        job = self.records.cancel(job_id, origin=origin, at=self.clock())
        if job is None:
            raise ProblemError("NOT_FOUND")
        return job

    def results(self, job: Job, *, origin: Origin, only_failed: bool = False) -> Iterator[Mapping[str, Any]]:
        """Yield the lines that are over, in their order, a page at a time."""
        after = 0
        while True:
            page = self.records.results(
                job, after=after, most=TOGETHER, origin=origin, at=self.clock(), only_failed=only_failed
            )
            yield from page
            if len(page) < TOGETHER:
                return
            after = int(page[-1]["line"])


def job_json(job: Job, now: datetime) -> dict[str, object]:
    """Return a job as the API shows it; `eta_s` is how many seconds the rest will take at the pace so far."""
    row, path = job.row, f"{SCOPE}/{job.id}"
    return {
        "id": job.id,
        "state": row["state"],
        "rows": row["rows"],
        "done": row["done"],
        "failed": row["failed"],
        "eta_s": _eta(row, now),
        "created_at": row["created_at"],
        "finished_at": row.get("finished_at"),
        "expires_at": row["expires_at"],
        "results": f"{path}/results",
        "errors": f"{path}/errors",
    }


def _eta(row: Mapping[str, Any], now: datetime) -> int | None:
    if row["state"] not in OPEN or not row["done"] or row.get("started_at") is None:
        return None
    spent = (now - datetime.fromisoformat(row["started_at"])).total_seconds()
    return round(max(0.0, spent) / int(row["done"]) * (int(row["rows"]) - int(row["done"])))
