"""Keeping the second place up to date: after every commit the witness, on a schedule the ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from serving.audit.chain import Head
from serving.audit.heads import SecondPlace
from serving.logs import logger
from serving.store.faults import StoreUnavailableError


@dataclass
class Keeper:
    """Writes heads and never stops the work: what is on disk stays acknowledged when the second place is away.

    `late` is how many heads in a row could not be written; readiness shows it.
    """

    place: SecondPlace
    late: int = field(default=0, init=False)

    def witness(self, head: Head) -> None:
        """Tell the second place of the newest head."""
        self._try(lambda: self.place.witness(head))

    def export(self, work: Callable[[], object]) -> None:
        """Have the newest head written into the ledger; what fails is tried again the next time."""
        self._try(work)

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except (OSError, StoreUnavailableError) as error:
            self.late += 1
            logger().error("second_place_unreachable", error=type(error).__name__, late=self.late)
        else:
            self.late = 0


class Schedule:
    """Calls some work every so many seconds, in a thread of its own, until it is stopped."""

    def __init__(
        self,
        work: Callable[[], None],
        *,
        seconds: float,
        name: str = "audit-heads",
        at_end: bool = True,
        first: float | None = None,
    ) -> None:
        self._work = work
        self._seconds = seconds
        self._first = seconds if first is None else first
        self._at_end = at_end
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first call comes after one interval, or after `first` seconds."""
        self._thread.start()

    def stop(self) -> None:
        """Call the work once more, unless it was meant for its hours only, and end."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        wait = self._first
        while not self._stopped.wait(wait):
            self._work()
            wait = self._seconds
        if self._at_end:
            self._work()
