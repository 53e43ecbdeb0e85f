"""The queue: cases that wait for a decision, and taking the next one for half an hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.keys import KeyRing
from serving.repositories.queue import Page, QueueStore, Sought

HELD_FOR: Final = timedelta(minutes=30)
"""How long a case that was taken is nobody else's."""


@dataclass(frozen=True)
class Queue:
    """The use case with its collaborators."""

    records: QueueStore
    keys: KeyRing
    clock: Callable[[], datetime]

    def page(self, sought: Sought, *, origin: Origin) -> Page:
        """Return one page."""
        return self.records.page(sought, origin=origin, at=self.clock())

    def count(self, sought: Sought, *, origin: Origin) -> int:
        """Return how many cases match."""
        return self.records.count(sought, origin=origin, at=self.clock())

    def take_next(self, *, origin: Origin) -> str | None:
        """Take the case with the nearest deadline that nobody is at; None without one."""
        now = self.clock()
        return self.records.take_next(origin=origin, at=now, until=now + HELD_FOR)

    def take(self, advice_id: str, *, origin: Origin) -> None:
        """Take one case.

        Raises
        ------
        ProblemError
            CASE_TAKEN when somebody else is at it, or it does not wait any more.
        """
        now = self.clock()
        if not self.records.take(advice_id, origin=origin, at=now, until=now + HELD_FOR):
            raise ProblemError("CASE_TAKEN")

    def take_many(self, ids: Sequence[str], *, origin: Origin) -> int:
        """Take those of these cases that nobody else is at, and return how many."""
        now = self.clock()
        return len(self.records.take_many(ids, origin=origin, at=now, until=now + HELD_FOR))

    def release(self, ids: Sequence[str], *, origin: Origin) -> int:
        """Give back those of these cases that the caller holds, and return how many."""
        return len(self.records.release(ids, origin=origin, at=self.clock()))

    def holder(self, advice_id: str) -> Mapping[str, Any] | None:
        """Return who is at a case, and until when."""
        return self.records.holder(advice_id, at=self.clock())

    def seal(self, text: bytes) -> str:
        """Return the keyed digest by which page tokens are known to be ours."""
        return self.keys.body(text)
