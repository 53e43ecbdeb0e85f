"""The course of all cases of one court: a debtor's first cases, then their second ones, which know of the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array
from training.simulate.course import habit, influence, process, query, urging
from training.simulate.course.influence import Index
from training.simulate.course.related import FULL, OTHER, STOCK, VOLUNTARY, ZHONGBEN, Ledger
from training.simulate.record.application import Record
from training.simulate.record.draws import Columns, Flags, Rng, Rows, between, flag, pick_rows
from training.simulate.record.observation import LISTS, REGISTRY
from training.simulate.settings import LANES, Court, Margins, Scenario

Values = Mapping[str, npt.NDArray[np.generic]]

LISTS_DOWN = 0.01
"""Share of cases in which the lists of debtors gave no answer."""


@dataclass(frozen=True)
class World:
    """What one court's cases go through: its ways, the margins and the times."""

    court: Court
    margins: Margins
    scenario: Scenario
    window: int

    def drift(self, years: Array) -> Array:
        """Return the change of the log-odds of performance since the start."""
        change = self.court.intercept + self.scenario.drift * years
        if not self.scenario.shock:
            return change
        return change - np.where(years >= self.scenario.shock["years"], self.scenario.shock["drop"], 0.0)


class Flow:
    """Columns of what happened, filled in round by round."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.columns: dict[str, Array] = {}

    def put(self, rows: Rows, values: Values) -> None:
        """Write values of some of the cases."""
        for name, value in values.items():
            if name not in self.columns:
                self.columns[name] = np.full(self.n, np.nan)
            self.columns[name][rows] = value

    def __getitem__(self, name: str) -> Array:
        """Return one column."""
        return self.columns[name]

    def rows(self, name: str) -> Rows:
        """Return one column of whole numbers."""
        return self.columns[name].astype(np.int64)

    def flags(self, name: str) -> Flags:
        """Return one column of yes and no."""
        return np.asarray(self.columns[name] == 1)


def run_flow(rng: Rng, record: Record, world: World) -> Flow:
    """Run every case of a court and return what happened, under the lane taken and under every other lane."""
    flow = Flow(len(record.years))
    ledger = _ledger(rng, record)
    seen = record.columns | {
        name: np.where(record.looked.registry_late, np.nan, record.columns[name]) for name in REGISTRY
    }
    firm, cause = record.firm, record.applicants.cause
    static = influence.index(
        influence.values_of_record(seen, cause, firm=firm, margins=world.margins), record.wrong, world.margins
    )
    flow.put(np.arange(flow.n), {
        "drift": world.drift(record.years),
        "reach": urging.reach_chance(seen),
        "urge_base": habit.urge_logit(seen, world.court, world.margins, firm=firm),
        "reluctance": habit.reluctance(seen),
    })  # fmt: skip
    push = influence.pushes(seen, firm=firm, margins=world.margins)
    for nth in range(int(record.debtors.nth.max()) + 1):
        rows = np.flatnonzero(record.debtors.nth == nth)
        history = _history(rng, record, ledger, rows, nth)
        _Round(rng, record, world, flow, rows).play(static.at(rows), push[rows], history)
        ledger.store(record.debtors.of[rows], STOCK + nth, _to_ledger(rng, flow, record, rows))
    return flow


def _ledger(rng: Rng, record: Record) -> Ledger:
    owners, first = np.unique(record.debtors.of, return_index=True)
    received = np.full(len(record.debtors.firm), record.columns["received_at"][0])
    received[owners] = record.columns["received_at"][first]
    ledger = Ledger.empty(len(received), origin=float(np.floor(record.columns["received_at"][0])))
    ledger.add_stock(rng, record.debtors.firm, received)
    return ledger


def _history(rng: Rng, record: Record, ledger: Ledger, rows: Rows, nth: int) -> Columns:
    """Look the debtors' earlier cases up; write them into the record and return them as seen in time."""
    known = ledger.known(record.debtors.of[rows], STOCK + nth, record.columns["received_at"][rows])
    known["sanction_n"] = rng.poisson(0.05 * known["prior_zhongben_n"]).astype(np.float64)
    known["as_creditor_n"] = rng.poisson(np.where(record.firm[rows], 0.25, 0.02)).astype(np.float64)
    down = rng.random(len(rows)) < LISTS_DOWN
    for name, values in known.items():
        full = record.columns.setdefault(name, np.full(len(record.years), np.nan))
        known[name] = np.where(down, np.nan, values)
        full[rows] = known[name]
    late = record.looked.lists_late[rows]
    return known | {name: np.where(late, np.nan, known[name]) for name in LISTS}


@dataclass(frozen=True)
class _Round:
    """One round: the nth case of every debtor who has one."""

    rng: Rng
    record: Record
    world: World
    flow: Flow
    rows: Rows

    def play(self, static: Index, push: Array, history: Columns) -> None:
        """Draw means and willingness, route, and run the case under every lane."""
        margins = self.world.margins
        index = static + influence.index(influence.values_of_history(history), {}, margins)
        drift = self.flow["drift"][self.rows]
        chances = influence.class_chances(push, index.means, margins)
        means = pick_rows(self.rng, chances)
        will = index.will + drift + margins.urging["noise"] * self.rng.standard_normal(len(means))
        seen = influence.class_chances(push, index.means_seen, margins)
        self._put({"means": means, "will": will, "eta": index.will_seen + drift})
        self._put({f"chance_{place}": seen[:, place] for place in range(seen.shape[1])})
        self._urge(means, will, history)
        self._query(means)
        self._lanes(means, will)

    def _put(self, values: Values) -> None:
        self.flow.put(self.rows, values)

    def _urge(self, means: Rows, will: Array, history: Columns) -> None:
        """Decide on urging and draw what it would bring, also where nobody was urged."""
        margins, n = self.world.margins, len(means)
        chance = habit.urge_chances(
            history, self.flow["urge_base"][self.rows], reluctance=self.flow["reluctance"][self.rows], margins=margins
        )
        clerk = habit.staff(self.rng, n, "clerks", margins)
        own = chance[np.arange(n), clerk]
        urged = self.rng.random(n) < own
        would = urging.draw_urging(
            self.rng, means, will, reach=self.flow["reach"][self.rows], window=self.world.window, margins=margins
        )
        received = self.record.columns["received_at"][self.rows]
        start = received + self.rng.uniform(*habit.URGING_WAIT, n)
        after = start + would.end_day + self.rng.uniform(0.1, 1.5, n)
        at_once = received + self.rng.uniform(*habit.FILING_WAIT, n)
        filed = np.where(urged, np.where(would.paid, np.inf, after), at_once)
        self._put({
            "urge_seen": chance.mean(axis=1), "urge_chance": own, "clerk": clerk, "urged": urged,
            "contact": would.contact, "promise_day": would.promise_day, "urge_paid_day": would.paid_day,
            "urge_end_day": would.end_day, "withdrawn": would.withdrawn, "urge_part": np.where(urged, would.part, 0.0),
            "urge_start": start, "filed_at": filed, "filed_at_once": at_once, "filed_after": after,
            "urge_part_would": np.where(would.paid, 0.0, would.part),
        })  # fmt: skip

    def _query(self, means: Rows) -> None:
        """Draw the query and, from what it shows, the lane."""
        margins = self.world.margins
        firm = self.record.firm[self.rows]
        signs = query.draw_signs(self.rng, means, firm=firm, margins=margins)
        small = habit.is_small({"claim_amount": self.record.columns["claim_amount"][self.rows]})
        simple = habit.looks_simple(
            small, cash_full=signs.cash == query.ENOUGH, wage=signs.wage & signs.answered, realty=signs.realty > 0
        )
        chance = habit.fast_chance(simple, margins)
        own = chance[np.arange(len(means)), habit.staff(self.rng, len(means), "teams", margins)]
        lane = np.where(self.rng.random(len(means)) < own, 0, 1)
        days = np.array(margins.query["lags"]["days"], dtype=np.float64)[signs.lag]
        self._put({"lane": lane, "lane_chance": np.where(lane == 0, own, 1.0 - own), "lag": signs.lag})
        self._put({"query_at": self.flow["filed_at"][self.rows] + days, "cash": signs.cash, "ratio": signs.ratio})
        self._put({"wage": signs.wage, "answered": signs.answered, "realty": signs.realty})
        self._put({"vehicle": signs.vehicle, "funds": signs.funds, "lag_days": days})

    def _lanes(self, means: Rows, will: Array) -> None:
        """Run the case under both lanes with the same chance, and keep the lane taken."""
        margins, n = self.world.margins, len(means)
        shocks = process.draw_shocks(self.rng, n)
        lag = self.flow["lag_days"][self.rows]
        courses = [process.run(means, will, shocks, lane=lane, lag=lag, margins=margins) for lane in range(len(LANES))]
        taken = self.flow["lane"][self.rows] == 0
        for name in ("closed", "how", "paid_by", "part_day", "sale_day"):
            fast, slow = getattr(courses[0], name), getattr(courses[1], name)
            self._put({name: np.where(taken, fast, slow), f"{name}_fast": fast, f"{name}_complex": slow})
        self._put(self._shares(means))
        broken = (self.flow["paid_by"][self.rows] != process.VOLUNTARY) & (
            self.rng.random(n) < margins.course["settlement_broken"]
        )
        self._put({"broken": broken})
        self._put(self._before_the_cut(self.rows))

    def _shares(self, means: Rows) -> dict[str, Array]:
        """Draw what share of the claim each kind of partial recovery brings, should it come."""
        c, n = self.world.margins.course, len(means)
        cash, ratio = self.flow["cash"][self.rows], self.flow["ratio"][self.rows]
        settles = (self.rng.random(n) < c["other_paid"]) & (means != process.PROPERTY)
        return {
            "part_share": np.where((cash == query.TRACE) | (cash == query.PART), query.TAKEN * ratio, 0.0),
            "sale_share": between(self.rng, n, c["sale_share"]),
            "other_share": np.where(settles, between(self.rng, n, c["other_share"]), 0.0),
        }

    def _before_the_cut(self, rows: Rows) -> dict[str, Array]:
        """Bring some 终本 that fall due after the statistics cut of 20 December before it, where the law allows.

        The same cases under every lane: what would have been is closed by the same habit as what was.
        """
        earlier = self.rng.uniform(0.0, 12.0, len(rows))
        hurried = self.rng.random(len(rows)) < self.world.margins.course["year_end"]
        suffixes = ("", *(f"_{lane}" for lane in LANES))
        return {f"closed{suffix}": self._cut(rows, suffix, earlier, hurried) for suffix in suffixes}

    def _cut(self, rows: Rows, suffix: str, earlier: Array, hurried: Flags) -> Array:
        """Return the day of closing under a lane, brought forward where the case is hurried and may be."""
        at, closed = self.flow["filed_at"][rows], self.flow["closed" + suffix][rows]
        with np.errstate(invalid="ignore"):
            day = np.where(np.isfinite(at), at, self.flow["filed_at_once"][rows]) + closed
        year_start = day.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.float64)
        past_cut = np.where(day - year_start > 180, day - year_start - 354.0, day - year_start + 12.0)
        due = (past_cut > 0) & (past_cut < 30) & (self.flow["how" + suffix][rows] == process.ZHONGBEN)
        moved = closed - past_cut - earlier
        money = np.stack([self.flow["part_day" + suffix][rows], self.flow["sale_day" + suffix][rows]])
        latest = np.where(np.isfinite(money), money, 0.0).max(axis=0)
        allowed = (moved > process.ZHONGBEN_FROM) & (moved > latest)
        return np.where(due & allowed & hurried, moved, closed)


def recovered_by(flow: Flow, day: float | Array, *, rows: Rows, suffix: str = "") -> Array:
    """Return the share of what was due at filing that was received by a day after filing, under a lane.

    `day` is one for all, or one for each of the rows.
    """
    closed, how = flow["closed" + suffix][rows], flow["how" + suffix][rows]
    part = np.where(flow["part_day" + suffix][rows] <= day, flow["part_share"][rows], 0.0)
    sale = np.where(flow["sale_day" + suffix][rows] <= day, flow["sale_share"][rows], 0.0)
    other = np.where((how == process.OTHER) & (closed <= day), flow["other_share"][rows], 0.0)
    return np.where((how == process.FULL) & (closed <= day), 1.0, part + sale + other)


def _to_ledger(rng: Rng, flow: Flow, record: Record, rows: Rows) -> dict[str, Array]:
    """Return what later cases of the same debtors will find in the register."""
    paid = flow.flags("urged")[rows] & ~np.isfinite(flow["filed_at"][rows])
    how, means = flow["how"][rows], flow["means"][rows]
    end = np.select([paid, how == process.FULL, how == process.ZHONGBEN], [VOLUNTARY, FULL, ZHONGBEN], default=OTHER)
    filed = flow["filed_at"][rows]
    closed = np.where(paid, flow["urge_start"][rows] + flow["urge_paid_day"][rows], filed + flow["closed"][rows])
    amount = np.nan_to_num(record.columns["claim_amount"][rows])
    reason = np.where(means == 0, 0.0, np.where(means == process.PROPERTY, 1.0, 2.0))
    listed = flag(rng, np.where(end == ZHONGBEN, 0.62, 0.12))
    share = recovered_by(flow, np.inf, rows=rows)
    return {
        "filed": filed, "closed": closed + 1.0, "end": end, "amount": amount, "recovered": amount * share,
        "reason": reason, "listed": listed, "broken": flow["broken"][rows],
    }  # fmt: skip
