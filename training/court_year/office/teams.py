"""Teams: officers who are there on the day, a queue before them, and how long each piece of work had to wait."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from typing import NamedTuple

import simpy

from training.court_year.office.hours import OfficeHours


class Job(NamedTuple):
    """A piece of work: whom it may pass in the queue, its officer days, who still wants it, and what follows.

    `done` is told how long the job had waited.
    """

    priority: int
    since: float
    number: int
    work: float
    wanted: Callable[[], bool]
    done: Callable[[float], None]


class Team:
    """Officers who share one queue: the most urgent first, then first come, first served.

    `present` officers are there today; a job in hand is finished even by an
    officer who is away tomorrow. `work` counts officer days, `waits` and
    `jobs` what was begun.
    """

    def __init__(self, env: simpy.Environment, hours: OfficeHours, present: float = 0) -> None:
        self.env = env
        self.hours = hours
        self.present = present
        self.busy = 0
        self.queue: list[Job] = []
        self.jobs = 0
        self.waits = 0.0
        self.work = 0.0

    def submit(self, job: Job) -> None:
        """Queue a job and begin it where an officer is free."""
        heappush(self.queue, job)
        self.begin()

    def staff(self, present: float) -> None:
        """Set how many officers are there from now on."""
        self.present = present
        self.begin()

    def waiting(self) -> int:
        """Return how many jobs wait that somebody still wants."""
        return sum(job.wanted() for job in self.queue)

    def begin(self) -> None:
        """Give waiting jobs to officers who are free; jobs that nobody wants any more fall away."""
        while self.queue and self.busy < self.present:
            job = heappop(self.queue)
            if not job.wanted():
                continue
            now = self.env.now
            self.busy += 1
            self.jobs += 1
            self.waits += now - job.since
            self.work += job.work
            finish = self.hours.finish(now, job.work)
            if finish != float("inf"):
                self.env.timeout(finish - now).callbacks.append(partial(self._end, job, now - job.since))

    def _end(self, job: Job, waited: float, _: simpy.Event) -> None:
        self.busy -= 1
        job.done(waited)
        self.begin()
