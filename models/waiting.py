"""How threads wait for each other: a moment awake, then asleep."""

from __future__ import annotations

import os


def wait_briefly() -> None:
    """Tell OpenMP, before any library loads it, how its threads wait; what the environment says already stands.

    Threads that spin for long take the processor from those that work: on a busy
    machine two-threaded fits were seventeen times slower. Threads that sleep at
    once are woken late: with small trees two threads then save a quarter of the
    time and not half. A thousand turns are some tens of microseconds.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
