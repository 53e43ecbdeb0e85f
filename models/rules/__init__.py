"""The rules of law and of the court: dated data, and the tests that read a case."""

from models.rules.case_view import ScoreView
from models.rules.evaluate import RuleOutcomes, evaluate
from models.rules.loading import profile_names
from models.rules.result import RuleResult
from models.rules.rule import Rule, RuleFault, RuleTableError
from models.rules.table import RulesInForce, RuleTable, profile

__all__ = [
    "Rule",
    "RuleFault",
    "RuleOutcomes",
    "RuleResult",
    "RuleTable",
    "RuleTableError",
    "RulesInForce",
    "ScoreView",
    "evaluate",
    "profile",
    "profile_names",
]
