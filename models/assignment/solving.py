"""Solving the program with HiGHS: one goal after the other, each kept while the next is pursued."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from features.known import Array
from models.assignment.demand import Rows
from models.assignment.program import Program, Solution, first_to_last

_NODES = 20_000
MORE = 1e-6
"""A sum so little below a whole number is that number: HiGHS itself is exact to 1e-7."""

_NEAR = 12
"""How many units of a class, on each side of the last one placed, are placed anew near a known plan."""


def best_plan(
    program: Program,
    *,
    whole: bool = False,
    near: Array | None = None,
    beside: Mapping[int, int] = MappingProxyType({}),
) -> Solution | None:
    """Return the best plan: first the most cases of rank 0, then of rank 1 without losing any, last the most value.

    Unless it has to be `whole`, units may be cut: then it is an upper bound
    (of a rank, as many whole cases as the cut ones make), and the plan itself
    where none is cut. `near` (K,) says how many units of
    each class a plan with nearly the same places has: those far from its
    margins keep their places, which is quick, and can only make the plan
    found less good. `beside` holds the cases that another plan places at each
    rank: at the first rank where this one places more, nothing further is
    asked, and its value is NaN. None where HiGHS finds no plan within its
    limits.
    """
    if not program.pairs:
        return Solution(flows=np.zeros(0), placed={}, value=0.0, price=np.zeros(len(program.capacity)))
    nobody = _Open(np.zeros(0, dtype=np.int64), np.zeros(len(program.size), dtype=np.int64))
    kept: list[_Goal] = []
    placed: dict[int, int] = {}
    for rank in np.unique(program.rank[program.rank < program.last]).tolist():
        at_rank = (program.rank == rank)[program.pair_class]
        goal = np.where(at_rank, program.count[program.pair_class], 0).astype(np.float64)
        found = _optimum(program, _Asked(goal, nobody, tuple(kept)), whole=whole)
        if found is None:
            return None
        placed[rank] = math.floor(float(goal @ found.flows) + MORE)
        kept.append(_Goal(goal, placed[rank] - 1e-7))
        if rank in beside and placed[rank] > beside[rank]:
            return Solution(flows=found.flows, placed=placed, value=np.nan, price=np.zeros(len(program.capacity)))
    found = _optimum(program, _Asked(program.gain, _open(program, near), tuple(kept)), whole=whole)
    if found is None:
        return None
    return Solution(flows=found.flows, placed=placed, value=found.best, price=found.price)


class _Goal(NamedTuple):
    """A number for each pair of which the plan must reach at least so much."""

    coefficients: Array
    least: float


class _Open(NamedTuple):
    """The units whose worth counts, and how many of each class, the worthiest, are placed in any case."""

    units: Rows
    sure: Rows


class _Asked(NamedTuple):
    """What is made as large as possible: a number for each pair, and the worth of the open units placed."""

    pairs: Array
    open: _Open
    kept: tuple[_Goal, ...]


class _Found(NamedTuple):
    """The best flows, how good they are, and the price of each team's places (zero for whole plans)."""

    flows: Array
    best: float
    price: Array


class _Limits(NamedTuple):
    """Rows and what their sums may be at least and at most."""

    rows: sparse.csr_array
    least: Array
    most: Array


def _open(program: Program, near: Array | None) -> _Open:
    """Return all units, or those near the margins of a plan that places so many of each class."""
    if near is None:
        return _Open(np.arange(len(program.units)), np.zeros(len(program.size), dtype=np.int64))
    placed = np.floor(near).astype(np.int64)
    sure = np.maximum(placed - _NEAR, 0)
    order, number = _by_worth(program)
    of = program.of[order]
    return _Open(order[(number >= sure[of]) & (number < placed[of] + _NEAR)], sure)


def _by_worth(program: Program) -> tuple[Rows, Rows]:
    """Return the units class by class, the worthiest first, and the place of each in its class."""
    order = first_to_last(program.units)
    order = order[np.argsort(program.of[order], kind="stable")]
    return order, np.arange(len(order)) - np.repeat(np.cumsum(program.size) - program.size, program.size)


def _optimum(program: Program, asked: _Asked, *, whole: bool) -> _Found | None:
    """Return the best flows for one goal; None where HiGHS gives up."""
    worth = program.units.value[asked.open.units]
    objective = -np.concatenate([asked.pairs, worth])
    upper = np.concatenate([program.size[program.pair_class].astype(np.float64), np.ones(len(worth))])
    limits, tied = _limits(program, asked), _ties(program, asked.open)
    settled = _settled(program, asked.open)
    if whole:
        return _searched(program, objective, (limits, tied), upper)
    found = linprog(
        objective,
        A_ub=limits.rows,
        b_ub=limits.most,
        A_eq=tied.rows,
        b_eq=tied.most,
        bounds=np.column_stack([np.zeros(len(upper)), upper]),
        method="highs-ds",
    )
    if found.status != 0:
        return None
    price = np.maximum(-found.ineqlin.marginals[: len(program.capacity)], 0.0)
    return _Found(found.x[: program.pairs], settled - float(found.fun), price)


def _searched(program: Program, objective: Array, limited: tuple[_Limits, ...], upper: Array) -> _Found | None:
    """Return the best whole flows; the worth of units needs no search, because a class is filled from its best."""
    found = milp(
        objective,
        constraints=[LinearConstraint(one.rows, one.least, one.most) for one in limited if one.rows.shape[0]],
        integrality=(np.arange(len(upper)) < program.pairs).astype(np.float64),
        bounds=Bounds(0.0, upper),
        options={"mip_rel_gap": 0.0, "node_limit": _NODES},
    )
    if found.status != 0:
        return None
    return _Found(np.round(found.x[: program.pairs]), -float(found.fun), np.zeros(len(program.capacity)))


def _limits(program: Program, asked: _Asked) -> _Limits:
    """Return what may not be exceeded: places of teams, sizes of classes, and, negated, the goals kept."""
    pairs, wide = np.arange(program.pairs), program.pairs + len(asked.open.units)
    weight = program.weight[program.pair_class].astype(np.float64)
    teams = sparse.csr_array((weight, (program.pair_team, pairs)), shape=(len(program.capacity), wide))
    kept = sparse.csr_array(-np.array([goal.coefficients for goal in asked.kept]).reshape(-1, program.pairs))
    kept.resize((len(asked.kept), wide))
    sizes = sparse.csr_array((np.ones(program.pairs), (program.pair_class, pairs)), shape=(len(program.size), wide))
    most = np.concatenate([program.capacity, [-goal.least for goal in asked.kept], program.size]).astype(np.float64)
    return _Limits(sparse.vstack([teams, kept, sizes], format="csr"), np.full(len(most), -np.inf), most)


def _ties(program: Program, open_: _Open) -> _Limits:
    """Return the rows that hold a class's placed units to its flows; none where the worth of units does not count."""
    if not len(open_.units):
        nothing = np.zeros(0)
        return _Limits(sparse.csr_array((0, program.pairs)), nothing, nothing)
    place = np.concatenate([program.pair_class, program.of[open_.units]])
    signs = np.concatenate([np.ones(program.pairs), -np.ones(len(open_.units))])
    rows = sparse.csr_array((signs, (place, np.arange(len(place)))), shape=(len(program.size), len(place)))
    return _Limits(rows, open_.sure.astype(np.float64), open_.sure.astype(np.float64))


def _settled(program: Program, open_: _Open) -> float:
    """Return the worth of the units that are placed in any case."""
    if not open_.sure.any():
        return 0.0
    order, number = _by_worth(program)
    return float(program.units.value[order[number < open_.sure[program.of[order]]]].sum())
