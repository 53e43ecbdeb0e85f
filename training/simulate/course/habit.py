"""How people used to route: by what they saw and by their own ways, so that outcomes exist for some lanes only."""

from __future__ import annotations

import numpy as np

from features.known import Array
from training.simulate.record.draws import Columns, Flags, Rng, Rows, code, sigmoid
from training.simulate.settings import Court, Margins

MISTAKE = {"consent": 0.003, "other": 0.02}
"""Share of cases urged against the conditions: without consent, or against another one."""

FILING_WAIT = (0.6, 6.4)
"""Days from receipt to filing, at least and at most."""

URGING_WAIT = (0.3, 2.5)
"""Days from receipt to the start of urging, at least and at most."""

SMALL_CLAIM = 10_000.0
"""The amount rule that courts publish for the fast lane, in yuan."""


def obstacles(columns: Columns) -> tuple[Flags, Flags]:
    """Return which cases lack consent, and which have another obstacle to urging."""
    refused = columns["consent_urge"] != code("consent_urge", "agree")
    urgent = columns["pres_stage"] == code("pres_stage", "pre_enforcement")
    money = columns["relief_type"] == code("relief_type", "money")
    expiring = columns["pres_expiry"] - columns["received_at"] < 45.0
    other = (columns["served_by_notice"] == 1) | (columns["phone_provided"] == 0) | urgent | ~money | expiring
    other |= (columns["dead_or_deregistered"] > 0) | (columns["bankruptcy_case"] > 0)
    return refused, other


def urge_logit(columns: Columns, court: Court, margins: Margins, *, firm: Flags) -> Array:
    """Return how strongly the file speaks for urging in this court's eyes, on the log-odds scale."""
    b = margins.habit["urge"]
    overdue = (np.floor(columns["received_at"]) - columns["due_date"]) < 90.0
    return np.asarray(
        b["base"] + court.habit
        + b["claim"] * np.nan_to_num(np.log10(columns["claim_amount"]) - 4.8)
        + b["appeared"] * np.nan_to_num(columns["debtor_appeared"] - 0.5)
        + b["mediated"] * (columns["trial_outcome"] == code("trial_outcome", "mediation"))
        + b["paid"] * (np.nan_to_num(columns["paid_before"]) > 0)
        + b["recent"] * overdue
        + b["firm"] * firm
    )  # fmt: skip


def reluctance(columns: Columns) -> Array:
    """Return what is left of the chance of urging under the conditions: all, or the share of mistakes.

    Where no money is owed there is nothing to pay, and nobody urges.
    """
    refused, other = obstacles(columns)
    other_share = np.where(np.isnan(columns["claim_amount"]), 0.0, MISTAKE["other"])
    return np.where(refused, MISTAKE["consent"] * (other_share > 0), np.where(other, other_share, 1.0))


def urge_chances(history: Columns, base: Array, *, reluctance: Array, margins: Margins) -> Array:
    """Return the chance of being urged under each clerk, shape (n, clerks)."""
    b = margins.habit["urge"]
    logit = base + b["dishonest"] * np.nan_to_num(history["dishonest_now"])
    logit += b["open"] * np.minimum(np.nan_to_num(history["open_enf_n"]), 3.0) / 3.0
    return np.asarray(sigmoid(logit[:, None] + np.array(margins.habit["clerks"])) * reluctance[:, None])


def staff(rng: Rng, n: int, kind: str, margins: Margins) -> Rows:
    """Return which clerk or team each case went to; work is handed out evenly."""
    return rng.integers(0, len(margins.habit[kind]), n)


def is_small(columns: Columns) -> Flags:
    """Return which claims fall under the amount rule."""
    return np.asarray(columns["claim_amount"] < SMALL_CLAIM)


def looks_simple(small: Flags, *, cash_full: Flags, wage: Flags, realty: Flags) -> Flags:
    """Return which cases look simple after the query: enough cash, a fixed wage or a small claim, nothing to sell."""
    return (cash_full | wage | small) & ~realty


def fast_chance(simple: Flags | Array, margins: Margins) -> Array:
    """Return the chance of the fast lane under each team, shape (n, teams)."""
    low, high = margins.habit["fast"]
    return sigmoid(np.where(simple, high, low)[:, None] + np.array(margins.habit["teams"]))
