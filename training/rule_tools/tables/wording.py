"""Wording: conditions and parameters in words, with the values that a court has set and the names that the law gave."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from features.register import Register
from models.rules.conditions import TESTS
from models.rules.facts import Fact, fact_of
from models.rules.rule import Branch, Condition, Limit, Parameter, Rule, Text
from models.rules.table import RuleTable
from training.rule_tools.tables.words import ASKS, STAGES, UNITS

BOUNDLESS = 1e12
"""A bound from here on says that the law sets none."""

_HOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Wording:
    """Turns conditions and parameters into words, with the values a court has set and the names the law gave them."""

    declared: Mapping[str, Parameter]
    values: Mapping[str, object]
    register: Register

    @classmethod
    def on(cls, table: RuleTable, day: date) -> Wording:
        """Return the wording by a table's parameters on a day; none are set on a day without any."""
        values = next((one.values for one in table.sets if one.holds(day)), {})
        return cls({one.name: one for one in table.declared}, values, table.register)

    def condition(self, one: Condition) -> Text:
        """Return what a condition asks, as a clause without a subject of its own."""
        fact = fact_of(one.field, self.register) or Fact(one.field, "string", one.field, one.field)
        filled = {name: self._filled(name, value, one, fact) for name, value in one.params.items()}
        words = ASKS.get(one.test)
        if words is None or not set(_HOLE.findall(words.zh)) <= {"fact", *filled}:
            given = "，".join(f"{name} {text.zh}" for name, text in filled.items())
            words = Text(f"{{fact}}：{one.test} {given}".strip(), f"{{fact}}: {one.test} {given}".strip())
        filled["fact"] = Text(fact.zh, fact.en)
        asks = Text(
            _fill(words.zh, {name: text.zh for name, text in filled.items()}),
            _fill(words.en, {name: text.en for name, text in filled.items()}),
        )
        return Text(f"并非（{asks.zh}）", f"not ({asks.en})") if one.negated else asks

    def combined(self, rule: Rule) -> Text:
        """Return all conditions of a rule in one sentence, one for each stage where the stages ask different things."""
        if all(one.stages == rule.stages for one in rule.conditions):
            return self._sentence(rule.branches or _of_groups(rule.conditions), rule.conditions)
        told: list[tuple[Text, Text]] = []
        for stage in sorted(rule.stages):
            own = [one for one in rule.conditions if stage in one.stages]
            told.append((STAGES[frozenset((stage,))], self._sentence(_of_groups(own), own)))
        return Text("；".join(f"{w.zh}：{t.zh}" for w, t in told), "; ".join(f"{w.en}: {t.en}" for w, t in told))

    def _sentence(self, branch: Branch, conditions: Sequence[Condition]) -> Text:
        return combined(branch, [self.condition(one) for one in conditions])

    def parameter(self, name: str) -> Text:
        """Return a parameter's value with its unit and, in brackets, its name: 15 日（执前督促期）."""
        if name not in self.declared:
            return Text(f"${name}", f"${name}")
        (zh, _), (en, _) = names_of(self.declared[name])
        value = self.value(name)
        return Text(f"{value.zh}（{zh}）", f"{value.en} ({en})")

    def value(self, name: str, value: object = None) -> Text:
        """Return a parameter's value, or another value of it, with its unit and codes in words."""
        declared, given = self.declared[name], self.values.get(name) if value is None else value
        if given is None:
            return Text("未设定", "not set")
        if isinstance(given, list):
            fact = fact_of(declared.codes_of, self.register) if declared.codes_of else None
            named = [fact.text(one) if fact and one in fact.codes else Text(str(one), str(one)) for one in given]
            return Text("、".join(one.zh for one in named), ", ".join(one.en for one in named))
        (_, unit), (_, unit_en) = names_of(declared)
        return Text(f"{plain(given)} {unit}".strip(), f"{plain(given)} {unit_en}".strip())

    def turned(self, name: str, old: object, new: object) -> Text:
        """Return how a parameter's value turned into another: 15 日 → 20 日, or what a list gained and lost."""
        if not isinstance(old, list) or not isinstance(new, list):
            was, now = (Text("未设定", "not set") if one is None else self.value(name, one) for one in (old, new))
            return Text(f"{was.zh} → {now.zh}", f"{was.en} → {now.en}")
        gained, lost = [one for one in new if one not in old], [one for one in old if one not in new]
        told = [("增加", "added", gained), ("去掉", "removed", lost)]
        parts = [(zh, en, self.value(name, some)) for zh, en, some in told if some]
        if not parts:
            return Text("次序有变动", "another order")
        return Text(
            "；".join(f"{zh} {some.zh}" for zh, _, some in parts), "; ".join(f"{en} {some.en}" for _, en, some in parts)
        )

    def bounds(self, one: Parameter) -> Text:
        """Return the bounds within which a court may set a parameter; a bound that nobody can reach is none."""
        if one.includes:
            least = self.value(one.name, list(one.includes))
            return Text(f"至少包括 {least.zh}", f"at least {least.en}")
        low, high = one.least > -BOUNDLESS, one.most < BOUNDLESS
        (_, unit), (_, unit_en) = names_of(one)
        if low and high:
            zh, en = f"{plain(one.least)} 至 {plain(one.most)}", f"{plain(one.least)} to {plain(one.most)}"
        elif low or high:
            zh, en = ("不低于", "at least") if low else ("不超过", "at most")
            zh, en = (f"{words} {plain(one.least if low else one.most)}" for words in (zh, en))
        else:
            return Text("登记代码", "registered codes") if one.codes_of else Text("不限", "any")
        return Text(f"{zh} {unit}".strip(), f"{en} {unit_en}".strip())

    def _filled(self, name: str, value: object, one: Condition, fact: Fact) -> Text:
        """Return a parameter of a test in words: a number, codes, another fact, or amounts and causes by kind."""
        kind = TESTS[one.test].params.get(name, "") if one.test in TESTS else ""
        if isinstance(value, str) and kind in {"fact", "coded"}:
            other = fact_of(value, self.register)
            return Text(value, value) if other is None else Text(other.zh, other.en)
        if isinstance(value, dict):
            by = fact_of(str(one.params.get("by")), self.register) if kind == "amounts" else None
            parts = [
                (
                    Text(f"{key} 年版", f"list of {key}") if kind == "causes" else self._code(key, by),
                    self._value(some, fact),
                )
                for key, some in value.items()
            ]
            return Text("；".join(f"{k.zh} {v.zh}" for k, v in parts), "; ".join(f"{k.en} {v.en}" for k, v in parts))
        return self._value(value, fact, bare=kind == "whole" or name == "share")

    def _value(self, value: object, fact: Fact, *, bare: bool = False) -> Text:
        if isinstance(value, list):
            parts = [self._value(one, fact, bare=bare) for one in value]
            sums = any(isinstance(one, str) and one.startswith("$") for one in value)
            link = ("加 ", " plus ") if sums else ("、", ", ")
            return Text(link[0].join(p.zh for p in parts), link[1].join(p.en for p in parts))
        if isinstance(value, str):
            return self.parameter(value[1:]) if value.startswith("$") else self._code(value, fact)
        yuan = fact.type == "decimal" and not bare
        return Text(plain(value) + " 元" * yuan, plain(value) + " yuan" * yuan)

    def _code(self, value: str, fact: Fact | None) -> Text:
        return fact.text(value) if fact is not None and value in fact.codes else Text(value, value)


def combined(branch: Branch, texts: Sequence[Text], *, inner: bool = False) -> Text:
    """Return how a branch combines what stands at its places, in one sentence."""
    alone = len(branch.of) == 1 and not inner
    parts = [texts[one] if isinstance(one, int) else combined(one, texts, inner=not alone) for one in branch.of]
    said = _joined(branch, parts)
    return Text(f"（{said.zh}）", f"({said.en})") if inner and len(parts) > 1 and not branch.negated else said


def by_ids(branch: Branch, rule: Rule) -> Text:
    """Return how a branch combines the conditions of its rule, by their ids."""
    said = combined(branch, [Text(f" {one.id} ", one.id) for one in rule.conditions])
    return Text(said.zh.replace("（ ", "（").replace(" ）", "）").replace(" ，", "，").strip(), said.en)


def _joined(branch: Branch, parts: Sequence[Text]) -> Text:
    """Return the parts of a branch in one sentence: all, any, none, or at least so many of them."""
    every, alone = branch.least == len(parts), len(parts) == 1
    if branch.least not in {1, len(parts)}:
        n = branch.least
        zh, en = "；".join(one.zh for one in parts), "; ".join(one.en for one in parts)
        said = Text(f"至少 {n} 项成立：{zh}", f"at least {n} hold: {en}")
    else:
        link = ("", "") if alone else ("，且", " and ") if every else ("，或", " or ")
        said = Text(link[0].join(one.zh for one in parts), link[1].join(one.en for one in parts))
    return Text(f"并非（{said.zh}）", f"not ({said.en})") if branch.negated else said


def _of_groups(conditions: Sequence[Condition]) -> Branch:
    """Return the branches that groups of alternatives stand for."""
    groups: dict[str, list[Branch | int]] = {}
    for place, one in enumerate(conditions):
        groups.setdefault(one.group, []).append(place)
    return Branch(len(groups), tuple(Branch(1, tuple(places)) for places in groups.values()))


def names_of(one: Parameter) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return a parameter's name and unit, in Chinese and in English: 执前督促期 and 日."""
    return _split(one.text.zh, "（", "）"), _split(one.text.en, "(", ")")


def length_of(limit: Limit) -> Text:
    """Return how long a time limit is: 7 日, and whether its end moves past a holiday."""
    unit = UNITS[limit.unit]
    rolls = ("，末日遇节假日顺延", ", its end moves past holidays") if limit.rolls else ("", "")
    return Text(f"{limit.value} {unit.zh}{rolls[0]}", f"{limit.value} {unit.en}{rolls[1]}")


def plain(value: object) -> str:
    """Return a number with its thousands parted and no needless zeros; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if value == int(value) else f"{value:,.10g}"


def _split(text: str, left: str, right: str) -> tuple[str, str]:
    name, found, unit = text.partition(left)
    return (name.strip(), unit.removesuffix(right)) if found and text.endswith(right) else (text, "")


def _fill(words: str, filled: Mapping[str, str]) -> str:
    return _HOLE.sub(lambda hole: filled[hole[1]], words)
