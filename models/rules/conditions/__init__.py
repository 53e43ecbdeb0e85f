"""Conditions: the named tests of rule tables, and what each asks of a case."""

from models.rules.conditions.named import TESTS
from models.rules.conditions.test import ConditionTest, number

__all__ = ["TESTS", "ConditionTest", "number"]
