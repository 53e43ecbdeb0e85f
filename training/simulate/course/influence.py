"""How what is on record moves willingness and means: a few dozen smooth effects, added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.known import Array
from training.simulate.course.related import TWO_YEARS, no_assets
from training.simulate.record.draws import Columns, Flags, Rows, code
from training.simulate.settings import CLASSES, Margins

WRONG_OF = {"equity_frozen": "equity_frozen_n"}
"""Effect -> field, where the names differ."""


@dataclass(frozen=True)
class Index:
    """Log-odds that a record adds to willingness and to means.

    `will` and `means` are what moves the case; `will_seen` and `means_seen` are
    what anyone who knows the record, and that an entry is wrong with a small
    chance, would expect.
    """

    will: Array
    means: Array
    will_seen: Array
    means_seen: Array

    def __add__(self, other: Index) -> Index:
        """Add two indices of the same cases."""
        return Index(
            self.will + other.will, self.means + other.means,
            self.will_seen + other.will_seen, self.means_seen + other.means_seen,
        )  # fmt: skip

    def at(self, rows: Rows) -> Index:
        """Return the index of some of the cases."""
        return Index(self.will[rows], self.means[rows], self.will_seen[rows], self.means_seen[rows])


def index(values: Columns, wrong: Mapping[str, Flags], margins: Margins) -> Index:
    """Add the effects of the values; a missing value counts as the usual one, a wrong entry for nothing."""
    n = len(next(iter(values.values())))
    sums = {name: np.zeros(n) for name in ("will", "means", "will_seen", "means_seen")}
    share = margins.observation["wrong"]
    for name, value in values.items():
        effect = margins.effects[name]
        logit = np.nan_to_num((value - effect.centre) * np.log(effect.odds))
        mask = wrong.get(WRONG_OF.get(name, name))
        real = logit if mask is None else np.where(mask, 0.0, logit)
        seen = logit if mask is None else logit * (1.0 - share)
        sums["will"] += 2.0 * effect.will * real
        sums["means"] += 2.0 * (1.0 - effect.will) * real
        sums["will_seen"] += 2.0 * effect.will * seen
        sums["means_seen"] += 2.0 * (1.0 - effect.will) * seen
    return Index(**sums)


def values_of_record(columns: Columns, cause: Rows, *, firm: Flags, margins: Margins) -> Columns:
    """Return the values of the effects that the application alone settles."""
    odds = np.log(np.array([c.odds for c in margins.causes.values()]))
    size = np.log10(columns["claim_amount"])
    agreed = columns["trial_outcome"] == code("trial_outcome", "mediation")
    values = {
        "claim_person": np.where(firm, np.nan, size),
        "claim_firm": np.where(firm, size, np.nan),
        "years_since_due": np.minimum((np.floor(columns["received_at"]) - columns["due_date"]) / 365.25, 3.0),
        "cause": odds[cause],
        "mediated": agreed.astype(np.float64),
        "paid_something": np.where(np.isnan(columns["paid_before"]), np.nan, columns["paid_before"] > 0),
        "trial_contacts": np.minimum(columns["trial_contacts_ok"], 3.0),
        "applicant_view": columns["applicant_view_ability"],
        "headcount": np.log10(1.0 + columns["insured_headcount"]),
        "equity_frozen": np.minimum(columns["equity_frozen_n"], 1.0),
    }
    plain = {name: columns[name] for name in _PLAIN}
    return values | plain | _preserved(columns) | _states(columns, cause, firm=firm, margins=margins)


def _states(columns: Columns, cause: Rows, *, firm: Flags, margins: Margins) -> Columns:
    """Return what holds of the debtor and the claim only together: interactions, and firms that have stopped."""
    names = tuple(margins.causes)
    labour = (cause == names.index("labour_pay")) & firm
    active = columns["reg_status"] == code("reg_status", "active")
    stopped = firm & ~active & ~np.isnan(columns["reg_status"])
    secured = columns["collateral_type"] != code("collateral_type", "none")
    states = {
        "secured_loan": secured & (cause == names.index("financial_loan")),
        "labour_firm_running": labour & active & (columns["insured_headcount"] > 0),
        "labour_firm_stopped": labour & stopped,
        "firm_stopped": stopped & ~labour,
        "dead_or_gone": (columns["dead_or_deregistered"] > 0) & ~stopped,
        "bankrupt": columns["bankruptcy_case"] > 0,
    }
    return {name: state.astype(np.float64) for name, state in states.items()}


_PLAIN = (
    "served_by_notice", "debtor_appeared", "phone_provided", "address_confirmed", "e_service_ok", "trial_clue",
    "clue_specific", "joint_liability", "has_lawyer", "abnormal_list", "tax_arrears",
)  # fmt: skip


def cash_cover(columns: Columns) -> Array:
    """Return first-seized cash over the claim, one at most; nothing where nothing is preserved."""
    cover = np.nan_to_num(columns["pres_cash"] / columns["claim_amount"])
    return np.minimum(cover, 1.0) * np.where(columns["first_seal"] == 1, 1.0, 0.25)


def _preserved(columns: Columns) -> Columns:
    first = columns["first_seal"] == 1
    sealed = np.nan_to_num(columns["pres_vehicle_n"]) > 0
    held = columns["vehicle_in_custody"] == 1
    return {
        "seal_rank_second": (columns["seal_rank"] > 1).astype(np.float64),
        "vehicle_sealed": (sealed & ~held).astype(np.float64),
        "vehicle_in_custody": (sealed & held).astype(np.float64),
        "cash_covers": cash_cover(columns) ** 2,
        "realty_first_seal": (first & (np.nan_to_num(columns["pres_realty_n"]) > 0)).astype(np.float64),
    }


def values_of_history(columns: Columns) -> Columns:
    """Return the values of the effects of the debtor's earlier cases, as they were seen."""
    barren = (columns["last_zhongben_reason"] == no_assets()) & (columns["last_zhongben_days"] <= TWO_YEARS)
    seen = ~np.isnan(columns["prior_zhongben_n"])
    return {
        "zhongben_no_assets_2y": np.where(seen, barren, np.nan),
        "open_cases": np.minimum(columns["open_enf_n"], 3.0) / 3.0,
        "dishonest_now": columns["dishonest_now"],
        "restricted_now": columns["restricted_now"],
        "voluntary_before": np.minimum(columns["voluntary_n"], 1.0),
        "full_before": np.minimum(columns["prior_full_n"], 1.0),
        "prior_recovery": columns["prior_recovery_rate"],
        "settle_default_before": np.minimum(columns["settle_default_n"], 1.0),
    }


def pushes(columns: Columns, *, firm: Flags, margins: Margins) -> Array:
    """Return what facts add to the log-weight of each class of means beside the index, shape (n, classes)."""
    secured = columns["collateral_type"] != code("collateral_type", "none")
    realty = (columns["first_seal"] == 1) & (np.nan_to_num(columns["pres_realty_n"]) > 0)
    facts = {
        "base": np.ones(len(firm)),
        "claim": np.nan_to_num(np.log10(columns["claim_amount"]) - 4.8),
        "cash": cash_cover(columns) ** 2,
        "person": (~firm).astype(np.float64),
        "firm": firm.astype(np.float64),
        "realty": realty.astype(np.float64),
        "secured": secured.astype(np.float64),
    }
    table = np.zeros((len(firm), len(CLASSES)))
    for place, name in enumerate(CLASSES):
        for fact, weight in margins.means[name].items():
            if fact != "pull":
                table[:, place] += weight * facts[fact]
    return table


def class_chances(table: Array, means: Array, margins: Margins) -> Array:
    """Return the chance of each class of means, shape (n, classes)."""
    pull = np.array([margins.means[name]["pull"] for name in CLASSES])
    logit = table + means[:, None] * pull
    weight = np.exp(logit - logit.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))
