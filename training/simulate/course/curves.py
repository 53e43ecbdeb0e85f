"""The generator's own probabilities as tables over willingness: each integrates one case's race exactly, once.

For every class of means, lane and lag between filing and query, the race of
processes is integrated on a half-day grid; then the part of willingness that no
record shows is integrated out by Gauss-Hermite quadrature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr

from features.known import Array
from training.simulate.course import process, urging
from training.simulate.settings import CLASSES, LANES, Margins, load_margins

LOW, HIGH, STEP = -9.0, 7.0, 0.1
NODES = 24
MEASURES = ("full", "quick", "part", "sale", "other")
"""Fully performed by day 180, quickly by day 30; by day 180 without full performance: cash taken, sold for less than
the debt; closed otherwise."""

ABILITY_DAY, QUICK_DAY, URGING_DAY = 180.0, 30.0, 15.0


@dataclass(frozen=True)
class Urged:
    """Tables of urging, each over the seen part of willingness.

    `paid` (contact, class, eta): paid within fifteen days and before its end.
    `unpaid` (contact, end day, class, eta): not paid by that day, promise included.
    """

    paid: Array
    unpaid: Array


@dataclass(frozen=True)
class Curves:
    """All tables of one window: `direct` (class, lane, lag, measure, eta); `failed` has contact and end day before."""

    eta: Array
    direct: Array
    failed: Array
    urged: Urged
    ends: Array


@cache
def curves(window: int) -> Curves:
    """Return the tables for courts with this urging window."""
    margins = load_margins()
    will, nodes, weights = _grid(margins)
    paid = np.stack([_paid(will, contact, window, margins) for contact in range(urging.CONTACTS)])
    ends = np.stack([_ends(window, contact, margins) for contact in range(urging.CONTACTS)])
    direct, failed, unpaid = _whatever_window()
    said = _said(will, margins)[:, None, :]
    return Curves(will, direct, failed, Urged(_smooth(paid * said, will, nodes, weights), unpaid), ends)


@cache
def _whatever_window() -> tuple[Array, Array, Array]:
    """Return the tables that do not depend on the urging window."""
    margins = load_margins()
    will, nodes, weights = _grid(margins)
    race, unpaid = _race(will, margins), _unpaid(will, margins)
    failed = np.stack([_joint(race, unpaid[contact], nodes, weights) for contact in range(urging.CONTACTS)])
    return _smooth(race, will, nodes, weights), failed, _smooth(unpaid, will, nodes, weights)


def _grid(margins: Margins) -> tuple[Array, Array, Array]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    will = np.arange(LOW, HIGH + STEP / 2, STEP)
    return will, margins.urging["noise"] * nodes, weights / weights.sum()


def _smooth(table: Array, will: Array, nodes: Array, weights: Array) -> Array:
    """Return E[table(eta + noise)] on the same grid, along the last axis."""
    result = np.zeros_like(table)
    flat = table.reshape(-1, len(will))
    out = result.reshape(-1, len(will))
    for node, weight in zip(nodes, weights, strict=True):
        out += weight * _shifted(flat, will + node)
    return result


def _shifted(flat: Array, at: Array) -> Array:
    place = np.clip((at - LOW) / STEP, 0.0, flat.shape[1] - 1.000001)
    low = place.astype(np.int64)
    part = place - low
    return np.asarray(flat[:, low] * (1.0 - part) + flat[:, low + 1] * part)


def _joint(race: Array, unpaid: Array, nodes: Array, weights: Array) -> Array:
    """Return E[unpaid x race] for every end day: (end day, class, lane, lag, measure, eta)."""
    will = np.arange(LOW, HIGH + STEP / 2, STEP)
    shape = (unpaid.shape[0], *race.shape)
    out = np.zeros(shape)
    for node, weight in zip(nodes, weights, strict=True):
        left = _shifted(unpaid.reshape(-1, len(will)), will + node).reshape(unpaid.shape)
        right = _shifted(race.reshape(-1, len(will)), will + node).reshape(race.shape)
        out += weight * left[:, :, None, None, None, :] * right[None]
    return out


def _said(will: Array, margins: Margins) -> Array:
    """Return the chance of promising or not, given contact and willingness: (contact, eta)."""
    promise = urging.promise_chance(will, margins)
    return np.stack([np.ones_like(will), 1.0 - promise, promise])


def _paid_by(day: Array, will: Array, contact: int, margins: Margins) -> Array:
    """Return the chance of payment by each day if nothing ends urging: (day, class, eta)."""
    means = np.arange(len(CLASSES))
    rate = np.stack([urging.pay_rate(np.full(len(will), c), will, np.full(len(will), contact), margins) for c in means])
    used = 1.0 - np.exp(-day / margins.urging["days"])
    return np.asarray(1.0 - np.exp(-rate[None] * used[:, None, None]))


def _paid(will: Array, contact: int, window: int, margins: Margins) -> Array:
    """Return the chance of payment within fifteen days and before urging ends: (class, eta)."""
    last = int(min(URGING_DAY, urging.deadline_days(window, contact, margins)))
    by_day = _paid_by(np.arange(last + 1.0), will, contact, margins)
    stays = (1.0 - margins.urging["withdraw_daily"]) ** np.arange(last)
    paid: Array = (np.diff(by_day, axis=0) * stays[:, None, None]).sum(axis=0)
    return paid


def _unpaid(will: Array, margins: Margins) -> Array:
    """Return the chance of contact's words and of no payment by each day: (contact, day, class, eta)."""
    days = np.arange(margins.urging["longest"] + 1.0)
    said = _said(will, margins)
    return np.stack([(1.0 - _paid_by(days, will, k, margins)) * said[k] for k in range(urging.CONTACTS)])


def _ends(window: int, contact: int, margins: Margins) -> Array:
    """Return the chance that urging would end on each day: withdrawn, or on its last day."""
    last = int(urging.deadline_days(window, contact, margins))
    leave = margins.urging["withdraw_daily"]
    chance = np.zeros(int(margins.urging["longest"]) + 1)
    days = np.arange(1, last)
    chance[1:last] = leave * (1.0 - leave) ** (days - 1)
    chance[last] = 1.0 - chance.sum()
    return chance


def _race(will: Array, margins: Margins) -> Array:
    """Return every measure for every class, lane and lag: (class, lane, lag, measure, will)."""
    lags = margins.query["lags"]["days"]
    shape = (len(CLASSES), len(LANES), len(lags), len(MEASURES), len(will))
    table = np.zeros(shape)
    for place in range(len(CLASSES)):
        for lane in range(len(LANES)):
            for j, lag in enumerate(lags):
                table[place, lane, j] = race_of(place, lane, float(lag), will=will, margins=margins)
    return table


def race_of(means: int, lane: int, lag: float, *, will: Array, margins: Margins) -> Array:
    """Integrate one race from the query to day 180 after filing: (measure, will)."""
    day = np.arange(0.0, ABILITY_DAY - lag + 0.25, 0.5)
    left = _survivals(means, lane, day, lag=lag, will=will, margins=margins)
    rivals = left["other"] * left["zhongben"]
    works = left["path"]
    alone = left["voluntary"] * works
    full = _arrivals(alone, rivals)
    by_path = works if means == process.PROPERTY else None
    quick = full if by_path is None else _arrivals(left["voluntary"], rivals * works)
    soon = int((QUICK_DAY - lag) / 0.5)
    other = _arrivals(left["other"], alone * left["zhongben"])
    part = _before_the_end(_density(left["part"]), alone * rivals, full)
    sale = np.zeros(len(will))
    if means == process.PROPERTY:
        fails = margins.course["sale_part"] * (1.0 - left["success"])
        unaided = _arrivals(left["voluntary"], rivals)
        sale = fails * _before_the_end(_density(left["reached"]), left["voluntary"] * rivals, unaided)
    return np.stack([full[-1], quick[soon], part, sale, other[-1]])


def _survivals(means: int, lane: int, day: Array, *, lag: float, will: Array, margins: Margins) -> Mapping[str, Array]:
    """Return the chance that each process has not arrived by each day: (day, will) or (day, 1)."""
    c = margins.course
    one = np.full(len(will), means)
    mass = process.voluntary_mass(one, will, lane, margins)
    success = process.path_success(one, will, lane, margins)
    median, spread = process.path_days(lane, margins)
    used = 1.0 - np.exp(-np.maximum(day - c["voluntary_from"], 0.0) / c["voluntary_days"][LANES[lane]])
    reached = _lognormal(day, median[means], spread[means])
    other = process.by_class(c["other_mass"])[means] * (
        1.0 - np.exp(-np.maximum(day - c["other_from"], 0.0) / c["other_days"])
    )
    late = np.log(process.by_class(c["zhongben_days"]))[means]
    due = _lognormal(day + lag - process.ZHONGBEN_FROM, late, c["zhongben_spread"])
    return {
        "voluntary": np.exp(-used[:, None] * mass),
        "path": 1.0 - reached[:, None] * success,
        "other": np.exp(-other)[:, None],
        "zhongben": 1.0 - due[:, None],
        "part": 1.0 - _lognormal(day, np.log(c["part_days"][0]), c["part_days"][1])[:, None],
        "reached": 1.0 - reached[:, None],
        "success": success,
    }


def _lognormal(day: Array, median: float, spread: float) -> Array:
    """Return the chance that a lognormal delay is over by each day."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(day > 0, ndtr((np.log(np.maximum(day, 1e-300)) - median) / spread), 0.0)


def _density(left: Array) -> Array:
    return -np.diff(left, axis=0)


def _arrivals(left: Array, rivals: Array) -> Array:
    """Return the chance that this process came first, by each day: (day, will)."""
    steps = _density(left) * (rivals[1:] + rivals[:-1]) / 2.0
    return np.concatenate([np.zeros((1, steps.shape[1])), np.cumsum(steps, axis=0)])


def _before_the_end(density: Array, open_: Array, full: Array) -> Array:
    """Return the chance that something came while the case was open and it was not fully performed by the last day."""
    stays = open_ - (full[-1] - full)
    return np.asarray((density * (stays[1:] + stays[:-1]) / 2.0).sum(axis=0))
