"""Limits: so much for each and no more, and who is sent away is told when to come again."""

from __future__ import annotations

from contextlib import suppress

import pytest

from serving.traffic.limits import Buckets, BusyError, Crowd, LineBudget


class Ticks:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the present second."""
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    """Return a clock that stands still."""
    return Ticks()


def taken(buckets: Buckets, subject: str = "a") -> int:
    """Take until there is nothing left, and return how often it worked."""
    for number in range(10_000):
        try:
            buckets.take(subject)
        except BusyError:
            return number
    return 10_000


def test_a_burst_passes_and_then_only_what_flows_in(ticks: Ticks) -> None:
    """Ten at once, then five a second."""
    buckets = Buckets(5, 10, clock=ticks)
    assert taken(buckets) == 10
    ticks.now = 1
    assert taken(buckets) == 5
    ticks.now = 100
    assert taken(buckets) == 10


def test_each_has_its_own(ticks: Ticks) -> None:
    """One noisy caller takes nothing from another."""
    buckets = Buckets(5, 10, clock=ticks)
    taken(buckets, "noisy")
    assert taken(buckets, "quiet") == 10


def test_who_has_none_left_is_told_when_to_come_again(ticks: Ticks) -> None:
    """In whole seconds, at least one."""
    buckets = Buckets(0.1, 1, clock=ticks)
    buckets.take("a")
    with pytest.raises(BusyError, match="10") as caught:
        buckets.take("a")
    assert caught.value.seconds == 10
    ticks.now = 9.99
    with pytest.raises(BusyError, match="0") as caught:
        buckets.take("a")
    assert caught.value.seconds == 1


def test_strangers_without_number_do_not_fill_the_memory(ticks: Ticks) -> None:
    """Ten thousand are remembered, the oldest is forgotten first."""
    buckets = Buckets(1, 1, clock=ticks)
    for number in range(20_000):
        buckets.take(str(number))
    assert len(buckets._buckets) == 10_000


def test_a_full_house_sends_away_and_takes_again_when_somebody_leaves() -> None:
    """Also when the call ended in an error."""
    crowd = Crowd(1)
    with suppress(ZeroDivisionError), crowd.place():
        with pytest.raises(BusyError, match="1"):
            crowd.check()
        raise ZeroDivisionError
    crowd.check()


def test_withheld_lines_are_counted(ticks: Ticks) -> None:
    """A flood leaves a few lines, and the number of the rest."""
    budget = LineBudget(1, clock=ticks)
    found = [budget.allow() for _ in range(100)]
    assert found == [0, 0, *[None] * 98]
    ticks.now = 1
    assert budget.allow() == 98
