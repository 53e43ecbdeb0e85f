"""One court under one policy from the warm-up to the end of follow-up, with teams sized to the policy's own load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from features.clock import days_of
from training.court_year.docket import Docket
from training.court_year.office.before_filing import begin
from training.court_year.office.court import Court
from training.court_year.office.hours import OfficeHours
from training.court_year.office.ledger import Ledger
from training.court_year.office.staff import Staff, TeamKind, attendance, judges, sized
from training.court_year.settings import YearSettings

DRAIN_DAYS = 240.0
"""Days after follow-up in which nothing comes in any more and what is open is worked off, so that hours are whole."""

SPARE_DAYS = 366
"""Days for which office hours are known beyond the last one, so that work begun then has an end."""


@dataclass(frozen=True, eq=False)
class TeamYear:
    """A team over the whole run: officers, jobs begun, days waited for them, and its share of officer days used."""

    officers: int
    jobs: int
    waited: float
    used: float


@dataclass(frozen=True, eq=False)
class Run:
    """One docket worked through: what became of every application, and how the teams fared."""

    docket: Docket
    ledger: Ledger
    teams: Mapping[str, TeamYear]


def office_hours(settings: YearSettings) -> OfficeHours:
    """Return the working days from the warm-up to well after the end of follow-up."""
    return OfficeHours(settings.first, settings.last + timedelta(days=SPARE_DAYS))


def work_through(
    docket: Docket,
    settings: YearSettings,
    *,
    hours: OfficeHours,
    seed: np.random.SeedSequence,
    sizes: Mapping[str, int] | None,
) -> Run:
    """Run the court with teams of these sizes; without any, every officer is a judge with cases of his own."""
    there = attendance(seed, officers=settings.officers, workdays=len(hours.workdays), absence=settings.office.absence)
    one_judge = sizes is None
    sizes = judges(settings.officers) if sizes is None else sizes
    court = Court(docket, settings, Staff(sizes, there, judges=one_judge), hours=hours)
    until = days_of(settings.last) + 1.0
    ledger = court.run(lambda: begin(court), until=until)
    days = there[:, : np.searchsorted(hours.workdays, until)].sum(axis=1)
    teams = _teams(court, sizes, days)
    court.env.run(until=until + DRAIN_DAYS)
    return Run(docket, ledger, teams)


def planned(docket: Docket, settings: YearSettings, *, hours: OfficeHours) -> dict[str, int]:
    """Return officers by team as a court plans them: from the load of the year before, in which nobody had to wait."""
    court = _unhindered(docket, settings, hours=hours)
    court.run(lambda: begin(court), until=days_of(settings.year_from) + 1e-6)
    load = {name: team.work for name, team in court.teams.items()}
    scale = settings.officers / max(sum(load.values()), 1e-9)
    wanted = {name: work * scale for name, work in load.items()}
    return sized(wanted, officers=settings.officers, spare=settings.office.spare)


def unhindered(docket: Docket, settings: YearSettings, *, hours: OfficeHours) -> Ledger:
    """Return what would become of every application if nobody ever had to wait."""
    court = _unhindered(docket, settings, hours=hours)
    return court.run(lambda: begin(court), until=days_of(settings.last) + 1.0 + DRAIN_DAYS)


def _unhindered(docket: Docket, settings: YearSettings, *, hours: OfficeHours) -> Court:
    nobody = np.ones((len(TeamKind), len(hours.workdays)), dtype=bool)
    staff = Staff({str(kind): 1 for kind in TeamKind}, nobody, unbounded=True)
    return Court(docket, settings, staff, hours=hours)


def _teams(court: Court, sizes: Mapping[str, int], days: npt.NDArray[np.int64]) -> dict[str, TeamYear]:
    """Return the figures of every team; of single judges together."""
    found, start = {}, 0
    for name, size in sizes.items():
        team, own = court.teams[name], float(days[start : start + size].sum())
        found[name] = TeamYear(size, team.jobs, team.waits, team.work / own if own else float("nan"))
        start += size
    if not court.staff.judges:
        return found
    every = list(court.teams.values())
    used = sum(team.work for team in every) / max(float(days.sum()), 1.0)
    return {"judges": TeamYear(sum(sizes.values()), sum(t.jobs for t in every), sum(t.waits for t in every), used)}
