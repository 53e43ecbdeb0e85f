"""Urging before filing: reached or not, promised or not, paid, withdrawn or converted at the end of the window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from training.simulate.record.draws import Columns, Flags, Rng, Rows, between, flag, sigmoid
from training.simulate.settings import CLASSES, Margins

UNREACHED, REACHED, PROMISED = 0, 1, 2
"""How far contact with the debtor came."""

CONTACTS = 3


@dataclass(frozen=True)
class Urging:
    """What urging would bring in each case: `paid_day` and `end_day` count from its start; infinity is never.

    `end_day` is a whole day on which the case is converted or withdrawn if it
    has not been paid by then; `part` is the share of the claim paid by a debtor
    who did not pay in full.
    """

    contact: Rows
    promise_day: Array
    paid_day: Array
    end_day: Array
    withdrawn: Flags
    part: Array

    @property
    def paid(self) -> Flags:
        """Whether urging brings full payment."""
        return self.paid_day < self.end_day


def reach_chance(columns: Columns) -> Array:
    """Return the chance of reaching the debtor, as the file lets one expect."""
    contacts = np.minimum(np.nan_to_num(columns["trial_contacts_ok"]), 3.0)
    logit = -0.7 + 0.9 * np.nan_to_num(columns["phone_provided"]) + 0.6 * np.nan_to_num(columns["address_confirmed"])
    return sigmoid(logit + 0.35 * contacts - 0.8 * columns["served_by_notice"])


def draw_urging(rng: Rng, means: Rows, will: Array, *, reach: Array, window: int, margins: Margins) -> Urging:
    """Draw what urging would bring; `will` includes what no record shows."""
    u = margins.urging
    n = len(means)
    reached = rng.random(n) < reach
    promised = reached & (rng.random(n) < promise_chance(will, margins))
    contact = np.where(promised, PROMISED, np.where(reached, REACHED, UNREACHED))
    rate = pay_rate(means, will, contact, margins)
    draw = -np.log(rng.random(n)) / rate
    with np.errstate(divide="ignore", invalid="ignore"):
        paid_day = np.where(draw < 1.0, -u["days"] * np.log1p(-draw), np.inf)
    deadline = np.where(promised, deadline_days(window, PROMISED, margins), float(window))
    leaves = rng.geometric(u["withdraw_daily"], n).astype(np.float64)
    part = flag(rng, np.where(reached, u["part_paid"], 0.0)) * between(rng, n, u["part_share"])
    end_day = np.minimum(leaves, deadline)
    promise_day = np.where(promised, rng.uniform(0.1, 0.9, n) * np.minimum(np.minimum(paid_day, end_day), 6.0), np.inf)
    return Urging(contact, promise_day, paid_day, end_day, leaves < deadline, part)


def promise_chance(will: Array, margins: Margins) -> Array:
    """Return the chance that a debtor who was reached promises to pay."""
    base, slope = margins.urging["promise"]
    return sigmoid(base + slope * will)


def pay_rate(means: Rows, will: Array, contact: Rows, margins: Margins) -> Array:
    """Return the whole mass of the hazard of full payment under urging."""
    base = np.array([margins.urging["rate"][name] for name in CLASSES])
    mass: Array = np.exp(will + base[means] + np.where(contact == UNREACHED, margins.urging["unreached"], 0.0))
    return mass


def deadline_days(window: int, contact: int, margins: Margins) -> float:
    """Return the last day of urging: a promise extends the window, to thirty days at most."""
    if contact != PROMISED:
        return float(window)
    return float(max(window, min(window + margins.urging["extension"], margins.urging["longest"])))
