"""Builders for assignment: days with a few cases, and random days with many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from features.clock import days_of
from models.assignment import Assignment, Day, Demand, assign
from models.lanes import LANE_CODE, LANES, Lane
from models.teams import Load, TeamRegister
from tests.builders_teams import DAY, member, register, team

TODAY = days_of(DAY)
WORKED = [LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX)]


def demand(n: int, **facts: object) -> Demand:
    """Return n cases of the fast lane, alike but for the facts given; `lane` takes lanes or one for all."""
    lane = facts.pop("lane", Lane.FAST)
    lanes = [lane] * n if isinstance(lane, str) else lane
    usual: dict[str, object] = {
        "ids": [f"申{i:05d}" for i in range(n)],
        "lane": np.array([-1 if one is None else LANE_CODE[Lane(one)] for one in lanes], dtype=np.int8),  # type: ignore[union-attr]
        "family": np.full(n, np.nan), "livelihood": np.zeros(n, dtype=bool), "deadline": np.full(n, np.nan),
        "received": np.full(n, TODAY - 1.0), "value": np.full(n, 100.0), "group": [None] * n, "bound": [None] * n,
        "recused": [frozenset()] * n, "led": [frozenset()] * n,
    }  # fmt: skip
    return Demand(**{**usual, **{name: _as(usual[name], value) for name, value in facts.items()}})  # type: ignore[arg-type]


def _as(usual: object, value: object) -> object:
    """Return the value in the form of the usual one."""
    return np.array(value, dtype=usual.dtype) if isinstance(usual, np.ndarray) else value


def shuffled(cases: Demand, seed: int) -> Demand:
    """Return the same cases in another order."""
    order = np.random.default_rng(seed).permutation(len(cases))
    facts = {name: getattr(cases, name) for name in Demand.__dataclass_fields__}
    moved = {n: v[order] if isinstance(v, np.ndarray) else [v[i] for i in order] for n, v in facts.items()}
    return Demand(**moved)


def given(
    cases: Demand, reg: TeamRegister, *, seed: int = 7, loads: Mapping[str, Load] | None = None, gain: float = 0.0,
    priced: bool = False,
) -> Assignment:  # fmt: skip
    """Assign the cases on the usual day."""
    return assign(cases, Day(on=DAY, register=reg, seed=seed, loads=loads or {}, gain=gain, priced=priced))


def two_teams(*places: float, lanes: Sequence[Lane] = (Lane.FAST,)) -> TeamRegister:
    """Return one team of one member for each number of places."""
    return register(*[team(f"队{i}", member(f"员{i}", place), lanes=lanes) for i, place in enumerate(places)])


def random_day(
    n: int, *, teams: int, seed: int, grouped: float = 0.3, tight: float = 0.6
) -> tuple[Demand, TeamRegister]:
    """Return n random cases and so many teams that can take about the share `tight` of them."""
    rng = np.random.default_rng(seed)
    lane = rng.choice(WORKED, n, p=[0.3, 0.4, 0.3]).astype(np.int8)
    family = np.where(rng.random(n) < 0.1, np.nan, rng.integers(0, 12, n).astype(np.float64))
    cases = demand(
        n, lane=[LANES[code] for code in lane], family=family, livelihood=rng.random(n) < 0.1,
        deadline=np.where(rng.random(n) < 0.5, np.nan, TODAY + rng.integers(-2, 30, n)),
        value=np.where(rng.random(n) < 0.1, np.nan, np.exp(rng.normal(5.0, 1.2, n))),
        group=_groups(rng, lane, grouped),
    )  # fmt: skip
    weights = {Lane.URGE: 0.5, Lane.FAST: 1.0, Lane.COMPLEX: 3.0}
    asked = sum(weights[LANES[code]] for code in lane)
    kinds = [(Lane.URGE,), (Lane.FAST,), (Lane.COMPLEX,), (Lane.FAST, Lane.COMPLEX)]
    made = []
    for i in range(teams):
        people = int(rng.integers(2, 6))
        places = round(asked * tight / teams / people * 2) / 2
        special = frozenset({"financial_loan", "credit_card"}) if i % 7 == 6 else frozenset()
        made.append(
            team(
                f"队{i:02d}", *[member(f"员{i:02d}{j}", places) for j in range(people)], lanes=kinds[i % 4],
                families=special,
            )
        )  # fmt: skip
    return cases, register(*made, weights=weights, construction=1.5)


def _groups(rng: np.random.Generator, lane: np.ndarray, share: float) -> list[str | None]:
    names: list[str | None] = [None] * len(lane)
    rows, start, number = rng.permutation(len(lane)), 0, 0
    while start < share * len(lane):
        size = int(rng.choice([2, 3, 4, 5, 8, 12, 20, 40], p=[0.4, 0.2, 0.1, 0.1, 0.08, 0.06, 0.04, 0.02]))
        for row in rows[start : start + size]:
            names[row] = f"批{number:04d}"
        start, number = start + size, number + 1
    return names
