"""Changing what answers while it answers: one reference, exchanged only for what passed."""

from __future__ import annotations

import threading
from typing import Any

from serving.model_life.changeover import Change, Changeover, Renewed, Watch
from serving.model_life.downgrade import NO_BUNDLE

DONE = Change("model", "done", "", "b" * 64)
FAILED = Change("model", "failed", "a" * 64, why=NO_BUNDLE)


class Disk:
    """What is seen, what a renewal makes of it, and what was reported."""

    def __init__(self) -> None:
        self.seen = "one"
        self.outcome: tuple[Change, ...] = (DONE,)
        self.reported: list[Change] = []
        self.tried: list[str] = []
        self.now = 0.0

    def changeover(self, **first: Any) -> Changeover[str, str]:
        """Return a changeover on this disk."""
        return Changeover(
            lambda seen: Renewed(seen, **first),
            sight=lambda: self.seen,
            renew=self.renew,
            report=self.reported.append,
            timer=lambda: self.now,
        )

    def renew(self, old: str, seen: str) -> Renewed[str]:
        """Make the new value of what is seen, unless it fails."""
        self.tried.append(seen)
        failed = any(change.outcome == "failed" for change in self.outcome)
        return Renewed(old if failed else seen, self.outcome)


def test_nothing_is_done_while_nothing_changes() -> None:
    """A look costs a look."""
    disk = Disk()
    current = disk.changeover()
    assert [current.look() for _ in range(3)] == [False, False, False]
    assert (current.value, disk.tried) == ("one", [])


def test_a_change_is_taken_in_one_step_and_reported() -> None:
    """The new value answers from then on; who took the old one keeps it."""
    disk = Disk()
    current = disk.changeover()
    taken = current.value
    disk.seen = "two"
    assert current.look()
    assert (taken, current.value, disk.reported) == ("one", "two", [DONE])
    assert not current.look()


def test_what_is_refused_leaves_the_old_one_and_is_not_tried_every_second() -> None:
    """The old value answers; a refusal is reported once, and tried again after a minute or when it is touched."""
    disk = Disk()
    current = disk.changeover()
    disk.seen, disk.outcome = "two", (FAILED,)
    for second in range(60):
        disk.now = float(second)
        current.look()
    assert (current.value, disk.tried, disk.reported) == ("one", ["two"], [FAILED])
    disk.now = 61.0
    current.look()
    assert (disk.tried, disk.reported) == (["two", "two"], [FAILED])
    disk.seen, disk.outcome = "three", (DONE,)
    current.look()
    assert (current.value, disk.reported) == ("three", [FAILED, DONE])


def test_what_failed_or_was_left_at_the_start_is_tried_at_the_first_look() -> None:
    """A start waits less long for a model than a running worker can afford to."""
    for first in ({"changes": (FAILED,)}, {"unfinished": True}):
        disk = Disk()
        current = disk.changeover(**first)
        assert current.look()
        assert (disk.tried, current.look()) == (["one"], False)


def test_the_watch_goes_on_after_a_look_that_failed() -> None:
    """Whatever a look raises, the next one comes."""
    looks = 0
    enough = threading.Event()

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            enough.set()
        raise KeyError(looks)

    watch = Watch(look, every=0.001)
    watch.start()
    assert enough.wait(10)
    assert watch.alive
    watch.close()
    watch._thread.join(10)
    assert not watch.alive
