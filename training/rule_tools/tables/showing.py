"""What is in force on a day: every rule with its article, what it asks and what it does, and every parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from models.rules.rule import Condition, Limit, Parameter, Rule, RuleTableError, Span, Text
from models.rules.table import RuleTable
from training.errors import CommandError
from training.rule_tools.tables.opening import rejected
from training.rule_tools.tables.uses import parameters_of, uses_of
from training.rule_tools.tables.wording import Wording, by_ids, names_of
from training.rule_tools.tables.words import does, stages

FIRST, OR, AND = Text("当", "if"), Text("或", "or"), Text("且", "and")


@dataclass(frozen=True)
class Asked:
    """One condition in words, and how it is joined to the one before it."""

    condition: Condition
    link: Text
    text: Text


@dataclass(frozen=True)
class InForce:
    """The rules and parameters of one table on one day, in words."""

    table: RuleTable
    day: date
    version: str
    rules: tuple[Rule, ...]
    parameters: tuple[Parameter, ...]
    limits: tuple[Limit, ...]
    wording: Wording

    def asked(self, rule: Rule) -> Iterator[Asked]:
        """Yield a rule's conditions: alternatives follow with 或, a further demand with 且."""
        group: str | None = None
        for one in rule.conditions:
            link = FIRST if group is None else OR if one.group == group else AND
            group = one.group
            text = self.wording.condition(one)
            asks = text if one.needed else Text(f"{text.zh}（不明时不影响）", f"{text.en} (ignored when unknown)")
            yield Asked(one, Text("", "") if rule.branches else link, asks)

    def combination(self, rule: Rule) -> Text | None:
        """Return how a rule with branches combines its conditions, by their ids; None where links say it all."""
        return None if rule.branches is None else by_ids(rule.branches, rule)

    def to_json(self) -> dict[str, object]:
        """Return plain values with both languages."""
        return {
            "court": self.table.court,
            "version": self.version,
            "sha256": self.table.sha256,
            "on": self.day.isoformat(),
            "rules": [self._rule(one) for one in self.rules],
            "parameters": [self._parameter(one) for one in self.parameters],
            "limits": [_limit(one) for one in self.limits],
            "title_zh": self.table.title.zh or None,
            "title_en": self.table.title.en or None,
            "source": self.table.source or None,
        }

    def _rule(self, rule: Rule) -> dict[str, object]:
        what, when = does(rule), stages(rule)
        return {
            "id": rule.id,
            "zh": rule.zh,
            "en": rule.en,
            "kind": str(rule.kind),
            "lane": rule.lane and str(rule.lane),
            "does_zh": what.zh,
            "does_en": what.en,
            "stages": sorted(str(stage) for stage in rule.stages),
            "when_zh": when.zh,
            "when_en": when.en,
            "on_unknown": str(rule.on_unknown),
            "basis": rule.basis,
            "in_force_from": rule.in_force_from.isoformat(),
            "until": rule.until and rule.until.isoformat(),
            "flag": rule.flag or None,
            "rank": rule.rank or None,
            "team": rule.team or None,
            "statutory": rule.statutory,
            "conditions": [_condition(one) for one in self.asked(rule)],
            "combination": None if rule.branches is None else self.wording.combined(rule)._asdict(),
        }

    def _parameter(self, one: Parameter) -> dict[str, object]:
        (zh, unit), (en, _) = names_of(one)
        return {
            "name": one.name,
            "zh": zh,
            "en": en,
            "unit": unit or None,
            "value": self.wording.values.get(one.name),
            "least": one.least if one.least > float("-inf") else None,
            "most": one.most if one.most < float("inf") else None,
            "bounds_zh": self.wording.bounds(one).zh,
            "bounds_en": self.wording.bounds(one).en,
            "basis": one.basis,
            "used_by": self.used_by(one),
        }

    def used_by(self, one: Parameter) -> list[str]:
        """Return the ids of the rules in force that use a parameter."""
        inside = {rule.id for rule in self.rules}
        return [name for name in dict.fromkeys(rule.id for rule, _ in uses_of(self.table, one.name)) if name in inside]


def _condition(one: Asked) -> dict[str, object]:
    condition = one.condition
    return {
        "id": condition.id,
        "zh": one.text.zh,
        "en": one.text.en,
        "link_zh": one.link.zh,
        "link_en": one.link.en,
        "test": condition.test,
        "field": condition.field,
        "params": dict(condition.params),
        "group": condition.group,
        "negated": condition.negated,
        "needed": condition.needed,
        "stages": sorted(str(stage) for stage in condition.stages),
    }


def in_force(table: RuleTable, day: date, *, rule: str | None = None) -> InForce:
    """Return what a table says on a day; with `rule` that rule alone, and the parameters it uses.

    Raises
    ------
    CommandError
        RULES_REJECTED where the table does not reach back to the day, NOT_FOUND
        where no rule of this id is in force on it.
    """
    try:
        rules = table.on(day)
    except RuleTableError as error:
        raise rejected(error.faults) from error
    chosen = tuple(one.rule for one in rules.rules if rule is None or one.rule.id == rule)
    if not chosen:
        known = "、".join(one.rule.id for one in rules.rules)
        raise CommandError(
            "NOT_FOUND",
            f"{day} 没有施行中的规则 {rule!r}；有：{known}",
            f"no rule {rule!r} is in force on {day}; there are: {known}",
        )
    asked = {name for one in chosen for condition in one.conditions for name in parameters_of(condition)}
    parameters = tuple(one for one in table.declared if rule is None or one.name in asked)
    limits = tuple(one for one in rules.limits.values() if rule is None or rule in one.touches)
    return InForce(table, day, rules.version, chosen, parameters, limits, Wording.on(table, day))


def days_of_rule(rule: Span) -> Text:
    """Return the days on which something is in force: 2022-01-01 至 2023-12-31."""
    if rule.until is None:
        return Text(f"{rule.in_force_from} 起", f"from {rule.in_force_from}")
    last = rule.until - timedelta(days=1)
    return Text(f"{rule.in_force_from} 至 {last}", f"{rule.in_force_from} to {last}")


def _limit(one: Limit) -> dict[str, object]:
    return {
        "id": one.id,
        "zh": one.zh,
        "en": one.en,
        "value": one.value,
        "unit": str(one.unit),
        "rolls": one.rolls,
        "basis": one.basis,
        "touches": list(one.touches),
        "in_force_from": one.in_force_from.isoformat(),
        "until": one.until and one.until.isoformat(),
    }
