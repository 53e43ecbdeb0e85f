"""The pieces of a study that workers do: measure consequences, plan a court, choose a price, run a seed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np

from features.clock import days_of
from training.court_year.consequences import Consequences
from training.court_year.docket import Docket, applications, docket_of, held_back
from training.court_year.measures.cohort import Outcomes
from training.court_year.measures.summary import summary
from training.court_year.settings import YearSettings
from training.court_year.study.candidates import BY_VALUE, CONSEQUENCES, Candidates
from training.court_year.study.plan import ORACLE, PLANNING, StudyPlan
from training.court_year.year import Run, office_hours, planned, work_through
from training.policies import Policy
from training.provenance import write_json

PRICES = (0.0, 100.0, 250.0, 500.0, 1000.0, 2000.0)
"""Prices of an officer's hour beyond the utility's, in yuan, among which the best is chosen on the year before."""

PRICED = (BY_VALUE, ORACLE)
"""Policies that reckon with a price."""

PRICE_SEEDS = 2
"""Seeds of the year before on which a price is judged."""

KNOWING = 24_000
"""Applications from which consequences are measured."""


def measure_consequences(folder: Path) -> None:
    """Measure what follows in every lane and keep it in the study, unless it is there already."""
    if (folder / CONSEQUENCES).is_file():
        return
    plan, candidates = _opened(folder)
    year = replace(plan.year_before, warm_up_days=0, per_year=KNOWING)
    arrivals = plan.arrivals(PLANNING + 99, year, last=year.year_until - timedelta(days=1))
    found = Consequences.measured(arrivals, candidates.rules, candidates.utility, year)
    unfinished = folder / f".{CONSEQUENCES}"
    with unfinished.open("wb") as file:
        np.savez(file, fast=found.fast, complex=found.complex, filed=found.filed, urged=found.urged)
    unfinished.replace(folder / CONSEQUENCES)


def judge_price(folder: Path, policy: str, price: float) -> None:
    """Run the year before under one price, with the teams that go with it, and keep what an application was worth."""
    path = price_path(folder, policy, price)
    if path.is_file():
        return
    plan, candidates = _opened(folder)
    year, worth = plan.year_before, []
    for number in range(PRICE_SEEDS):
        arrivals = plan.arrivals(PLANNING + number, year)
        docket = docket_of(arrivals, applications(arrivals), candidates.policy(policy, arrivals, price=price), year)
        hours = office_hours(year)
        sizes = planned(docket, year, hours=hours)
        run = work_through(docket, year, hours=hours, seed=plan.attendance(PLANNING + number), sizes=sizes)
        found = Outcomes.of(run, year)
        worth.append(float(candidates.utility.value(found.consequences())[found.cohort].mean()))
    write_json(path, {"policy": policy, "price": price, "worth": worth})


def price_path(folder: Path, policy: str, price: float) -> Path:
    """Return where the judgement of a price is kept."""
    return folder / "planning" / f"price-{policy}-{price:g}.json"


def chosen_price(folder: Path, policy: str) -> float:
    """Return the price under which an application was worth most in the year before; nought for who knows no price."""
    if policy not in PRICED:
        return 0.0
    worth = {price: _worth(price_path(folder, policy, price)) for price in PRICES}
    return max(PRICES, key=lambda price: worth[price])


def _worth(path: Path) -> float:
    return float(np.mean(json.loads(path.read_text(encoding="utf-8"))["worth"]))


def plan_teams(folder: Path, policy: str) -> None:
    """Size the teams of a policy by the load of the year before, and keep the sizes."""
    path = _teams_path(folder, policy)
    if path.is_file():
        return
    plan, candidates = _opened(folder)
    year = plan.year_before
    arrivals = plan.arrivals(PLANNING, year, last=year.year_from)
    price = chosen_price(folder, policy)
    ready = candidates.policy(policy, arrivals, price=price)
    docket = docket_of(arrivals, applications(arrivals), ready, year)
    sizes = None if ready.one_judge else planned(docket, year, hours=office_hours(year))
    words = {"zh": ready.words.zh, "en": ready.words.en, "reads_truth": ready.reads_truth}
    write_json(path, {"policy": policy, "price": price, "sizes": sizes, **words})


def read_teams(folder: Path, policy: str) -> dict[str, object]:
    """Return what was planned for a policy."""
    found: dict[str, object] = json.loads(_teams_path(folder, policy).read_text(encoding="utf-8"))
    return found


def _teams_path(folder: Path, policy: str) -> Path:
    return folder / "planning" / f"teams-{policy}.json"


def run_seed(folder: Path, number: int) -> None:
    """Run one seed under every policy, promptly and, for the first seeds, with filing held back as well."""
    plan, candidates = _opened(folder)
    delays = (0.0, plan.late_days) if number < plan.late_seeds else (0.0,)
    left = [
        (name, late)
        for name in plan.policies
        for late in delays
        if not result_path(folder, name, number, late).is_file()
    ]
    if not left:
        return
    seed = _Seed(folder, plan, candidates, number)
    for name, late in left:
        seed.run(name, late)


def result_path(folder: Path, policy: str, number: int, late: float) -> Path:
    """Return where the figures of one run are kept."""
    held = f"-late{late:g}" if late else ""
    return folder / "results" / policy / f"{number:03d}{held}.json"


class _Seed:
    """One seed's applications, drawn once; policies that decide alike are run once."""

    def __init__(self, folder: Path, plan: StudyPlan, candidates: Candidates, number: int) -> None:
        self.folder, self.plan, self.candidates, self.number = folder, plan, candidates, number
        self.settings: YearSettings = plan.settings
        self.arrivals = plan.arrivals(number, self.settings)
        self.batch = applications(self.arrivals)
        self.hours = office_hours(self.settings)
        self._dockets: dict[str, Docket] = {}
        self._done: dict[tuple[bytes, str, float], str] = {}

    def run(self, name: str, late: float) -> None:
        """Run a policy, or copy the figures of one that decided alike."""
        teams = read_teams(self.folder, name)
        docket = self._docket(name, float(str(teams["price"])))
        mark = (_mark(docket), json.dumps(teams["sizes"], sort_keys=True), late)
        path = result_path(self.folder, name, self.number, late)
        if mark in self._done:
            twin = result_path(self.folder, self._done[mark], self.number, late)
            write_json(
                path, {**json.loads(twin.read_text(encoding="utf-8")), "policy": name, "same_as": self._done[mark]}
            )
            return
        run = self._worked(docket, teams["sizes"], late)
        figures = summary(run, self.settings, self.candidates.utility)
        write_json(
            path, {"data": "模拟 / simulated", "policy": name, "seed": self.number, "late_days": late, **figures}
        )
        self._done[mark] = name

    def _worked(self, docket: Docket, sizes: object, late: float) -> Run:
        ready = held_back(docket, days=late, since=days_of(self.settings.year_from)) if late else docket
        staffed: Mapping[str, int] | None = dict(sizes) if isinstance(sizes, dict) else None
        seed = self.plan.attendance(self.number)
        return work_through(ready, self.settings, hours=self.hours, seed=seed, sizes=staffed)

    def _docket(self, name: str, price: float) -> Docket:
        if name not in self._dockets:
            policy: Policy = self.candidates.policy(name, self.arrivals, price=price)
            self._dockets[name] = docket_of(self.arrivals, self.batch, policy, self.settings)
        return self._dockets[name]


def _mark(docket: Docket) -> bytes:
    """Return what makes two dockets of the same applications the same."""
    windows = [one.number("urging_days") for one in docket.urging.in_force]
    return b"|".join(
        [docket.first.tobytes(), docket.second.tobytes(), docket.clock_days.tobytes(), str(windows).encode()]
    )


@lru_cache(maxsize=2)
def _opened(folder: Path) -> tuple[StudyPlan, Candidates]:
    plan = StudyPlan.read(folder)
    return plan, Candidates(plan, folder)
