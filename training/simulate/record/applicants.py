"""Causes and applicants: who applies, bulk lenders with their batches, and what the form says of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from features.register import load_register
from training.simulate.record.draws import Columns, Flags, Rng, Rows, code, flag, nth_of, pick, pick_code, pick_rows
from training.simulate.settings import Court, Margins, Scenario

POOLS = {"bank": 8, "nonbank_financial": 6, "distressed_asset_assignee": 4, "enterprise": 12}
"""Bulk applicants of one court, by kind; enterprises only for property fees and heating."""

BATCHED = ("credit_card", "property_fee", "heating", "financial_loan")
IN_BATCH = 0.20
LARGEST_BATCH = 12
YEAR = 365.0


@dataclass(frozen=True)
class Applicants:
    """Of each case: the cause's place, the applicant (a number within the court), whether it is a bulk one."""

    cause: Rows
    who: Rows
    bulk: Flags
    kind: Array

    def at(self, rows: Rows) -> Applicants:
        """Return the applicants of some of the cases."""
        return Applicants(self.cause[rows], self.who[rows], self.bulk[rows], self.kind[rows])


def draw_causes(rng: Rng, firm: Flags, years: Array, *, court: Court, margins: Margins, scenario: Scenario) -> Rows:
    """Return the place of each case's cause; shares depend on the court, the debtor and the year."""
    causes = margins.causes
    profile = margins.profiles[court.profile]
    share = np.array([c.share * profile.get(name, 1.0) for name, c in causes.items()])
    firms = np.array([c.firms for c in causes.values()])
    tilt = np.array([scenario.tilt.get(name, 0.0) for name in causes])
    weights = np.where(firm[:, None], share * firms, share * (1.0 - firms)) * np.exp(years[:, None] * tilt)
    return pick_rows(rng, weights * _shock(years, causes=tuple(causes), scenario=scenario))


def _shock(years: Array, *, causes: tuple[str, ...], scenario: Scenario) -> Array:
    """Return what a sudden change does to the causes' shares."""
    if not scenario.shock:
        return np.ones((1, len(causes)))
    jump = np.array([scenario.shock.get(name, 0.0) for name in causes])
    return np.exp(np.where(years[:, None] >= scenario.shock["years"], jump, 0.0))


def draw_applicants(rng: Rng, cause: Rows, margins: Margins) -> Applicants:
    """Return who applies in each case; bulk applicants come from the court's own pool, large ones more often."""
    kinds = load_register()["applicant_type"].codes
    table = np.array([[c.applicants.get(kind, 0.0) for kind in kinds] for c in margins.causes.values()])
    kind = pick_rows(rng, table[cause])
    names = tuple(margins.causes)
    utility = np.isin(cause, [names.index("property_fee"), names.index("heating")])
    who = 100_000 + np.arange(len(cause))
    bulk = np.zeros(len(cause), dtype=bool)
    for name, size in POOLS.items():
        place = kinds.index(name)
        rows = (kind == place) & (utility if name == "enterprise" else True)
        who[rows] = 100 * place + pick(rng, int(rows.sum()), weights=1.0 / np.arange(1, size + 1))
        bulk |= rows
    return Applicants(cause, who, bulk, kind.astype(np.float64))


def batches(rng: Rng, applicants: Applicants, owner: Rows, received: Array, margins: Margins) -> Rows:
    """Return the batch of each case, -1 for none.

    A batch is one bulk applicant's applications under one contract template, or
    one employer's workers, in one month, twelve at most; two make no batch.
    """
    names = tuple(margins.causes)
    n = len(received)
    template = applicants.bulk & np.isin(applicants.cause, [names.index(c) for c in BATCHED])
    template &= rng.random(n) < IN_BATCH
    workers = applicants.cause == names.index("labour_pay")
    month = (received // 30).astype(np.int64)
    key = np.where(template, (applicants.who * 64 + applicants.cause) * 4096 + month, -1)
    key = np.where(workers, (np.int64(1) << 42) + owner * 4096 + month, key)
    key = np.where(key >= 0, key * 4096 + nth_of(key) // LARGEST_BATCH, -1)
    _, place, count = np.unique(key, return_inverse=True, return_counts=True)
    return np.where((key >= 0) & (count[place] >= 3), place, -1)


def together(received: Array, batch: Rows) -> Array:
    """Return the instants of receipt with each batch handed in at once, a minute apart."""
    rows = np.flatnonzero(batch >= 0)
    order = rows[np.argsort(batch[rows], kind="stable")]
    first = np.searchsorted(batch[order], batch[order])
    moved = received.copy()
    moved[order] = received[order[first]] + (np.arange(len(order)) - first) / 1440.0
    return moved


def applicant_columns(rng: Rng, applicants: Applicants, batch: Rows, received: Array) -> Columns:
    """Return the columns about the applicant, as of the day of receipt."""
    n = len(received)
    person = applicants.kind == code("applicant_type", "person")
    size = np.ones(n)
    members = batch >= 0
    size[members] = np.bincount(batch[members])[batch[members]]
    assigned = applicants.kind == code("applicant_type", "distressed_asset_assignee")
    consent = {"agree": 0.64, "refuse": 0.12, "not_asked": 0.24}
    certificate = np.where(applicants.bulk & ~person, 0.16, 0.005)
    return {
        "applicant_type": applicants.kind,
        "n_applicants": np.where(person, 1.0 + rng.poisson(0.12, n), 1.0),
        "has_lawyer": flag(rng, np.where(person, 0.33, 0.52)),
        "assigned_claim": np.where(assigned, 1.0, flag(rng, np.full(n, 0.01))),
        "consent_urge": pick_code(rng, n, field="consent_urge", weights=consent),
        "wants_no_asset_cert": flag(rng, certificate),
        "applicant_bulk_12m": _last_year(rng, applicants.who, received),
        "applicant_hardship": flag(rng, np.where(person, 0.02, 0.0)),
        "payee_confirmed": flag(rng, np.full(n, 0.93)),
        "intake_channel": _channel(rng, n, members),
        "batch_size": size,
        "group_case": ((size >= 10) & person).astype(np.float64),
    }


def _channel(rng: Rng, n: int, members: Flags) -> Array:
    weights = {"counter": 0.42, "online": 0.46, "transfer": 0.05, "cross_region": 0.07}
    drawn = pick_code(rng, n, field="intake_channel", weights=weights)
    return np.where(members & (rng.random(n) < 0.8), code("intake_channel", "batch"), drawn)


def _last_year(rng: Rng, who: Rows, received: Array) -> Array:
    """Count each applicant's earlier applications in this court within twelve months.

    For the first year the court's older register is stood in for by the
    applicant's usual pace.
    """
    order = np.lexsort((received, who))
    span = float(np.ceil(received.max()) + 2 * YEAR)
    key = who[order] * span + received[order]
    earlier = np.searchsorted(key, key) - np.searchsorted(key, key - YEAR)
    count = np.empty(len(who))
    count[order] = earlier
    years = max((received.max() - received.min()) / YEAR, 1.0)
    _, place, total = np.unique(who, return_inverse=True, return_counts=True)
    unseen = np.clip(1.0 - (received - received.min()) / YEAR, 0.0, 1.0)
    pace = np.where(total[place] > 3, total[place] / years, 0.02)
    return np.asarray(count + rng.poisson(pace * unseen))


def sensitivity_columns(rng: Rng, group_case: Array) -> Columns:
    """Return the flags that call for care, which no payment model may read."""
    n = len(group_case)
    return {
        "petition_risk": flag(rng, 0.006 + 0.05 * group_case),
        "supervised": flag(rng, np.full(n, 0.004)),
        "criminal_overlap": flag(rng, np.full(n, 0.006)),
    }
