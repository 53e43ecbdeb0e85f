"""Changing what answers while it answers: the new is proven and made ready aside, then one reference is exchanged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from serving.logs import logger, where
from serving.model_life.downgrade import Downgrade

T = TypeVar("T")
S = TypeVar("S")

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at the pointers."""
TRY_AGAIN_AFTER: Final = 60.0
"""Seconds after which what was refused is tried again, though nobody touched it: a full disk may be empty by then."""

Part = Literal["model", "rules", "shadow", "window"]


@dataclass(frozen=True)
class Change:
    """What became of a part: taken into use, or refused while the old one stays; hashes are empty for none."""

    part: Part
    outcome: Literal["done", "failed"]
    before: str = ""
    after: str = ""
    why: Downgrade | None = None


@dataclass(frozen=True)
class Renewed(Generic[T]):
    """What a renewal came to: what answers from now on, what changed on the way, and whether there is more to do."""

    value: T
    changes: tuple[Change, ...] = ()
    unfinished: bool = False

    @property
    def complete(self) -> bool:
        """Whether nothing was refused and nothing was left for later."""
        return not self.unfinished and all(change.outcome == "done" for change in self.changes)


class Changeover(Generic[T, S]):
    """Holds the one reference that answers are made from, and exchanges it when what it was made of has changed.

    `sight` takes in what lies on the disk now, cheaply; `begin` makes the
    first value of it and `renew` a new value from the old one. A call takes
    the reference once and keeps it to its end, so an exchange disturbs no
    call, and no answer mixes two models. What was refused or left at the start
    is tried at the first look.
    """

    def __init__(
        self,
        begin: Callable[[S], Renewed[T]],
        *,
        sight: Callable[[], S],
        renew: Callable[[T, S], Renewed[T]],
        report: Callable[[Change], None],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sight, self._renew, self._report, self._timer = sight, renew, report, timer
        self._changes: tuple[Change, ...] = ()
        self._take(begin(seen := sight()), seen, patience=0.0)

    @property
    def value(self) -> T:
        """What answers now; take it once for a call."""
        return self._value

    def look(self) -> bool:
        """Exchange the value if something has changed since the last look; say whether it was tried."""
        seen = self._sight()
        if seen == self._seen and (self._again_at is None or self._timer() < self._again_at):
            return False
        self._take(self._renew(self._value, seen), seen, patience=TRY_AGAIN_AFTER)
        return True

    def _take(self, renewed: Renewed[T], seen: S, *, patience: float) -> None:
        self._value = renewed.value
        self._seen = seen
        self._again_at = None if renewed.complete else self._timer() + patience
        for change in renewed.changes:
            if change not in self._changes:
                self._report(change)
        self._changes = renewed.changes


class Watch:
    """A thread that looks once a second, as long as the worker lives."""

    def __init__(self, look: Callable[[], object], *, every: float = LOOK_EVERY) -> None:
        self._look, self._every = look, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether somebody is looking."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Stop looking; a renewal that has begun is not waited for."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(self._every):
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - the edge of a thread: it must look again in any case
                logger().error("watch_failed", **where(error))
