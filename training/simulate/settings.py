"""What a synthetic court is asked for, and the margins it is built to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

LARGEST_COURTS = 12
CLASSES = ("none", "liquid", "income", "property", "partial")
"""What a debtor can pay with: nothing, cash, income, things to be sold, or not enough of anything."""

LANES = ("fast", "complex")


@dataclass(frozen=True)
class CourtSettings:
    """What to simulate.

    Applications are received from `start` to `end`, both included, and followed
    to `observed_until`. `courts` takes that many from the list in
    `defaults.toml`. The same settings give the same bytes, whatever `workers`.
    """

    n: int = 30_000
    seed: int = 1
    start: date = date(2022, 7, 1)
    end: date = date(2025, 12, 31)
    observed_until: date = date(2026, 6, 30)
    scenario: str = "base"
    courts: int = 10
    workers: int = 2

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated.

        Raises
        ------
        ValueError
            A number is out of range, dates are out of order, or the scenario is unknown.
        """
        if not 1 <= self.courts <= LARGEST_COURTS or self.n < self.courts:
            msg = f"法院数须为 1 至 {LARGEST_COURTS} 且不多于案件数：courts={self.courts}, n={self.n}"
            msg += f" / courts must be 1 to {LARGEST_COURTS} and at most n"
            raise ValueError(msg)
        if not self.start <= self.end <= self.observed_until:
            dates = f"{self.start}, {self.end}, {self.observed_until}"
            msg = f"日期须先后有序：{dates} / start, end and observed_until must be in order"
            raise ValueError(msg)
        if self.scenario not in load_margins().scenarios:
            known = "、".join(load_margins().scenarios)
            msg = f"没有情景 {self.scenario!r}，可用：{known} / no scenario {self.scenario!r}"
            raise ValueError(msg)
        if self.workers < 1 or self.seed < 0:
            msg = f"workers 须为正、seed 不得为负：{self.workers}, {self.seed} / workers positive, seed not negative"
            raise ValueError(msg)


@dataclass(frozen=True)
class Summary:
    """What was written."""

    cases: int
    filed: int
    urged: int
    events: int
    debtors: int
    observed_until: date


@dataclass(frozen=True)
class Cause:
    """A cause of action: its codes of 2026 and 2021, share, claims (lognormal), odds, debtors and applicants."""

    code: str
    code_2021: str
    share: float
    mu: float
    sigma: float
    odds: float
    firms: float
    applicants: Mapping[str, float]


@dataclass(frozen=True)
class Court:
    """A court: code, size, profile of causes, log-odds of performance, habit of urging, urging window."""

    code: str
    weight: float
    profile: str
    intercept: float
    habit: float
    window: int


@dataclass(frozen=True)
class Effect:
    """Odds of full performance per unit, the usual value, and the share that works through willingness."""

    odds: float
    centre: float
    will: float


@dataclass(frozen=True)
class Scenario:
    """How things change: log-odds a year, growth a year, log-growth of causes a year, a sudden change."""

    drift: float
    growth: float
    tilt: Mapping[str, float]
    shock: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Margins:
    """Everything in `defaults.toml`."""

    causes: Mapping[str, Cause]
    courts: tuple[Court, ...]
    profiles: Mapping[str, Mapping[str, float]]
    scenarios: Mapping[str, Scenario]
    effects: Mapping[str, Effect]
    means: Mapping[str, Mapping[str, float]]
    query: Mapping[str, Any]
    urging: Mapping[str, Any]
    course: Mapping[str, Any]
    habit: Mapping[str, Any]
    observation: Mapping[str, Any]


@cache
def load_margins() -> Margins:
    """Read the shipped margins; nothing else reads that file."""
    text = files("training.simulate").joinpath("defaults.toml").read_text(encoding="utf-8")
    plain = tomllib.loads(text)
    tables = {name: MappingProxyType(plain[name]) for name in ("query", "urging", "course", "habit", "observation")}
    return Margins(
        causes=MappingProxyType({name: Cause(**entry) for name, entry in plain["causes"].items()}),
        courts=tuple(Court(**entry) for entry in plain["courts"]),
        profiles=MappingProxyType(plain["profiles"]),
        scenarios=MappingProxyType({name: Scenario(**entry) for name, entry in plain["scenarios"].items()}),
        effects=MappingProxyType({name: Effect(**entry) for name, entry in plain["effects"].items()}),
        means=MappingProxyType(plain["means"]),
        **tables,
    )
