"""How many cases a week the court's teams can take in each lane, and by how much a way of routing exceeds that."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, combinations
from math import inf
from pathlib import Path
from types import MappingProxyType

import numpy as np

from features.known import Array
from models.lanes import LANE_CODE, Lane
from models.routes import Codes
from models.strict_table import SettingsError
from models.teams.reading import read_teams
from models.teams.register import TeamRegister, Workload
from training.errors import CommandError

TAKEN = (Lane.URGE, Lane.FAST, Lane.COMPLEX)
WORKDAYS = 5
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")


@dataclass(frozen=True)
class Places:
    """Weighted units a week that teams can take, by the lanes that a team serves; `source` says where they stand.

    A team that serves two lanes is one place for both. Without `weights` every
    case counts as one.
    """

    by_lanes: Mapping[frozenset[Lane], float]
    source: str
    weights: Workload | None = None

    @classmethod
    def without_limit(cls) -> Places:
        """Return places for everybody."""
        return cls(MappingProxyType({frozenset({lane}): inf for lane in TAKEN}), "")

    @classmethod
    def of_options(cls, options: Sequence[str]) -> Places:
        """Read `lane=cases a week`; a lane that is not named has no limit.

        Raises
        ------
        CommandError
            USAGE: no such lane, no number, or a lane named twice.
        """
        found = {frozenset({lane}): inf for lane in TAKEN}
        for option in options:
            name, _, number = option.partition("=")
            if name not in set(TAKEN) or not _NUMBER.fullmatch(number):
                zh = f"--places 应为 urge|fast|complex=每周件数，收到 {option!r}"
                raise CommandError("USAGE", zh, f"--places takes urge|fast|complex=cases a week, got {option!r}")
            lane = frozenset({Lane(name)})
            if found[lane] != inf:
                raise CommandError("USAGE", f"--places 中 {name} 写了两次", f"--places names {name} twice")
            found[lane] = float(number)
        return cls(MappingProxyType(found), "--places " + " ".join(options))

    @classmethod
    def of_register(cls, register: TeamRegister, day: date) -> Places:
        """Return what the teams of a day take in an ordinary week, single absences apart.

        Raises
        ------
        CommandError
            USAGE: no team takes new cases on that day.
        """
        found: dict[frozenset[Lane], float] = {}
        for team in register.teams_on(day):
            members = [one for one in team.members if one.holds(day)]
            own = sum(min(WORKDAYS * one.per_day, one.per_week) for one in members)
            if team.lanes:
                week = min(own, WORKDAYS * team.per_day, team.per_week)
                found[team.lanes] = found.get(team.lanes, 0.0) + week
        if not found:
            raise CommandError("USAGE", f"{day} 没有承办新案的团队", f"no team takes new cases on {day}")
        return cls(MappingProxyType(found), f"{register.court} {register.version}", register.workload_on(day))

    def units_of(self, lane: Lane, lanes: Codes, family: Array) -> Array:
        """Return the weighted units that each of n cases brings to a lane; none for a case of another lane."""
        mine = lanes == LANE_CODE[lane]
        if self.weights is None:
            return np.asarray(mine, dtype=np.float64)
        return np.asarray(np.where(mine, np.nan_to_num(self.weights.weights(lanes, family)), 0.0), dtype=np.float64)

    def document(self) -> dict[str, float | None]:
        """Return the places by the lanes that share them; None is no limit."""
        named = {"+".join(lane for lane in TAKEN if lane in served): units for served, units in self.by_lanes.items()}
        return {name: None if units == inf else units for name, units in named.items()}

    def over(self, demand: Mapping[Lane, float]) -> float:
        """Return how many units find no place however the teams share them out (max-flow, min-cut)."""
        asked = [lane for lane in TAKEN if demand.get(lane, 0.0) > 0.0]
        cuts = chain.from_iterable(combinations(asked, k) for k in range(1, len(asked) + 1))
        return max([0.0, *(self._beyond(frozenset(cut), demand) for cut in cuts)])

    def _beyond(self, lanes: frozenset[Lane], demand: Mapping[Lane, float]) -> float:
        room = sum(units for served, units in self.by_lanes.items() if served & lanes)
        return sum(demand[lane] for lane in lanes) - room


def places_of(teams: Path | None, options: Sequence[str] | None, day: date) -> Places:
    """Return the places of a team register or of options, no limit without either.

    Raises
    ------
    CommandError
        USAGE, NOT_FOUND or CONFIG: both are given, the file is not there, or it is wrong.
    """
    if teams is not None and options:
        raise CommandError("USAGE", "--teams 与 --places 只能用一个", "use --teams or --places, not both")
    if teams is None:
        return Places.of_options(options) if options else Places.without_limit()
    if not teams.is_file():
        raise CommandError("NOT_FOUND", f"没有团队名册 {teams}", f"no team register {teams}")
    try:
        return Places.of_register(read_teams(teams), day)
    except SettingsError as error:
        zh = "；".join(f"{one.place}：{one.zh}" for one in error.faults)
        en = "; ".join(f"{one.place}: {one.en}" for one in error.faults)
        raise CommandError("CONFIG", f"团队名册不能用：{zh}", f"the team register cannot be used: {en}") from error
