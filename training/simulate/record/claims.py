"""The claim: what is to be paid, to whom it is secured, and what the applicant knows of the debtor's things."""

from __future__ import annotations

import numpy as np

from features.known import Array
from training.simulate.record.draws import Columns, Flags, Rng, Rows, code, flag, pick_code, sigmoid
from training.simulate.settings import Margins

LARGEST = 4e8
SMALLEST = 200.0
USUAL = 10.9
"""ln of a usual claim in yuan."""

LENDING = ("financial_loan", "credit_card", "guarantee", "recourse")
CLUE_WEIGHTS = (0.34, 0.22, 0.24, 0.13, 0.05, 0.05, 0.04, 0.04, 0.10, 0.05)
"""Share of forms that name each kind of clue, in the register's order: deposit, realty, vehicle, wage, and so on."""

COLLATERAL = {
    "dwelling": 0.55, "shop": 0.12, "factory": 0.08, "land": 0.04, "vehicle": 0.12, "equipment": 0.04,
    "receivable": 0.02, "equity": 0.02, "other": 0.01,
}  # fmt: skip
PRESERVED_WHEN = {"pre_suit": 0.3, "during_suit": 0.6, "pre_enforcement": 0.06, "arbitration": 0.04}


def claim_columns(rng: Rng, cause: Rows, *, firm: Flags, agreed: Flags, margins: Margins) -> Columns:
    """Return the columns of the claim; the amount is missing where money is not what is owed."""
    n = len(cause)
    mu = np.array([c.mu for c in margins.causes.values()])[cause]
    sigma = np.array([c.sigma for c in margins.causes.values()])[cause]
    claim = np.round(np.exp(rng.normal(mu, sigma)).clip(SMALLEST, LARGEST), 2)
    lending = np.isin(cause, [tuple(margins.causes).index(name) for name in LENDING])
    principal = np.round(claim * np.where(lending, rng.uniform(0.62, 0.95, n), rng.uniform(0.85, 1.0, n)), 2)
    paid = np.where(rng.random(n) < np.where(agreed, 0.30, 0.11), rng.uniform(0.05, 0.8, n), 0.0)
    relief = _relief(rng, lending)
    columns = {
        "claim_amount": claim,
        "principal": principal,
        "ordinary_interest": np.round((claim - principal) * np.where(lending, 0.8, 0.5), 2),
        "paid_before": np.round(claim * paid, 2),
    }
    money = np.isin(relief, [code("relief_type", "money"), code("relief_type", "mixed")])
    columns = {name: np.where(money, values, np.nan) for name, values in columns.items()}
    return columns | {"relief_type": relief} | _parties(rng, firm, lending) | _security(rng, cause, claim, margins)


def _relief(rng: Rng, lending: Flags) -> Array:
    weights = {"money": 0.948, "mixed": 0.014, "delivery": 0.02, "act": 0.015, "omission": 0.003}
    drawn = pick_code(rng, len(lending), field="relief_type", weights=weights)
    return np.where(lending, code("relief_type", "money"), drawn)


def _parties(rng: Rng, firm: Flags, lending: Flags) -> Columns:
    n = len(firm)
    joint = flag(rng, np.where(lending, 0.35, 0.15))
    guarantors = np.where(lending, rng.poisson(0.6, n), rng.poisson(0.05, n)).astype(np.float64)
    return {
        "joint_liability": joint,
        "n_guarantors": guarantors,
        "n_debtors": 1.0 + guarantors + np.where(joint == 1, 1.0, 0.0) * (rng.random(n) < 0.6),
        "basis_clear": flag(rng, np.full(n, 0.985)),
    }


def _security(rng: Rng, cause: Rows, claim: Array, margins: Margins) -> Columns:
    """Return collateral: larger bank loans have it more often; the creditor's value is optimistic."""
    n = len(cause)
    loan = cause == tuple(margins.causes).index("financial_loan")
    secured = rng.random(n) < np.where(loan, sigmoid(-0.7 + 0.65 * (np.log(claim) - 11.15)), 0.012)
    drawn = pick_code(rng, n, field="collateral_type", weights=COLLATERAL)
    kind = np.where(secured, drawn, code("collateral_type", "none"))
    value = np.round(claim * np.exp(rng.normal(0.3, 0.4, n)), -2)
    return {
        "collateral_type": kind,
        "collateral_value": np.where(secured, value, np.nan),
        "priority_right": np.where(secured, flag(rng, np.full(n, 0.96)), 0.0),
    }


def preservation_columns(
    rng: Rng, claim: Array, effective: Array, *, received: Array, firm_applicant: Flags
) -> Columns:
    """Return what is preserved: the amount actually frozen, not the order's limit."""
    n = len(claim)
    size = np.log(np.where(np.isnan(claim), np.exp(USUAL), claim)) - USUAL
    preserved = flag(rng, sigmoid(-2.05 + 0.22 * size + np.where(firm_applicant, 0.5, 0.0)))
    full = rng.random(n) < 0.34
    cover = np.where(full, 1.0 + 0.25 * rng.random(n) ** 2, rng.beta(0.7, 2.2, n))
    cash = np.round(np.where(rng.random(n) < 0.52, cover, 0.0) * claim, 2)
    vehicles = np.where(rng.random(n) < 0.25, 1 + rng.poisson(0.2, n), 0).astype(np.float64)
    first = flag(rng, np.full(n, 0.70))
    columns = {
        "pres_stage": pick_code(rng, n, field="pres_stage", weights=PRESERVED_WHEN),
        "pres_cash": cash,
        "pres_realty_n": np.where(rng.random(n) < 0.30, 1 + rng.poisson(0.25, n), 0).astype(np.float64),
        "pres_vehicle_n": vehicles,
        "vehicle_in_custody": np.where(vehicles > 0, flag(rng, np.full(n, 0.25)), 0.0),
        "pres_other_value": np.round(np.where(rng.random(n) < 0.12, claim * rng.beta(1.0, 3.0, n), 0.0), 0),
        "first_seal": first,
        "seal_rank": np.where(first == 1, 1.0, 2.0 + rng.geometric(0.6, n) - 1),
        "pres_expiry": _expiry(rng, effective, received, cash > 0),
    }
    return {"preserved": preserved} | {k: np.where(preserved == 1, v, np.nan) for k, v in columns.items()}


def _expiry(rng: Rng, effective: Array, received: Array, cash: Flags) -> Array:
    """Return the earliest end of a seizure: a year for deposits, three for realty, renewed where it had run out."""
    begun = effective - np.floor(rng.uniform(20.0, 240.0, len(effective)))
    term = np.where(cash, 365.0, 1095.0)
    end = begun + term
    lapsed = (end <= received) & (rng.random(len(end)) < 0.97)
    return np.where(lapsed, end + term * np.ceil((received - end) / term + 1e-9), end)


def clue_columns(rng: Rng, *, firm: Flags, preserved: Array) -> Columns:
    """Return the clues on the form; `clue_types` is a sum of powers of two, one bit a kind."""
    n = len(firm)
    given = rng.random((n, len(CLUE_WEIGHTS))) < np.array(CLUE_WEIGHTS) * np.where(firm, 0.8, 1.0)[:, None]
    count = given.sum(axis=1).astype(np.float64)
    return {
        "clue_n": count + rng.poisson(0.15, n) * (count > 0),
        "clue_types": (given @ (1 << np.arange(len(CLUE_WEIGHTS)))).astype(np.float64),
        "clue_specific": np.where(count > 0, flag(rng, 0.42 + 0.15 * preserved), 0.0),
        "applicant_view_ability": (1.0 + rng.binomial(4, np.where(preserved == 1, 0.5, 0.38), n)).astype(np.float64),
        "phone_provided": np.ones(n),
    }
