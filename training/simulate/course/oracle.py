"""The oracle: the generator's own probability of each outcome, given what was on record at the reading.

Populations and readings (those of the scores):

- `p_willingness_15`: every case, as if urged; full payment within 15 days of the
  start of urging and before urging ends; given the stage-A record.
- `p_ability_180_a`, `recovery_180_a`: filed cases, from filing; given the stage-A
  record and that the case was filed, over the habit's routes (filed at once, or
  after urging that failed) and lanes. Who was urged is not known at stage A.
- `p_ability_180_b`, `p_quick_30_b`, `recovery_180_b`: filed cases, from filing;
  given the record, the first query, when it came, and what urging had shown; over
  the habit's lanes.

Recovery is money received from filing to day 180 over the claim.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from training.simulate.course import habit, query, urging
from training.simulate.course.curves import HIGH, LOW, MEASURES, STEP, Curves
from training.simulate.record.draws import Columns, Flags, Rows
from training.simulate.settings import CLASSES, LANES, Margins

FULL, QUICK, PART, SALE, OTHER = range(len(MEASURES))


@dataclass(frozen=True)
class Seen:
    """What is known of each case before its outcome.

    `eta` is the expected willingness, `chances` the chances of the classes of
    means given the application; `urge` the mean chance of being urged.
    """

    eta: Array
    chances: Array
    reach: Array
    urge: Array
    small: Flags
    firm: Flags


@dataclass(frozen=True)
class Route:
    """How each filed case came to be filed: urged or not, how contact went, on which day urging ended, part paid."""

    urged: Flags
    contact: Rows
    end_day: Rows
    part: Array

    def at(self, rows: Rows) -> Route:
        """Return the routes of some of the cases."""
        return Route(self.urged[rows], self.contact[rows], self.end_day[rows], self.part[rows])


@dataclass(frozen=True)
class Place:
    """Where each case lies on the grid of willingness: one look-up serves all tables."""

    low: Rows
    part: Array

    @classmethod
    def on_grid(cls, eta: Array) -> Place:
        """Find the places of these expected willingnesses."""
        place = np.clip((eta - LOW) / STEP, 0.0, (HIGH - LOW) / STEP - 1e-6)
        low = place.astype(np.int64)
        return cls(low, place - low)

    def at(self, rows: Rows) -> Place:
        """Return the places of some of the cases."""
        return Place(self.low[rows], self.part[rows])

    def of(self, table: Array) -> Array:
        """Return the interpolated value of a table over willingness."""
        return np.asarray(table[self.low] * (1.0 - self.part) + table[self.low + 1] * self.part)

    def among(self, table: Array, rows: Rows) -> Array:
        """Return the same from a table with one row for each kind of case."""
        return np.asarray(table[rows, self.low] * (1.0 - self.part) + table[rows, self.low + 1] * self.part)


def shares(margins: Margins) -> tuple[Array, Array]:
    """Return the mean of the claim paid by a sale for less than the debt, and where a case closes otherwise."""
    c = margins.course
    sale = np.mean(c["sale_share"])
    other = np.full(len(CLASSES), c["other_paid"] * np.mean(c["other_share"]))
    other[CLASSES.index("property")] = 0.0
    return np.full(len(CLASSES), sale), other


def at_application(seen: Seen, curves: Curves, margins: Margins) -> Columns:
    """Return the stage-A probabilities."""
    place = Place.on_grid(seen.eta)
    lane = _lane_chances(seen, margins)
    lags = np.array(margins.query["lags"]["share"])
    direct = _measures(np.tensordot(curves.direct, lags, axes=(2, 0)), margins)
    total = (1.0 - seen.urge) * _over_classes(seen, lane, place, direct, np.ones(direct[:, 0, 0].shape))
    for contact in range(urging.CONTACTS):
        failed = np.einsum("e,eclgmh,g->clmh", curves.ends[contact], curves.failed[contact], lags)
        unpaid = np.tensordot(curves.ends[contact], curves.urged.unpaid[contact], axes=1)
        found = _over_classes(seen, lane, place, _measures(failed, margins), unpaid)
        found[2] *= 1.0 - _part_paid(contact, margins)
        total += seen.urge * _contact_chance(seen, contact) * found
    return {
        "p_willingness_15": _willingness(seen, place, curves),
        "p_ability_180_a": total[1] / total[0],
        "recovery_180_a": total[2] / total[0],
    }


def _over_classes(seen: Seen, lane: Array, place: Place, tables: Array, reach: Array) -> Array:
    """Return the chance of coming to be filed by this route, and that times full performance and recovery."""
    total = np.zeros((3, len(seen.eta)))
    for means in range(len(CLASSES)):
        weight = seen.chances[:, means]
        total[0] += weight * place.of(reach[means])
        for j, chance in enumerate((lane[:, means], 1.0 - lane[:, means])):
            total[1:] += weight * chance * np.stack([place.of(table) for table in tables[means, j]])
    return total


def _contact_chance(seen: Seen, contact: int) -> Array:
    """Return the chance of reaching the debtor or not; what he then says is in the tables."""
    return 1.0 - seen.reach if contact == urging.UNREACHED else seen.reach


def _part_paid(contact: int, margins: Margins) -> float:
    """Return the mean share paid under urging by a debtor who did not pay in full."""
    if contact == urging.UNREACHED:
        return 0.0
    return float(margins.urging["part_paid"] * np.mean(margins.urging["part_share"]))


def _willingness(seen: Seen, place: Place, curves: Curves) -> Array:
    total = np.zeros(len(seen.eta))
    for contact in range(urging.CONTACTS):
        chance = _contact_chance(seen, contact)
        for means in range(len(CLASSES)):
            total += chance * seen.chances[:, means] * place.of(curves.urged.paid[contact, means])
    return total


def _measures(table: Array, margins: Margins) -> Array:
    """Turn (class, lane, measure, eta) into full performance and expected recovery: (class, lane, 2, eta)."""
    sale, other = shares(margins)
    cash = query.part_taken(margins)
    recovered = table[:, :, FULL] + cash[:, None, None] * table[:, :, PART]
    recovered = recovered + sale[:, None, None] * table[:, :, SALE] + other[:, None, None] * table[:, :, OTHER]
    return np.stack([table[:, :, FULL], recovered], axis=2)


def _lane_chances(seen: Seen, margins: Margins) -> Array:
    """Return the chance of the fast lane given the means, over queries and teams: (n, classes)."""
    simple = query.simple_chance(seen.small, firm=seen.firm, margins=margins)
    no, yes = habit.fast_chance(np.array([False, True]), margins).mean(axis=1)
    return np.asarray(simple * yes + (1.0 - simple) * no)


def after_query(seen: Seen, signs: query.Signs, route: Route, curves: Curves, margins: Margins) -> Columns:
    """Return the stage-B probabilities of filed cases."""
    simple = habit.looks_simple(
        seen.small, cash_full=signs.cash == query.ENOUGH, wage=signs.wage & signs.answered, realty=signs.realty > 0
    )  # fmt: skip
    found = (signs.cash == query.TRACE) | (signs.cash == query.PART)
    after = _After(
        place=Place.on_grid(seen.eta),
        post=seen.chances * query.likelihood(signs, firm=seen.firm, margins=margins),
        fast=habit.fast_chance(simple, margins).mean(axis=1),
        taken=np.where(found, query.TAKEN * signs.ratio, 0.0),
    )
    parts = np.empty((4, len(seen.eta)))
    direct, failed = np.flatnonzero(~route.urged), np.flatnonzero(route.urged)
    parts[:, direct] = _after_direct(after.at(direct), signs.lag[direct], curves, margins)
    parts[:, failed] = _after_urging(after.at(failed), signs.lag[failed], route.at(failed), curves, margins)
    return {
        "p_ability_180_b": parts[1] / parts[0],
        "p_quick_30_b": parts[2] / parts[0],
        "recovery_180_b": (1.0 - route.part) * parts[3] / parts[0],
    }


@dataclass(frozen=True)
class _After:
    """What a query has made known: weights of the classes, the chance of the fast lane, cash that will be taken."""

    place: Place
    post: Array
    fast: Array
    taken: Array

    def at(self, rows: Rows) -> _After:
        return _After(self.place.at(rows), self.post[rows], self.fast[rows], self.taken[rows])

    def over_lanes(self, tables: Array, key: Rows, margins: Margins) -> Array:
        """Return full, quick and recovered, not yet normalised; `tables` is (class, lane, key, measure, eta)."""
        sale, other = shares(margins)
        total = np.zeros((3, len(key)))
        for means in range(len(CLASSES)):
            for lane in range(len(LANES)):
                weight = self.post[:, means] * (self.fast if lane == 0 else 1.0 - self.fast)
                table = tables[means, lane]
                full, part, ended = (self.place.among(table[:, m], key) for m in (FULL, PART, OTHER))
                recovered = full + self.taken * part + other[means] * ended
                if means == CLASSES.index("property"):
                    recovered += sale[means] * self.place.among(table[:, SALE], key)
                total += weight * np.stack([full, self.place.among(table[:, QUICK], key), recovered])
        return total


def _after_direct(after: _After, lag: Rows, curves: Curves, margins: Margins) -> Array:
    total = after.post.sum(axis=1)
    return np.concatenate([total[None], after.over_lanes(curves.direct, lag, margins)])


def _after_urging(after: _After, lag: Rows, route: Route, curves: Curves, margins: Margins) -> Array:
    """Weigh every class by how likely it was not to have paid in the days that urging had."""
    contacts, ends, classes, lanes, lags, measures, eta = curves.failed.shape
    order = (2, 3, 0, 1, 4, 5, 6)
    tables = curves.failed.transpose(order).reshape(classes, lanes, contacts * ends * lags, measures, eta)
    unpaid = curves.urged.unpaid.transpose(2, 0, 1, 3).reshape(classes, contacts * ends, eta)
    way = route.contact * ends + route.end_day
    total = np.zeros(len(lag))
    for means in range(classes):
        total += after.post[:, means] * after.place.among(unpaid[means], way)
    return np.concatenate([total[None], after.over_lanes(tables, way * lags + lag, margins)])
