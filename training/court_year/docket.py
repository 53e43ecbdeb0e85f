"""The docket of a simulated court under one policy: every application with its lanes and what awaits it in each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from features.events import EVENT_KINDS
from features.known import Array
from features.register import Stage
from models.lanes import LANE_CODE, Lane
from models.lifecycle import fast_clock_days
from models.routes import Bools, Codes
from models.rules.table import RuleTable
from training.court_year.office.hours import OPENS
from training.court_year.settings import YearSettings
from training.court_year.urging_law import UrgingLaw
from training.history import History
from training.policies import Policy
from training.policies.by_rules import triaged
from training.scoring.input import Batch, Rows
from training.simulate import Arrivals, fading
from training.simulate.course import process, urging
from training.simulate.course.events import SOURCES, Events
from training.simulate.course.flow import Flow
from training.simulate.settings import load_margins
from training.simulate.tables import events_table, queries_table

CLOCKS = ("fast_cash_days", "fast_wage_days", "fast_other_days")
"""The court's parameters for the clock of the fast lane: with enough cash, with a fixed wage, otherwise."""

PART_AT = 0.6
"""Where in the window a debtor pays a part who does not pay in full, as a share of it."""


@dataclass(frozen=True, eq=False)
class Docket:
    """What the office has before it, shape (n,) each, in order of receipt; infinity is never.

    `first` and `second` are the lane codes at receipt and after the query.
    `urging` says when urging must end, and `urged_days` how many days of it are
    lost where the case is not paid; the fast lane ends `clock_days` after
    the day of filing. `way` holds the ways of a case under the fast and the
    complex lane. `delay_days` is how long filing is held back, which no honest
    policy does.
    """

    arrivals: Arrivals
    first: Codes
    second: Codes
    urging: UrgingLaw
    urged_days: Array
    clock_days: Array
    way: tuple[process.Ways, process.Ways]
    urgent: Bools
    delay_days: Array


def applications(arrivals: Arrivals) -> Batch:
    """Return the applications as a court sees them at receipt."""
    return _batch(_history(arrivals), Stage.A)


def docket_of(arrivals: Arrivals, batch: Batch, policy: Policy, settings: YearSettings) -> Docket:
    """Let a policy decide on every application, and after its query on every case that could come to be filed.

    The second decision is taken on the dates that a case has when nobody has
    to wait; the clock of the fast lane runs on the real ones.
    """
    first = policy.lanes(batch)
    way_in = _way_in(arrivals, batch, policy.rules, settings, first=first)
    later = _batch(_history(arrivals, way_in), Stage.B) if way_in.rows.size else None
    second = np.full(len(first), LANE_CODE[Lane.NONE], dtype=np.int8)
    if later is not None:
        second[way_in.rows] = policy.lanes(later)
    clocks = _clocks(policy.rules, way_in, later)
    return _laid_out(arrivals, batch, way_in, lanes=(first, second), clocks=clocks)


def held_back(docket: Docket, *, days: float, since: float) -> Docket:
    """Return the docket with filing held back for what is received from an instant on: what no court should gain by."""
    delay = np.where(docket.arrivals.received >= since, days, 0.0)
    return replace(docket, delay_days=delay, way=_ways(docket.arrivals, lost=docket.urged_days + delay))


def forced_docket(
    arrivals: Arrivals, batch: Batch, rules: RuleTable, settings: YearSettings, *, first: Codes, second: Codes
) -> Docket:
    """Return the docket in which every case goes where it is told, whatever the law says: to see what would follow.

    The clock of the fast lane takes turns among the days that it may have.
    """
    way_in = _way_in(arrivals, batch, rules, settings, first=first)
    days = np.array([rules.on(settings.year_from).number(name) + 1.0 for name in CLOCKS])
    clocks = days[np.arange(len(first)) % len(CLOCKS)]
    return _laid_out(arrivals, batch, way_in, lanes=(first, second), clocks=clocks)


@dataclass(frozen=True, eq=False)
class _WayIn:
    """How cases come to be filed when nobody has to wait: when, which of them after urging, and how that ends.

    `rows` are those that may be filed at all.
    """

    filed: Array
    urged: Bools
    days: Array
    law: UrgingLaw

    @property
    def rows(self) -> Rows:
        return np.flatnonzero(np.isfinite(self.filed))


def _way_in(arrivals: Arrivals, batch: Batch, rules: RuleTable, settings: YearSettings, *, first: Codes) -> _WayIn:
    urged = first == LANE_CODE[Lane.URGE]
    law = UrgingLaw.of(arrivals, batch, rules, clue_daily=settings.path.clue_daily)
    start = np.floor(arrivals.received + arrivals.chance.urge_wait)
    converts = start.copy()
    for row in np.flatnonzero(urged).tolist():
        converts[row] = law.ends(row, int(start[row]))[0]
    filed = np.where(urged, converts + OPENS, arrivals.received + arrivals.chance.file_wait)
    return _WayIn(np.where(first == LANE_CODE[Lane.NONE], np.inf, filed), urged, converts - start, law)


def _laid_out(arrivals: Arrivals, batch: Batch, way_in: _WayIn, *, lanes: tuple[Codes, Codes], clocks: Array) -> Docket:
    return Docket(
        arrivals=arrivals,
        first=lanes[0],
        second=lanes[1],
        urging=way_in.law,
        urged_days=np.where(way_in.urged, way_in.days, 0.0),
        clock_days=clocks,
        way=_ways(arrivals, lost=np.where(way_in.urged, way_in.days, 0.0)),
        urgent=np.nan_to_num(batch.columns["livelihood"].astype(np.float64)) > 0,
        delay_days=np.zeros(len(arrivals)),
    )


def _ways(arrivals: Arrivals, *, lost: Array) -> tuple[process.Ways, process.Ways]:
    """Return the ways under both lanes of debtors whose willingness has faded for so many days."""
    chance, margins = arrivals.chance, load_margins()
    will = chance.will + fading(margins) * lost
    fast, slow = (process.ways(chance.means, will, chance.shocks, lane=lane, margins=margins) for lane in (0, 1))
    return fast, slow


def _clocks(rules: RuleTable, way_in: _WayIn, batch: Batch | None) -> Array:
    """Return the days after filing on which the fast lane ends, by the clocks of the rules (H14)."""
    clocks = np.full(len(way_in.filed), np.inf)
    if batch is not None:
        for rows, found in triaged(batch, rules):
            clocks[way_in.rows[rows]] = fast_clock_days(found.routes.outcomes)
    return clocks


def _history(arrivals: Arrivals, way_in: _WayIn | None = None) -> History:
    """Return the record as a history, with queries and what urging left behind where these are asked for."""
    held = {"cases": arrivals.cases}
    if way_in is not None:
        flow = Flow(len(arrivals))
        lag = np.array(load_margins().query["lags"]["days"], dtype=np.float64)[arrivals.chance.signs.lag]
        flow.put(np.arange(len(arrivals)), {"filed_at": way_in.filed, "query_at": way_in.filed + lag})
        held["queries"] = queries_table(arrivals.sheet, flow, arrivals.chance.found, until=np.inf)
        held["events"] = events_table(arrivals.sheet, _urging_events(arrivals, way_in))
    return History.of_tables(held, observed_until={arrivals.court.code: "9999-12-31"})


def _urging_events(arrivals: Arrivals, way_in: _WayIn) -> Events:
    """Return what urging left behind in the file of a case that was not paid."""
    chance, rows = arrivals.chance, np.flatnonzero(way_in.urged)
    start = (arrivals.received + chance.urge_wait)[rows]
    contact, end = chance.contact[rows], way_in.filed[rows]
    reached = np.where(contact > urging.UNREACHED, start, np.inf)
    promised = np.where(contact == urging.PROMISED, np.minimum(start + chance.promise_day[rows], end), np.inf)
    partly = np.where(chance.part[rows] > 0, start + PART_AT * way_in.days[rows], np.inf)
    amount = np.round(np.nan_to_num(arrivals.claim[rows]) * chance.part[rows], 2)
    kinds = {"urge_start": start, "contact": reached, "promise": promised, "payment": partly, "convert": end}
    at = np.concatenate(list(kinds.values()))
    kind = np.repeat([EVENT_KINDS.index(name) for name in kinds], len(rows))
    row = np.tile(rows, len(kinds))
    money = np.where(kind == EVENT_KINDS.index("payment"), np.tile(amount, len(kinds)), np.nan)
    order = np.lexsort((kind, at, row))
    order = order[np.isfinite(at)[order]]
    source = np.where(np.isnan(money), -1, SOURCES.index("voluntary"))
    nothing = np.full(len(order), -1)
    return Events(row[order], at[order], at[order], kind[order], money[order], source[order], nothing)


def _batch(history: History, stage: Stage) -> Batch:
    known, columns, rows = history.known(stage)
    ids, courts = history.case_ids[rows].tolist(), history.courts[rows].tolist()
    return Batch(stage, ids, courts, known.as_of, columns, history.register)
