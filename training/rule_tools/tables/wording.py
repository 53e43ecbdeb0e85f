"""Wording: conditions and parameters in words, with the values that a court has set and the names that the law gave."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from features.register import Register
from models.rules.facts import Fact, fact_of
from models.rules.rule import Condition, Parameter, Text
from models.rules.table import RuleTable
from training.rule_tools.tables.words import ASKS

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
        filled = {name: self._filled(value, fact) for name, value in one.params.items()}
        words = ASKS.get(one.test)
        if words is None or not set(_HOLE.findall(words.zh)) <= {"fact", *filled}:
            given = "，".join(f"{name} {text.zh}" for name, text in filled.items())
            return Text(f"{fact.zh}：{one.test} {given}".strip(), f"{fact.en}: {one.test} {given}".strip())
        filled["fact"] = Text(fact.zh, fact.en)
        return Text(
            _fill(words.zh, {name: text.zh for name, text in filled.items()}),
            _fill(words.en, {name: text.en for name, text in filled.items()}),
        )

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

    def _filled(self, value: object, fact: Fact) -> Text:
        if isinstance(value, list):
            parts = [self._filled(one, fact) for one in value]
            sums = any(isinstance(one, str) and one.startswith("$") for one in value)
            return Text(
                ("加 " if sums else "、").join(p.zh for p in parts),
                (" plus " if sums else ", ").join(p.en for p in parts),
            )
        if isinstance(value, str) and value.startswith("$"):
            return self.parameter(value[1:])
        if isinstance(value, str):
            return fact.text(value) if value in fact.codes else Text(value, value)
        yuan = fact.type == "decimal"
        return Text(plain(value) + " 元" * yuan, plain(value) + " yuan" * yuan)


def bounds(one: Parameter) -> Text:
    """Return the bounds within which a court may set a parameter; a bound that nobody can reach is none."""
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


def names_of(one: Parameter) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return a parameter's name and unit, in Chinese and in English: 执前督促期 and 日."""
    return _split(one.text.zh, "（", "）"), _split(one.text.en, "(", ")")


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
