"""Debtors: persons and firms, how many cases each has and when, and what the company register says of firms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from training.simulate.record.draws import Columns, Flags, Rng, Rows, code, flag, pick_code

MOST_CASES = 16
FIRMS = {"company": 0.94, "unincorporated": 0.03, "public_body": 0.015, "village_collective": 0.015}
RELIEF = {"none": 0.994, "applied": 0.003, "running": 0.002, "failed": 0.001}
INDUSTRIES = (
    "F5219", "C1810", "E4710", "L7299", "H6210", "K7010", "C3360", "G5430", "F5189", "A0111", "I6510", "O8090",
)  # fmt: skip
"""Codes of GB/T 4754-2017: retail, clothing, building, business services, restaurants, property, and so on."""


@dataclass(frozen=True)
class Debtors:
    """One entry a debtor; `of` gives the debtor of each case, `nth` which of the debtor's cases it is (from 0)."""

    firm: Flags
    facts: Columns
    of: Rows
    nth: Rows


def draw_owners(rng: Rng, n: int, firms: float) -> tuple[Flags, Rows]:
    """Return for each debtor whether it is a firm, and for each case, in order of time, its debtor.

    A debtor's later cases follow the first one within months: trouble comes in
    clusters. Most debtors have one case.
    """
    firm = rng.random(n) < firms
    more = rng.random(n) < np.where(firm, 0.26, 0.15)
    extra = rng.geometric(np.where(firm, 0.30, 0.45), n)
    sizes = np.minimum(1 + np.where(more, extra, 0), MOST_CASES)
    debtors = int(np.searchsorted(np.cumsum(sizes), n)) + 1
    owner = np.repeat(np.arange(debtors), sizes[:debtors])[:n]
    first = np.repeat(rng.random(debtors), sizes[:debtors])[:n]
    later = np.where(np.diff(owner, prepend=-1) == 0, rng.exponential(0.16, n), 0.0)
    place = first + later
    place = np.where(place > 1.0, first * rng.random(n), place)
    return firm[:debtors], owner[np.argsort(place, kind="stable")]


def draw_debtors(rng: Rng, firm: Flags) -> Columns:
    """Return what is permanent about each debtor, in columns of one entry a debtor."""
    n = len(firm)
    person = pick_code(rng, n, field="debtor_type", weights={"person": 0.91, "individual_business": 0.09})
    company = pick_code(rng, n, field="debtor_type", weights=FIRMS)
    local = rng.random(n) < 0.72
    birth: Array = rng.normal(43.0, 11.5, n)
    facts = {
        "debtor_type": np.where(firm, company, person),
        "birth": birth.clip(16.5, 88.0),
        "gender": np.where(rng.random(n) < 0.70, code("gender", "M"), code("gender", "F")),
        "local": local.astype(np.float64),
        "region": rng.integers(0, 40, n).astype(np.float64),
        "in_jurisdiction": flag(rng, np.where(local, 0.92, 0.55)),
        "foreign_hkmt": flag(rng, np.full(n, 0.004)),
        "military": flag(rng, np.full(n, 0.001)),
        "in_custody": flag(rng, np.where(firm, 0.0, 0.012)),
        "dead": flag(rng, np.where(firm, 0.0, 0.006)),
        "debt_relief_status": np.where(firm, 0.0, pick_code(rng, n, field="debt_relief_status", weights=RELIEF)),
    }
    return facts | _firm_facts(rng, n)


def _firm_facts(rng: Rng, n: int) -> Columns:
    """Return registry facts; `stops_in` is the years from now until the firm stops, negative if it has."""
    capital = np.floor(np.exp(rng.normal(5.3, 1.6, n)))
    stopped = rng.random(n) < 0.17
    return {
        "age_of_firm": rng.gamma(1.6, 4.5, n) + 0.3,
        "capital": capital,
        "paid_in": np.round(capital * np.where(rng.random(n) < 0.55, rng.random(n), 0.0), 1),
        "industry": rng.integers(0, len(INDUSTRIES), n).astype(np.float64),
        "stops_in": np.where(stopped, -rng.exponential(1.5, n), rng.exponential(14.0, n)),
        "stop_kind": rng.random(n),
        "trouble": rng.random(n),
        "headcount": np.floor(np.exp(rng.normal(1.9, 1.3, n))),
        "bankruptcy": rng.random(n),
    }


def person_columns(rng: Rng, debtors: Debtors, years: Array) -> Columns:
    """Return the columns of each case that say who the debtor is."""
    own = {name: values[debtors.of] for name, values in debtors.facts.items()}
    firm = debtors.firm[debtors.of]
    public = own["debtor_type"] == code("debtor_type", "public_body")
    return {
        "debtor_type": own["debtor_type"],
        "age": np.where(firm, np.nan, np.floor(own["birth"] + years)),
        "gender": np.where(firm, np.nan, own["gender"]),
        "in_jurisdiction": own["in_jurisdiction"],
        "foreign_hkmt": own["foreign_hkmt"],
        "military": own["military"],
        "public_entity": public.astype(np.float64),
        "id_checksum_ok": flag(rng, np.full(len(firm), 0.997)),
        "in_custody": np.where(firm, np.nan, own["in_custody"]),
        "debt_relief_status": own["debt_relief_status"],
        "joint_marital_debt": np.where(firm, np.nan, flag(rng, np.full(len(firm), 0.05))),
        "dead_or_deregistered": np.where(own["dead"] == 1, code("dead_or_deregistered", "dead"), 0.0),
    }


def registry_columns(rng: Rng, debtors: Debtors, years: Array) -> Columns:
    """Return what the company register showed when it was looked at; missing for persons."""
    own = {name: values[debtors.of] for name, values in debtors.facts.items()}
    left = own["stops_in"] - years
    status = _status(left, own["stop_kind"])
    active = status == code("reg_status", "active")
    trouble = own["trouble"] + np.where(active, 0.0, 0.35)
    n = len(left)
    columns = {
        "reg_status": status,
        "est_years": np.round(own["age_of_firm"] + years, 1),
        "reg_capital": own["capital"],
        "paid_in_capital": own["paid_in"],
        "abnormal_list": flag(rng, np.where(trouble > 0.82, 0.55, 0.03)),
        "serious_illegal": flag(rng, np.where(trouble > 0.95, 0.25, 0.004)),
        "equity_frozen_n": np.where(trouble > 0.75, rng.poisson(0.8, n), 0).astype(np.float64),
        "chattel_mortgage_n": rng.poisson(0.15, n).astype(np.float64),
        "insured_headcount": np.where(active, own["headcount"], 0.0),
        "legal_rep_changed": flag(rng, np.where(trouble > 0.8, 0.18, 0.06)),
        "tax_arrears": flag(rng, np.where(trouble > 0.85, 0.22, 0.02)),
        "bankruptcy_case": _bankruptcy(own["bankruptcy"] - 0.01 * (trouble > 0.9)),
        "industry_code": own["industry"],
    }
    without = own["debtor_type"] == code("debtor_type", "person")
    return {name: np.where(without, np.nan, values) for name, values in columns.items()}


def _status(left: Array, kind: Array) -> Array:
    """Return the registration status: running until it stops, then one of the ways of having stopped."""
    bounds = (0.35, 0.6, 0.9)
    names = ("licence_revoked", "deregistered", "suspended", "liquidation")
    stopped = np.array([code("reg_status", name) for name in names])[np.searchsorted(bounds, kind)]
    return np.where(left > 0, code("reg_status", "active"), stopped)


def _bankruptcy(draw: Array) -> Array:
    names = ("accepted", "declared", "reorganisation", "none")
    return np.array([code("bankruptcy_case", name) for name in names])[np.searchsorted((0.006, 0.008, 0.012), draw)]


def with_registry(columns: Columns) -> Columns:
    """Return the columns with a stopped firm also marked as gone."""
    gone = columns["dead_or_deregistered"].copy()
    for name in ("deregistered", "licence_revoked"):
        gone[columns["reg_status"] == code("reg_status", name)] = code("dead_or_deregistered", name)
    return columns | {"dead_or_deregistered": gone}
