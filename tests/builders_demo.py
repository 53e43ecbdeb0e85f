"""Builders for tests of the demonstration court: simulated cases of the last three months, and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from features.clock import SHANGHAI
from features.register import load_register
from serving.demo.course import Step, steps_of
from serving.demo.opening import open_court
from serving.history.reading import PastCase, past_cases
from serving.opening import now
from serving.settings import Settings
from tests.builders_models import tiny_bundle
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


@dataclass
class DemoCourt:
    """A demonstration court on disk: the folder its home lies in, its settings, and the passwords in force."""

    folder: Path
    settings: Settings
    passwords: dict[str, str]

    def new_passwords(self) -> dict[str, str]:
        """Open the court of today again: nothing is built, everybody gets a new password."""
        self.passwords = dict(opened_court(self.settings, self.folder / "none"))
        return self.passwords


def small_court(folder: Path) -> DemoCourt:
    """Build a court with few cases and a small model, as `make demo` builds the large one."""
    home = folder / "home"
    bundles = home / "bundles"
    bundles.mkdir(parents=True)
    (bundles / "current").write_text(tiny_bundle(bundles).name, encoding="utf-8")
    settings = Settings(home=home)
    few = simulated(folder / "cases", n=70, last=now().date())
    return DemoCourt(folder, settings, dict(opened_court(settings, few)))


def opened_court(settings: Settings, cases: Path) -> Mapping[str, str]:
    """Open the court and return the passwords by account."""
    return open_court(settings, folder=cases, tell=lambda _: None, count=lambda _done, _all: None).passwords
