"""A court's applications with what every lane would bring to each: what a simulated year of policies starts from.

Unlike a history, which tells what became of each case under one lane, this
keeps what chance holds for a case before any lane is chosen. The same draws
meet every policy, so that policies differ by what they do and by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa

from features.clock import days_of
from features.known import Array
from training.simulate import tables
from training.simulate.arrow import case_ids
from training.simulate.course import habit, process, query, urging
from training.simulate.course.flow import Flow, World, run_flow
from training.simulate.record.application import Record, draw_record
from training.simulate.record.calendar import day_weights
from training.simulate.record.draws import Columns, Flags, Rng, Rows, between
from training.simulate.settings import CLASSES, Court, CourtSettings, Margins, load_margins


@dataclass(frozen=True, eq=False)
class Chance:
    """What chance holds for n cases, whatever is decided; days count from the start of the step that they belong to.

    `means` and `will` are what a debtor has and wants. `eta`, `chances` (n,
    classes) and `reach` are what anyone who knew the generator would expect of
    them at receipt. `leave_day` is when an applicant would withdraw from
    urging, `vanish_day` how many days lost take unsecured means away; infinity
    is never. `found` holds the columns of the query.
    """

    means: Rows
    will: Array
    eta: Array
    chances: Array
    reach: Array
    contact: Rows
    promise_day: Array
    urge_paid_day: Array
    leave_day: Array
    part: Array
    file_wait: Array
    urge_wait: Array
    signs: query.Signs
    found: Columns
    shocks: process.Shocks
    part_share: Array
    sale_share: Array
    other_share: Array
    vanish_day: Array
    clue_draw: Array
    work: Array


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Applications in order of receipt: the record as a cases table, and apart from it what chance holds."""

    court: Court
    sheet: tables.Sheet
    cases: pa.Table
    received: Array
    claim: Array
    firm: Flags
    secured: Flags
    chance: Chance

    def __len__(self) -> int:
        """Return the number of applications."""
        return len(self.received)


@dataclass(frozen=True)
class Span:
    """Which applications: `per_year` of them on average in the year from `year_from`, kept from `first` to `last`.

    Debtors and drift are those of a world that begins on `world_from`, as in
    the histories that the simulator writes.
    """

    first: date
    last: date
    year_from: date
    year_until: date
    per_year: int
    world_from: date = CourtSettings().start
    scenario: str = "base"


def draw_arrivals(seed: np.random.SeedSequence, *, court: int, span: Span) -> Arrivals:
    """Draw the applications of one of the simulated courts; the same seed gives the same applications and chances."""
    record_seed, chance_seed = seed.spawn(2)
    margins = load_margins()
    place, scenario = margins.courts[court], margins.scenarios[span.scenario]
    n = _whole_world(span)
    rng = np.random.default_rng(record_seed)
    window = (span.world_from, span.last)
    record = draw_record(rng, n, court=place, margins=margins, scenario=scenario, window=window)
    flow = run_flow(rng, record, World(place, margins, scenario, place.window))
    sheet = tables.Sheet(court + 1, place, case_ids(court + 1, n), int(record_seed.generate_state(1)[0]), margins)
    kept = np.flatnonzero(record.columns["received_at"] >= days_of(span.first))
    cases = tables.cases_table(rng, sheet, record, flow.rows("clerk")).slice(n - len(kept))
    return Arrivals(
        court=place,
        sheet=replace(sheet, ids=cases["case_id"].combine_chunks()),
        cases=cases,
        received=record.columns["received_at"][kept],
        claim=record.columns["claim_amount"][kept],
        firm=record.firm[kept],
        secured=((record.columns["preserved"] == 1) & (record.columns["first_seal"] == 1))[kept],
        chance=_chance(np.random.default_rng(chance_seed), record, flow, kept, margins),
    )


def _whole_world(span: Span) -> int:
    """Return how many applications the world needs so that the year gets its number on average."""
    scenario = load_margins().scenarios[span.scenario]
    days, weight = day_weights(start=span.world_from, end=max(span.last, span.year_until), scenario=scenario)
    year = (days >= days_of(span.year_from)) & (days < days_of(span.year_until))
    whole = days <= days_of(span.last)
    return max(round(float(span.per_year * weight[whole].sum() / weight[year].sum())), 1)


def _chance(rng: Rng, record: Record, flow: Flow, kept: Rows, margins: Margins) -> Chance:
    means, will, n = flow.rows("means")[kept], flow["will"][kept], len(kept)
    firm, claim = record.firm[kept], record.columns["claim_amount"][kept]
    longest = int(margins.urging["longest"])
    would = urging.draw_urging(rng, means, will, reach=flow["reach"][kept], window=longest, margins=margins)
    signs = query.draw_signs(rng, means, firm=firm, margins=margins)
    c = margins.course
    settles = (rng.random(n) < c["other_paid"]) & (means != process.PROPERTY)
    some_cash = (signs.cash == query.TRACE) | (signs.cash == query.PART)
    return Chance(
        means=means,
        will=will,
        eta=flow["eta"][kept],
        chances=np.stack([flow[f"chance_{i}"][kept] for i in range(len(CLASSES))], axis=1),
        reach=flow["reach"][kept],
        contact=would.contact,
        promise_day=would.promise_day,
        urge_paid_day=would.paid_day,
        leave_day=np.where(would.withdrawn, would.end_day, np.inf),
        part=would.part,
        file_wait=rng.uniform(*habit.FILING_WAIT, n),
        urge_wait=rng.uniform(*habit.URGING_WAIT, n),
        signs=signs,
        found=query.query_columns(rng, signs, claim, firm=firm),
        shocks=process.draw_shocks(rng, n),
        part_share=np.where(some_cash, query.TAKEN * signs.ratio, 0.0),
        sale_share=between(rng, n, c["sale_share"]),
        other_share=np.where(settles, between(rng, n, c["other_share"]), 0.0),
        vanish_day=rng.exponential(1.0, n) / np.maximum(vanishing(margins)[means], 1e-12),
        clue_draw=rng.exponential(1.0, n),
        work=rng.standard_normal(n),
    )


def fading(margins: Margins) -> float:
    """Return how much willingness falls with each day that is lost: the generator's own effect of a debt's age."""
    effect = margins.effects["years_since_due"]
    return float(2.0 * effect.will * np.log(effect.odds) / 365.25)


def vanishing(margins: Margins) -> Array:
    """Return the chance a day, by class, that unsecured means are gone: what the age of a debt does to means.

    The same effect moves the weight of every class against having nothing at
    all; a case that had means and would have none later has lost them.
    """
    effect = margins.effects["years_since_due"]
    daily = -2.0 * (1.0 - effect.will) * np.log(effect.odds) / 365.25
    pull = np.array([margins.means[name]["pull"] for name in CLASSES])
    return np.asarray(np.maximum(pull - pull[0], 0.0) * daily)
