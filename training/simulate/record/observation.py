"""What is lost or wrong on the way into the record: blanks, wrong entries, late and stale look-ups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from training.simulate.record.draws import Columns, Flags, Rng
from training.simulate.settings import Margins

REGISTRY = (
    "reg_status", "est_years", "reg_capital", "paid_in_capital", "industry_code", "abnormal_list", "serious_illegal",
    "equity_frozen_n", "chattel_mortgage_n", "insured_headcount", "legal_rep_changed", "tax_arrears", "bankruptcy_case",
)  # fmt: skip
"""Fields that come from one look-up in the company register and public lists of firms."""

LISTS = (
    "prior_enf_n", "open_enf_n", "open_enf_amount", "prior_full_n", "prior_zhongben_n", "last_zhongben_days",
    "last_zhongben_reason", "prior_recovery_rate", "dishonest_now", "dishonest_n", "restricted_now", "voluntary_n",
    "settle_default_n",
)  # fmt: skip
"""Fields that come from one look-up in the enforcement register and the lists of debtors."""

CLUES = ("clue_n", "clue_types", "clue_specific")

WRONG = (
    "debtor_appeared", "address_confirmed", "e_service_ok", "joint_liability", "has_lawyer", "abnormal_list",
    "tax_arrears", "clue_specific", "trial_days", "est_years", "n_guarantors", "chattel_mortgage_n",
)  # fmt: skip
"""Fields in which an entry may be another case's value."""


@dataclass(frozen=True)
class Lookups:
    """When registers and lists were looked at (days), and which of them too late for the decision."""

    registry_at: Array
    lists_at: Array
    registry_late: Flags
    lists_late: Flags


def lookups(rng: Rng, received: Array, margins: Margins) -> Lookups:
    """Return when each case's registers were looked at: mostly that day, sometimes long before or too late."""
    registry, registry_late = _looked(rng, received, margins.observation["late"])
    lists, lists_late = _looked(rng, received, margins.observation["late"])
    return Lookups(registry, lists, registry_late, lists_late)


def _looked(rng: Rng, received: Array, late: float) -> tuple[Array, Flags]:
    n = len(received)
    kind = rng.random(n)
    stale = np.where(kind < 0.12, np.ceil(rng.exponential(25.0, n)).clip(1.0, 150.0), 0.0)
    is_late = kind > 1.0 - late
    return np.floor(received) - stale + np.where(is_late, 1.0 + np.floor(rng.exponential(6.0, n)), 0.0), is_late


def blank_some(rng: Rng, columns: Columns, margins: Margins, *, firm: Flags) -> Columns:
    """Return the columns with the blanks of a real register."""
    n = len(firm)
    kept = dict(columns)
    for name, share in margins.observation["missing"].items():
        kept[name] = np.where(rng.random(n) < share, np.nan, columns[name])
    no_form = rng.random(n) < margins.observation["clue"]
    kept |= {name: np.where(no_form, np.nan, columns[name]) for name in CLUES}
    no_registry = firm & (rng.random(n) < margins.observation["registry"])
    kept |= {name: np.where(no_registry, np.nan, columns[name]) for name in REGISTRY}
    kept["phone_provided"] = (rng.random(n) >= margins.observation["no_phone"]).astype(np.float64)
    return kept


def spoil(rng: Rng, columns: Columns, share: float) -> tuple[Columns, dict[str, Flags]]:
    """Return the columns with wrong entries, and where they are.

    A wrong entry is another case's entry of the same field, so it says nothing
    about its own case and looks like any other.
    """
    kept, wrong = dict(columns), {}
    for name in WRONG:
        mask = (rng.random(len(columns[name])) < share) & ~np.isnan(columns[name])
        kept[name] = columns[name].copy()
        kept[name][mask] = rng.permutation(columns[name][mask])
        wrong[name] = mask
    return kept, wrong
