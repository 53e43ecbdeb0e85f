"""One court from end to end: applications, courses, records, oracle, tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa

from features.clock import days_of
from features.known import Array
from training.simulate import tables
from training.simulate.arrow import case_ids
from training.simulate.course import oracle, query
from training.simulate.course.curves import curves
from training.simulate.course.flow import Flow, World, run_flow
from training.simulate.course.habit import is_small
from training.simulate.course.recording import write_events
from training.simulate.decisions import decisions_table
from training.simulate.record.application import Record, draw_record
from training.simulate.record.calendar import years_since
from training.simulate.settings import CLASSES, Court, CourtSettings, Margins, Scenario, load_margins


def court_sizes(settings: CourtSettings) -> dict[int, int]:
    """Return how many cases each court receives; largest remainders, at least one."""
    margins = load_margins()
    weight = np.array([court.weight for court in margins.courts[: settings.courts]])
    exact = weight / weight.sum() * (settings.n - settings.courts)
    sizes = np.floor(exact).astype(np.int64) + 1
    left = settings.n - int(sizes.sum())
    sizes[np.argsort(np.floor(exact) - exact, kind="stable")[:left]] += 1
    return dict(enumerate(sizes.tolist()))


def simulate_court(number: int, n: int, seed: np.random.SeedSequence, settings: CourtSettings) -> dict[str, pa.Table]:
    """Return all tables of one court; the same seed gives the same tables."""
    margins = load_margins()
    court = margins.courts[number]
    rng = np.random.default_rng(seed)
    scenario = _dated(margins.scenarios[settings.scenario], settings.start)
    window = (settings.start, settings.end)
    record = draw_record(rng, n, court=court, margins=margins, scenario=scenario, window=window)
    flow = run_flow(rng, record, World(court, margins, scenario, court.window))
    until = days_of(settings.observed_until) + 1.0
    events = write_events(rng, record, flow, until=until, margins=margins)
    sheet = tables.Sheet(number + 1, court, case_ids(number + 1, n), settings.seed, margins)
    firm = record.firm
    found = query.query_columns(rng, _signs(flow), record.columns["claim_amount"], firm=firm)
    return {
        "cases": tables.cases_table(rng, sheet, record, flow.rows("clerk")),
        "queries": tables.queries_table(sheet, flow, found, until=until),
        "events": tables.events_table(sheet, events),
        "decisions": decisions_table(rng, sheet, record, flow, until=until),
        "debtors": tables.debtors_table(sheet, record),
        "truth": tables.truth_table(sheet, record, flow, oracle_columns(record, flow, court, margins)),
    }


def _dated(scenario: Scenario, start: date) -> Scenario:
    """Return the scenario with its sudden change placed in years from the start."""
    if not scenario.shock:
        return scenario
    years = float(years_since(np.array([days_of(scenario.shock["from"])]), start)[0])
    return replace(scenario, shock={**scenario.shock, "years": years})


def _signs(flow: Flow) -> query.Signs:
    return query.Signs(
        cash=flow.rows("cash"), ratio=flow["ratio"], wage=flow.flags("wage"), answered=flow.flags("answered"),
        realty=flow.rows("realty"), vehicle=flow.rows("vehicle"), funds=flow.flags("funds"), lag=flow.rows("lag"),
    )  # fmt: skip


def oracle_columns(record: Record, flow: Flow, court: Court, margins: Margins) -> dict[str, Array]:
    """Return the oracle's probabilities; those of filed cases are missing for the others, recovery without a claim."""
    claim = record.columns["claim_amount"]
    seen = oracle.Seen(
        eta=flow["eta"],
        chances=np.stack([flow[f"chance_{place}"] for place in range(len(CLASSES))], axis=1),
        reach=flow["reach"],
        urge=flow["urge_seen"],
        small=is_small({"claim_amount": claim}),
        firm=record.firm,
    )
    route = oracle.Route(flow.flags("urged"), flow.rows("contact"), flow.rows("urge_end_day"), flow["urge_part"])
    table = curves(court.window)
    values = oracle.at_application(seen, table, margins) | oracle.after_query(seen, _signs(flow), route, table, margins)
    filed = np.isfinite(flow["filed_at"])
    for name in values:
        if name != "p_willingness_15":
            values[name] = np.where(filed, values[name], np.nan)
    for name in ("recovery_180_a", "recovery_180_b"):
        values[name] = np.where(np.isnan(claim), np.nan, values[name])
    return values
