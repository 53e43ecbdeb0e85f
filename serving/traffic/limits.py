"""How many calls are taken: so many a second of each caller, so many at once, and far fewer guesses."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

_MOST_SUBJECTS: Final = 10_000
_BURST_SECONDS: Final = 2.0
"""A bucket holds what flows into it in so many seconds: short bursts pass, long ones do not."""


class BusyError(Exception):
    """More calls came than are taken; `seconds` until it is worth while to try again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = max(1, math.ceil(seconds))


@dataclass
class _Bucket:
    """What one subject may still spend, and when that was worked out."""

    left: float
    at: float


class Buckets:
    """A token bucket for each subject; the ones that were not used for longest are forgotten first."""

    def __init__(self, per_second: float, burst: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, subject: str) -> None:
        """Spend one token of the subject.

        Raises
        ------
        BusyError
            It has none left.
        """
        now = self._clock()
        bucket = self._buckets.pop(subject, None) or _Bucket(self._burst, now)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        self._buckets[subject] = bucket
        if len(self._buckets) > _MOST_SUBJECTS:
            self._buckets.popitem(last=False)
        if bucket.left < 1:
            raise BusyError((1 - bucket.left) / self._per_second)
        bucket.left -= 1


class Crowd:
    """How many calls are in the house; whoever finds it full is sent away at once, which costs least."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside = 0

    def check(self) -> None:
        """Raise BusyError if the house is full."""
        if self._inside >= self._most:
            raise BusyError(1)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for one call; raise BusyError if there is none."""
        self.check()
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1


@dataclass(frozen=True)
class Limits:
    """What one worker takes: calls a second of each principal and each address, and calls and streams at once.

    `guesses` are log-ins a second of one address, after a burst;
    `strangers` how many refused credentials are written down in a second.
    """

    principal: float = 300
    address: float = 600
    crowd: int = 80
    streams: int = 4
    guesses: float = 1
    guesses_burst: float = 30
    strangers: float = 10


class LineBudget:
    """How many lines of one kind are logged in a second; those beyond are counted, and told with the next one."""

    def __init__(self, per_second: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._bucket = Buckets(per_second, per_second * _BURST_SECONDS, clock=clock)
        self._withheld = 0

    def allow(self) -> int | None:
        """Return how many lines were withheld before this one; None if this one is withheld too."""
        try:
            self._bucket.take("")
        except BusyError:
            self._withheld += 1
            return None
        told, self._withheld = self._withheld, 0
        return told


class Traffic:
    """The limits of one worker."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.principals = Buckets(limits.principal, limits.principal * _BURST_SECONDS, clock=clock)
        self.addresses = Buckets(limits.address, limits.address * _BURST_SECONDS, clock=clock)
        self.guesses = Buckets(limits.guesses, limits.guesses_burst, clock=clock)
        self.strangers = LineBudget(limits.strangers, clock=clock)
        self.crowd = Crowd(limits.crowd)
        self.streams = Crowd(limits.streams)
