"""The facts that stand in lists which go on changing: without the day of the look-up nobody can say whose they are."""

from __future__ import annotations

from typing import Final

LISTS: Final = frozenset({
    "reg_status", "est_years", "abnormal_list", "serious_illegal", "equity_frozen_n", "chattel_mortgage_n",
    "insured_headcount", "legal_rep_changed", "tax_arrears", "bankruptcy_case", "prior_enf_n", "open_enf_n",
    "open_enf_amount", "prior_full_n", "prior_zhongben_n", "last_zhongben_days", "last_zhongben_reason",
    "prior_recovery_rate", "dishonest_now", "dishonest_n", "restricted_now", "voluntary_n", "settle_default_n",
})  # fmt: skip
"""Registers of firms, the enforcement register and the lists of debtors.

Today's list on an old case tells its end: a debtor stands on it because this
case was not paid. In a history such a fact counts only with its companion,
the instant at which it was looked up.
"""
