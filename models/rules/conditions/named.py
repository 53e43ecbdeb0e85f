"""The tests that rule tables may name: each looks at one fact of every row and answers met, not met or unknown."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from models.rules.conditions.dates import DATE_TESTS
from models.rules.conditions.money import MONEY_TESTS
from models.rules.conditions.numbers import NUMBER_TESTS
from models.rules.conditions.test import ConditionTest
from models.rules.conditions.words import WORD_TESTS

TESTS: Mapping[str, ConditionTest] = MappingProxyType({**NUMBER_TESTS, **MONEY_TESTS, **DATE_TESTS, **WORD_TESTS})
"""Every test by the name that rule tables use."""
