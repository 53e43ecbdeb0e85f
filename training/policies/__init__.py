"""Policies of routing: where each case goes, by what was before the court, never by what came of it."""

from training.policies.by_rules import ByRules, fenliu, published, published_profiles, shipped_rules
from training.policies.oracle import Oracle
from training.policies.policy import Policy
from training.policies.single_test import amount_rule, asset_rule, one_judge

__all__ = [
    "ByRules",
    "Oracle",
    "Policy",
    "amount_rule",
    "asset_rule",
    "fenliu",
    "one_judge",
    "published",
    "published_profiles",
    "shipped_rules",
]
