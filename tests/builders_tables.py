"""Builders of small court tables: a head that extends the defaults, rules given as keys, and their faults."""

from __future__ import annotations

from typing import Any

from models.rules import RuleFault, RuleTable, RuleTableError

HEAD = """format = "fenliu-rules/1"
scope = "court"
court = "试验"
version = "1"
extends = "default"
"""


def rule(name: str = "C01", *, conditions: str = "", **keys: Any) -> str:
    """Return a rule: complex for claims of half a million and more, changed by keys; None takes a key away."""
    known: dict[str, Any] = {
        "id": name,
        "kind": "hard_lane",
        "lane": "complex",
        "zh": "试验规则",
        "en": "a rule to try",
        "basis": "本院规则",
        "in_force_from": "2026-01-01",
        **keys,
    }
    lines = [f"{key} = {_toml(key, value)}" for key, value in known.items() if value is not None]
    return "\n".join(["\n[[rule]]", *lines, conditions or condition()]) + "\n"


def condition(
    test: str = "at_least", field: str = "claim_amount", params: str = "{ value = 500000 }", **keys: Any
) -> str:
    """Return one condition of a rule."""
    known = {"test": test, "field": field, **keys}
    lines = [f"{key} = {_toml(key, value)}" for key, value in known.items()]
    return "\n".join(["[[rule.condition]]", *lines, *([f"params = {params}"] if params else [])])


def _toml(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float) or key in {"in_force_from", "until"}:
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml("", one) for one in value) + "]"
    return f'"{value}"'


def table(*rules: str, head: str = HEAD) -> RuleTable:
    """Return the law with a court's table of these rules over the defaults."""
    return RuleTable.of([("court.toml", head + "".join(rules))])


def faults(*rules: str, head: str = HEAD) -> tuple[RuleFault, ...]:
    """Return what is wrong with such a table; empty when it may be used."""
    try:
        table(*rules, head=head)
    except RuleTableError as error:
        return error.faults
    return ()


def reasons(*rules: str, head: str = HEAD) -> str:
    """Return all faults as one text."""
    return "\n".join(map(str, faults(*rules, head=head)))
