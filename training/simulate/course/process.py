"""The course of a filed case under a lane: rival processes race, the first to arrive closes the case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from training.simulate.record.draws import Flags, Rng, Rows, sigmoid
from training.simulate.settings import CLASSES, LANES, Margins

ZHONGBEN_FROM = 91.05
"""First day after filing on which 终本 can come: more than three months, whatever the hour of filing."""

FULL, ZHONGBEN, OTHER = 1, 2, 3
"""How a case closes, in the order of the ability score's causes."""

VOLUNTARY, PATH = 1, 2
"""How a fully performed case was paid: by the debtor himself, or along the path of his means."""

INCOME, PROPERTY, LIQUID = (CLASSES.index(name) for name in ("income", "property", "liquid"))


@dataclass(frozen=True)
class Shocks:
    """The draws behind a case's course, the same under every lane."""

    voluntary: Array
    path: Array
    success: Array
    other: Array
    zhongben: Array
    part: Array
    sale: Array


@dataclass(frozen=True)
class Ways:
    """When each process would arrive if it were alone: days from the query, `zhongben` from filing; infinity is never.

    `path` is the end of the way that the debtor's means open and `works`
    whether it ends in full payment; `sells` marks sales for less than the debt
    at the same end. `part` is the deduction of what cash there is.
    """

    voluntary: Array
    path: Array
    works: Flags
    other: Array
    zhongben: Array
    part: Array
    sells: Flags


@dataclass(frozen=True)
class Course:
    """A case's course under one lane: days from filing; infinity is never.

    `part_day` is the deduction of what cash there is and `sale_day` a sale for
    less than the debt; both before the closing.
    """

    closed: Array
    how: Rows
    paid_by: Rows
    part_day: Array
    sale_day: Array


def draw_shocks(rng: Rng, n: int) -> Shocks:
    """Draw what chance adds to a case's course."""
    return Shocks(
        voluntary=-np.log(rng.random(n)),
        path=rng.standard_normal(n),
        success=rng.random(n),
        other=-np.log(rng.random(n)),
        zhongben=rng.standard_normal(n),
        part=rng.standard_normal(n),
        sale=rng.random(n),
    )


def ways(means: Rows, will: Array, shocks: Shocks, *, lane: int, margins: Margins) -> Ways:
    """Return when each process would arrive under a lane, whatever the others do."""
    c = margins.course
    mass = voluntary_mass(means, will, lane, margins)
    path, works = _path(means, will, shocks, lane=lane, margins=margins)
    return Ways(
        voluntary=c["voluntary_from"] + _saturating(shocks.voluntary, mass, c["voluntary_days"][LANES[lane]]),
        path=path,
        works=works,
        other=c["other_from"] + _saturating(shocks.other, by_class(c["other_mass"])[means], c["other_days"]),
        zhongben=zhongben_day(means, shocks.zhongben, margins),
        part=np.exp(np.log(c["part_days"][0]) + c["part_days"][1] * shocks.part),
        sells=~works & (means == PROPERTY) & (shocks.sale < c["sale_part"]),
    )


def run(means: Rows, will: Array, shocks: Shocks, *, lane: int, lag: Array, margins: Margins) -> Course:
    """Return the course under a lane; `lag` is days from filing to the query, before which nothing happens."""
    way = ways(means, will, shocks, lane=lane, margins=margins)
    ends = np.stack([way.voluntary, np.where(way.works, way.path, np.inf), way.zhongben - lag, way.other])
    first = ends.argmin(axis=0)
    closed = ends[first, np.arange(len(first))]
    return Course(
        closed=closed + lag,
        how=np.array([FULL, FULL, ZHONGBEN, OTHER])[first],
        paid_by=np.where(first == 0, VOLUNTARY, np.where(first == 1, PATH, 0)),
        part_day=np.where(way.part < closed, way.part + lag, np.inf),
        sale_day=np.where(way.sells & (way.path < closed), way.path + lag, np.inf),
    )


def voluntary_mass(means: Rows, will: Array, lane: int, margins: Margins) -> Array:
    """Return the whole mass of the hazard of voluntary performance."""
    faster = margins.course["voluntary_fast"] if LANES[lane] == "fast" else 0.0
    mass: Array = np.exp(by_class(margins.course["voluntary"])[means] + will + faster)
    return mass


def path_days(lane: int, margins: Margins) -> tuple[Array, Array]:
    """Return ln of the median day and the spread of each class's own path; never for classes without one."""
    days = {name: values[lane] for name, values in margins.course["path_days"].items()}
    return np.log(by_class(days, np.inf)), by_class(margins.course["path_spread"], 1.0)


def path_success(means: Rows, will: Array, lane: int, margins: Margins) -> Array:
    """Return the chance that the path of the means leads to full payment."""
    c = margins.course
    base = by_class({name: pair[0] for name, pair in c["path_success"].items()}, -np.inf)
    slope = by_class({name: pair[1] for name, pair in c["path_success"].items()})
    bonus = by_class(c["path_lane"]) if LANES[lane] == "fast" else np.zeros(len(CLASSES))
    return sigmoid(base[means] + slope[means] * will + bonus[means])


def zhongben_day(means: Rows, z: Array, margins: Margins) -> Array:
    """Return the day after filing on which 终本 would come."""
    median = np.log(by_class(margins.course["zhongben_days"]))[means]
    return np.asarray(ZHONGBEN_FROM + np.exp(median + margins.course["zhongben_spread"] * z))


def _path(means: Rows, will: Array, shocks: Shocks, *, lane: int, margins: Margins) -> tuple[Array, Flags]:
    median, spread = path_days(lane, margins)
    day = np.exp(median[means] + spread[means] * shocks.path)
    return day, shocks.success < path_success(means, will, lane, margins)


def _saturating(draw: Array, mass: Array, days: float) -> Array:
    """Return when a hazard of this whole mass, used up with this time constant, reaches the draw."""
    left = 1.0 - draw / mass
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(left > 0.0, -days * np.log(left), np.inf)


def by_class(values: dict[str, float], default: float = 0.0) -> Array:
    """Return one number for each class of means."""
    return np.array([values.get(name, default) for name in CLASSES], dtype=np.float64)
