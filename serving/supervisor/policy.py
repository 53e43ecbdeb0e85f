"""When to start, end and kill workers: decided from what is known of them, without touching a process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

START_SECONDS: Final = 120.0
"""For so long a worker may take until it answers; then it is killed and another one tried."""
SILENT_SECONDS: Final = 30.0
"""A worker that has said nothing for so long hangs: its event loop no longer turns."""
LEAVE_SECONDS: Final = 25.0
"""For so long a worker that was told to end may finish what it has begun."""
_PAUSES: Final = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before a worker is started that failed so many times in a row."""


@dataclass
class Worker:
    """What is known of one worker process; instants are seconds of a monotonic clock."""

    pid: int
    started_at: float
    heard_at: float
    up: bool = False
    leaving_since: float | None = None

    def hears(self, now: float) -> None:
        """Note a sign of life: the first one says that the worker answers calls."""
        self.up = True
        self.heard_at = now

    def overdue(self, now: float) -> bool:
        """Whether it must be killed: it never came up, hangs, or does not leave."""
        if self.leaving_since is not None:
            return now - self.leaving_since > LEAVE_SECONDS
        if not self.up:
            return now - self.started_at > START_SECONDS
        return now - self.heard_at > SILENT_SECONDS


@dataclass
class Pace:
    """How soon the next worker may be started: at once, unless one after the other fails to come up."""

    failures: int = 0
    not_before: float = 0.0

    def failed(self, now: float) -> None:
        """Note that a worker ended before it came up."""
        self.failures += 1
        self.not_before = now + _PAUSES[min(self.failures, len(_PAUSES) - 1)]

    def came_up(self) -> None:
        """Note that a worker answers."""
        self.failures, self.not_before = 0, 0.0


def missing(workers: Iterable[Worker], *, wanted: int) -> int:
    """Return how many workers must be started: those that are leaving do not count."""
    return max(0, wanted - sum(worker.leaving_since is None for worker in workers))
