"""Working jobs off: a thread in every worker takes a job under a lease and scores it while the desk is free."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from features.case import InvalidCaseError
from models.rules.rule import RuleTableError
from serving.access.origin import Origin
from serving.decide import Decider, Prepared
from serving.desk import rejection
from serving.door.strict_json import BadJsonError, read_object
from serving.jobs.reading import problem_text
from serving.logs import logger, where
from serving.repositories.advice import Beside, Call, CourtDeniedError, ErasedError
from serving.repositories.jobs import OPEN, Job, JobStore, Line, mark_done, origin_of_job
from serving.store.faults import StoreUnavailableError

SCOPE: Final = "/v1/score-jobs"
TOGETHER: Final = 20
"""Lines that are put on record in one transaction."""
_PAUSE: Final = 0.02
_IDLE: Final = 1.0


@dataclass
class Runner:
    """One worker's share in the jobs.

    A line is an answer like any other, under a key of its own: if two workers
    ever meet at a line, or one dies in the middle, it is on record once.
    """

    jobs: JobStore
    decider: Decider[Any]
    worker: str
    free: Callable[[], bool]
    clock: Callable[[], datetime]
    chores: tuple[Callable[[], bool], ...] = ()
    _over: threading.Event = field(default_factory=threading.Event, init=False)
    _woken: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def start(self) -> None:
        """Begin to look for jobs."""
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look at once: a job has come in."""
        self._woken.set()

    def close(self) -> None:
        """Finish the lines that were begun, and leave the rest to others or to the next start."""
        self._over.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def work_once(self) -> bool:
        """Take one job and work it off until it is over or the worker ends; False when there was none, and no chore."""
        job = self.jobs.lease(self.worker, at=self.clock())
        if job is None:
            return any(chore() for chore in self.chores)
        while job.row["state"] in OPEN and not self._over.is_set():
            lines = self.jobs.waiting(job.id, TOGETHER)
            self._score(job, lines)
            job = self.jobs.settle(job, self.worker, at=self.clock())
        return True

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                if not self.work_once():
                    self._woken.wait(_IDLE)
                    self._woken.clear()
            except StoreUnavailableError as error:
                logger().error("job_waits", reason=str(error))
                self._over.wait(_IDLE)
            except Exception as error:  # noqa: BLE001 - the edge of a thread: one job must not end the others
                logger().error("job_failed", **where(error))
                self._over.wait(_IDLE)
        self._give_back()

    def _give_back(self) -> None:
        try:
            self.jobs.release(self.worker)
        except StoreUnavailableError:
            logger().warning("job_lease_kept", worker=self.worker)

    def _score(self, job: Job, lines: list[Line]) -> None:
        origin, at = origin_of_job(job.row), self.clock()
        failed: dict[int, str] = {}
        prepared: list[Prepared[Any]] = []
        for line in lines:
            while not (self.free() or self._over.is_set()):
                time.sleep(_PAUSE)
            try:
                prepared.append(self._prepared(job, line, origin, at))
            except _LINE_FAULTS as error:
                failed[line.number] = _told(error)
            except Exception as error:  # noqa: BLE001 - a line that breaks the program must not hold up the others
                logger().error("job_line_failed", job=job.id, line=line.number, **where(error))
                failed[line.number] = problem_text("INTERNAL")
        if prepared:
            self.decider.record_all(prepared, origin=origin, at=at)
        self.jobs.fail(job.id, failed)

    def _prepared(self, job: Job, line: Line, origin: Origin, at: datetime) -> Prepared[Any]:
        request = line.request or b""
        call = Call(SCOPE, f"{job.id}/{line.number}", self.decider.keys.body(request), origin.by.owner)
        found = self.decider.prepare(read_object(request), call, origin=origin, at=at)
        mark = partial(mark_done, job_id=job.id, line=line.number, application_id=found.case.application_id)
        return replace(found, beside=Beside({}, mark))


_LINE_FAULTS: Final = (InvalidCaseError, CourtDeniedError, RuleTableError, BadJsonError, ErasedError)


def _told(error: Exception) -> str:
    """Return the problem that a line ends in."""
    if isinstance(error, InvalidCaseError):
        refused = rejection(error.errors)
        return problem_text(refused.problem.code, refused.errors[:20])
    if isinstance(error, CourtDeniedError):
        return problem_text("PERMISSION_DENIED")
    if isinstance(error, BadJsonError):
        return problem_text(error.code)
    return problem_text("GONE" if isinstance(error, ErasedError) else "RULES_NOT_IN_FORCE")
