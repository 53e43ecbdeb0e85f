"""The first network query: what it shows, given what the debtor really has, and what it says about that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from training.simulate.record.draws import Columns, Flags, Rng, Rows, code, pick_rows
from training.simulate.settings import CLASSES, Margins

REALTY = ("", "none", "mortgaged", "sealed_elsewhere", "sole_home")
"""Levels of realty: nothing found, then found in each of these states."""

NOTHING, TRACE, PART, ENOUGH = 0, 1, 2, 3
"""Levels of cash: nothing, under a tenth of the claim, a part of it, all of it."""

TRACE_SHARE = (0.002, 0.10)
PART_SHARE = (0.10, 0.44)
TAKEN = 0.9
"""Share of the cash found that reaches the creditor."""


@dataclass(frozen=True)
class Signs:
    """What a query shows, in levels; `ratio` is cash over the claim, `answered` whether the wage source replied."""

    cash: Rows
    ratio: Array
    wage: Flags
    answered: Flags
    realty: Rows
    vehicle: Rows
    funds: Flags
    lag: Rows


def draw_signs(rng: Rng, means: Rows, *, firm: Flags, margins: Margins) -> Signs:
    """Draw the signs; given the means, they are independent of one another and of the rest of the record."""
    q = margins.query
    n = len(means)
    cash = pick_rows(rng, _table(q["cash"])[means])
    low = np.array([0.0, TRACE_SHARE[0], PART_SHARE[0], 1.0])[cash]
    high = np.array([0.0, TRACE_SHARE[1], PART_SHARE[1], 1.0])[cash]
    ratio = low + (high - low) * rng.random(n) + np.where(cash == ENOUGH, rng.exponential(0.6, n), 0.0)
    wage = (rng.random(n) < _table(q["wage"])[means]) & ~firm
    answered = rng.random(n) >= q["wage_unanswered"]
    realty = pick_rows(rng, _table(q["realty"])[means])
    vehicle = pick_rows(rng, _table(q["vehicle"])[means])
    funds = rng.random(n) < _table(q["funds"])[means]
    lag = rng.choice(len(q["lags"]["days"]), n, p=q["lags"]["share"])
    return Signs(cash, ratio, wage, answered, realty, vehicle, funds, lag)


def likelihood(signs: Signs, *, firm: Flags, margins: Margins) -> Array:
    """Return the probability of the signs under each class of means, shape (n, classes).

    A wage source that did not answer says nothing; firms have no wage.
    """
    q = margins.query
    result = np.take(_table(q["cash"]).T, signs.cash, axis=0)
    result = result * np.take(_table(q["realty"]).T, signs.realty, axis=0)
    result = result * np.take(_table(q["vehicle"]).T, signs.vehicle, axis=0)
    wage, funds = _table(q["wage"]), _table(q["funds"])
    heard = (signs.answered & ~firm)[:, None]
    result = result * np.where(heard, np.where(signs.wage[:, None], wage, 1.0 - wage), 1.0)
    return np.asarray(result * np.where(signs.funds[:, None], funds, 1.0 - funds))


def simple_chance(small: Flags, *, firm: Flags, margins: Margins) -> Array:
    """Return the chance that a case will look simple after the query, given its means, shape (n, classes)."""
    q = margins.query
    no_realty = _table(q["realty"])[:, 0]
    full = _table(q["cash"])[:, ENOUGH]
    wage = np.where(firm[:, None], 0.0, _table(q["wage"]) * (1.0 - q["wage_unanswered"]))
    either = 1.0 - (1.0 - full) * (1.0 - wage)
    return np.where(small[:, None], 1.0, either) * no_realty


def part_taken(margins: Margins) -> Array:
    """Return the mean share of the claim that is deducted from cash, given the means; zero where all is found."""
    cash = _table(margins.query["cash"])
    return np.asarray(TAKEN * (cash[:, TRACE] * np.mean(TRACE_SHARE) + cash[:, PART] * np.mean(PART_SHARE)))


def query_columns(rng: Rng, signs: Signs, claim: Array, *, firm: Flags) -> Columns:
    """Return the columns of the query; unanswered sources are missing, what was not found is nought."""
    n = len(claim)
    cash = np.round(signs.ratio * np.where(np.isnan(claim), 5e4, claim), 2)
    online = np.round(cash * np.where(rng.random(n) < 0.5, rng.beta(1.0, 6.0, n), 0.0), 2)
    some = rng.random((4, n)) < 0.45
    extra = np.exp(rng.normal(8.6, 1.2, (3, n)))
    person = ~firm
    wage = np.round(np.exp(rng.normal(8.45, 0.35, n)), -1)
    found = np.where(signs.wage, wage, 0.0)
    bought = np.where(signs.funds & some[1], 0.2, 0.0)
    encumbrance = np.array([np.nan] + [code("q_realty_enc", name) for name in REALTY[1:]])
    return {
        "q_bank": np.round(cash - online, 2),
        "q_netpay": online,
        "q_realty_n": np.where(signs.realty > 0, 1.0 + rng.poisson(0.25, n), 0.0),
        "q_realty_enc": encumbrance[signs.realty],
        "q_vehicle_n": signs.vehicle.astype(np.float64),
        "q_securities": np.round(np.where(signs.funds & some[0], extra[0], 0.0), 2),
        "q_wealth": np.round(np.where(signs.funds & ~some[0], extra[1], 0.0), 2),
        "q_insurance": np.where(person & signs.answered, np.round(bought * extra[2], 2), np.nan),
        "q_equity_n": np.where(signs.funds & some[2], 1.0, 0.0),
        "q_hpf": np.where(person & signs.answered, np.round(found * np.where(some[3], 4.0, 9.0), 2), np.nan),
        "q_wage": np.where(person & signs.answered, found, np.nan),
        "q_vessel_n": np.zeros(n),
    }


def _table(levels: dict[str, list[float]]) -> Array:
    return np.array([levels[name] for name in CLASSES], dtype=np.float64)
