"""Builders for tests of the demonstration court: simulated cases of the last three months, and its steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from features.clock import SHANGHAI
from features.register import load_register
from serving.demo.course import Step, steps_of
from serving.history.reading import PastCase, past_cases
from training.simulate import CourtSettings, simulate

NOW = datetime(2026, 11, 26, 10, 30, tzinfo=SHANGHAI)
TODAY = NOW.date()


def simulated(folder: Path, *, n: int, last: date = TODAY) -> Path:
    """Write so many simulated cases of the three months up to a day, as `make demo` does."""
    asked = replace(
        CourtSettings(), n=n, seed=20261126, courts=3, start=last - timedelta(days=91), end=last, observed_until=last
    )  # fmt: skip
    simulate(folder, asked, progress=lambda _done, _all: None)
    return folder


@cache
def cases_in(folder: Path) -> tuple[PastCase, ...]:
    """Return the cases of a folder, read once."""
    return tuple(past_cases(folder, load_register()))


def steps(folder: Path, *, seed: int = 1, now: datetime = NOW) -> list[Step]:
    """Return everything that is done on the cases of a folder."""
    return steps_of(cases_in(folder), now=now, rng=np.random.default_rng(seed))
