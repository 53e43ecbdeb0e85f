"""A small simulated court for tests: hundreds of applications, worked through in a fraction of a second, and shared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from models.indicators import Over12Base, State
from models.rules.table import RuleTable
from training.court_year.docket import Docket, applications, docket_of
from training.court_year.measures.cohort import Outcomes
from training.court_year.office.hours import OfficeHours
from training.court_year.settings import YearSettings, load_year
from training.court_year.year import Run, office_hours, planned, work_through
from training.policies import Policy, amount_rule, asset_rule, one_judge
from training.simulate import Arrivals, Span, draw_arrivals

SMALL = ("per_year=500", "warm_up_days=120", "path.horizon=250.0")


def settings(*overrides: str) -> YearSettings:
    """Return a small year, changed as told."""
    return load_year(None, (*SMALL, *overrides))


def span(year: YearSettings) -> Span:
    """Return which applications a year needs."""
    return Span(year.first, year.last, year.year_from, year.year_until, year.per_year, scenario=year.scenario)


@cache
def hours() -> OfficeHours:
    """Return the office hours of the small year."""
    return office_hours(settings())


@cache
def arrivals(seed: int = 1) -> Arrivals:
    """Return the applications of the small year."""
    return draw_arrivals(np.random.SeedSequence([seed]), court=settings().court_place, span=span(settings()))


@cache
def rules() -> RuleTable:
    """Return the shipped rules."""
    return RuleTable.load()


@cache
def docket(policy: str = "amount", seed: int = 1) -> Docket:
    """Return the docket of a policy without scores."""
    policies: Mapping[str, Policy] = {one.name: one for one in (amount_rule(), asset_rule(), one_judge())}
    return docket_of(arrivals(seed), applications(arrivals(seed)), policies[policy], settings())


def worked(given: Docket, *overrides: str, seed: int = 7, judges: bool = False) -> Run:
    """Work a docket through."""
    year = settings(*overrides)
    sizes = None if judges else planned(given, year, hours=hours())
    return work_through(given, year, hours=hours(), seed=np.random.SeedSequence([seed]), sizes=sizes)


@cache
def run(policy: str = "amount") -> Run:
    """Return the shared run of a policy."""
    return worked(docket(policy), judges=policy == "one_judge")


def outcomes(**columns: object) -> Outcomes:
    """Return hand-made outcomes: two applications of 100 yuan in a year of 365 days, both open, by default."""
    given: dict[str, object] = {
        "received": [10.0, 20.0], "filed": [np.nan, np.nan], "ended": [np.nan, np.nan], "closed": [np.nan, np.nan],
        "state": [State.OPEN, State.OPEN], "claim": [100.0, 100.0], "hours": [0.0, 0.0], "urged": [False, False],
        "lost": [0.0, 0.0], "money": np.empty((0, 3)), "payouts": np.empty((0, 3)),
    }  # fmt: skip
    limits = {
        "begins": 0.0, "ends": 365.0, "until": 800.0, "horizon": 366.0, "claim_cap": 1e6, "enforcement_months": 6,
        "over_12_base": Over12Base.OPEN,
    }  # fmt: skip
    arrays = {name: np.array(value) for name, value in (given | columns).items() if name not in limits}
    return Outcomes(**arrays, **(limits | {k: v for k, v in columns.items() if k in limits}))


def outcomes_of(found: Run, *overrides: str) -> Outcomes:
    """Return the outcomes of a run of the small year."""
    return Outcomes.of(found, settings(*overrides))
