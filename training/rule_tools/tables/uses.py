"""Which conditions use which of the court's parameters."""

from __future__ import annotations

from collections.abc import Iterator

from models.rules.rule import Condition, Rule
from models.rules.table import RuleTable


def uses_of(table: RuleTable, name: str) -> Iterator[tuple[Rule, Condition]]:
    """Yield the conditions that use a parameter, each with its rule."""
    for rule in table.rules:
        for condition in rule.conditions:
            if name in parameters_of(condition):
                yield rule, condition


def parameters_of(condition: Condition) -> set[str]:
    """Return the names of the parameters that a condition uses, wherever in its own parameters they stand."""
    return set(_named(list(condition.params.values())))


def _named(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("$"):
        yield value[1:]
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)
    elif isinstance(value, dict):
        yield from _named(list(value.values()))
