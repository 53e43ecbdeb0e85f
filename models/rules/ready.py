"""Rules made ready for one day: parameters filled in, codes resolved, sentences completed, everything checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from types import MappingProxyType
from typing import cast

from features.causes import VERSIONS
from features.register import Register, Stage
from models.rules.conditions.named import TESTS
from models.rules.conditions.test import INDICES, NUMBERS, ConditionTest, Param
from models.rules.facts import Fact, base_fields, fact_of
from models.rules.result import Met
from models.rules.rule import Condition, Kind, OnUnknown, Rule, Text
from models.strict_table import written

Note = Callable[[str, str, str], None]
"""Takes one fault: rule or condition, Chinese, English."""

_HOLE = re.compile(r"\{(\w+)\}")
_NUMBERS = frozenset({"number", "whole", "share"})
"""Kinds of parameter that are numbers."""
_CAUSE = re.compile(r"\d{1,3}(\.\d{1,2})*|\d{1,3}-\d{1,3}")


@dataclass(frozen=True)
class Settings:
    """The court's parameters on one day: their values, and how each is written in a sentence."""

    values: Mapping[str, object]
    words: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ReadyCondition:
    """A condition whose parameters are filled in; only `{value}` is left open in its texts.

    `reads` are the registered fields on which its answer rests.
    """

    id: str
    test: ConditionTest
    name: str
    fact: Fact
    params: Mapping[str, Param]
    group: str
    needed: bool
    negated: bool
    stages: frozenset[Stage]
    reads: tuple[str, ...]
    texts: Mapping[Met, Text]


@dataclass(frozen=True, kw_only=True)
class ReadyRule:
    """A rule with its ready conditions, and what it says of itself where no single condition explains it."""

    rule: Rule
    conditions: tuple[ReadyCondition, ...]
    texts: Mapping[Met, Text]

    @cached_property
    def kind(self) -> str:
        """The kind of rule by its name, looked up once for all cases."""
        return self.rule.kind.value

    @cached_property
    def alternatives(self) -> tuple[int, ...]:
        """The conditions of which one of several is enough while others must hold, too: they tell why it is met.

        Empty where all conditions are alternatives, or none is.
        """
        groups = [one.group for one in self.conditions]
        found = tuple(i for i, group in enumerate(groups) if groups.count(group) > 1)
        return () if self.rule.branches or len(found) == len(groups) else found

    @cached_property
    def acts_when_met(self) -> bool:
        """Whether the rule changes the route when it is met; ranks, scores and clocks act elsewhere."""
        return self.rule.kind in _ACTING

    @cached_property
    def blocks_when_unknown(self) -> bool:
        """Whether missing facts forbid urging."""
        return self.rule.on_unknown is OnUnknown.BLOCK_URGE


_ACTING = frozenset({Kind.HARD_STOP, Kind.HARD_LANE, Kind.HARD_OFFER, Kind.BLOCK_URGE, Kind.FLAG, Kind.GROUPING})


def ready(rule: Rule, settings: Settings, register: Register, note: Note) -> ReadyRule:
    """Fill a rule's parameters in; what does not fit is noted, and the rule must then not be used."""
    own = {answer: _worded(rule.id, text, settings.words, note) for answer, text in rule.texts.items()}
    for answer, text in own.items():
        if "{value}" in text.zh + text.en:
            note(rule.id, f"{answer} 中不能用 {{value}}：规则没有单一的值", "a rule's own text has no {value}")
    found = [_Filling(one, rule, settings, register, note).condition() for one in rule.conditions]
    plain = {answer: Text(rule.zh + zh, rule.en + en) for answer, (zh, en) in _WHOLE.items()} if rule.branches else {}
    return ReadyRule(
        rule=rule,
        conditions=tuple(one for one in found if one is not None),
        texts=MappingProxyType({**plain, **own}),
    )


@dataclass(frozen=True)
class _Filling:
    """One condition while it is made ready."""

    given: Condition
    rule: Rule
    settings: Settings
    register: Register
    note: Note

    def condition(self) -> ReadyCondition | None:
        """Return the ready condition, or None where test or fact are unknown or do not go together."""
        test, fact = TESTS.get(self.given.test), fact_of(self.given.field, self.register)
        if test is None:
            known = "、".join(sorted(TESTS))
            self._say(f"没有名为 {self.given.test!r} 的测试，可用：{known}", f"there is no test {self.given.test!r}")
        if fact is None:
            self._say(f"没有名为 {self.given.field!r} 的事实", f"there is no fact {self.given.field!r}")
        if test is None or fact is None or not self._readable(test, fact):
            return None
        params = self._params(test, fact)
        others = (*test.reads, *(str(params[name]) for name, kind in test.params.items() if kind in {"fact", "coded"}))
        return ReadyCondition(
            id=self.given.id,
            test=test,
            name=self.given.test,
            fact=fact,
            params=MappingProxyType(params),
            group=self.given.group,
            needed=self.given.needed,
            negated=self.given.negated,
            stages=self.given.stages,
            reads=() if test.asks_nobody else _all_fields(fact, others),
            texts=self._texts(fact),
        )

    def _say(self, zh: str, en: str) -> None:
        self.note(self.given.id, zh, en)

    def _readable(self, test: ConditionTest, fact: Fact) -> bool:
        if fact.protected:
            self._say(f"{fact.name!r} 为受保护属性，规则不得使用", f"{fact.name!r} is protected; no rule may read it")
        early = sorted(self.given.stages - fact.stages)
        if early:
            zh = f"阶段 {'、'.join(early)} 尚无 {fact.name!r}，条件永远不会成立"
            self._say(zh, f"no case of stage {', '.join(early)} has {fact.name!r}; the condition could never hold")
        if fact.type in test.types:
            return True
        allowed = "、".join(sorted(test.types))
        zh = f"测试 {self.given.test!r} 不能用于 {self.given.field!r}（类型 {fact.type}），可用于：{allowed}"
        self._say(zh, f"test {self.given.test!r} does not read type {fact.type}")
        return False

    def _params(self, test: ConditionTest, fact: Fact) -> dict[str, Param]:
        for name in sorted(set(test.params) - set(self.given.params)):
            self._say(f"缺少参数 {name!r}", f"parameter {name!r} is missing")
        for name in sorted(set(self.given.params) - set(test.params)):
            self._say(f"测试 {self.given.test!r} 没有参数 {name!r}", f"unknown parameter {name!r}")
        params: dict[str, Param] = {}
        for name, kind in test.params.items():
            value = self._filled(self.given.params.get(name))
            if value is not None:
                self._fill(params, fact, (name, kind), value)
            else:
                params[name] = 0.0 if kind in _NUMBERS else ()
        if "codes" in params:
            params[INDICES] = tuple(float(fact.codes.index(one)) for one in cast("tuple[str, ...]", params["codes"]))
        return params

    def _fill(self, params: dict[str, Param], fact: Fact, asked: tuple[str, str], value: object) -> None:
        name, kind = asked
        if kind in _NUMBERS:
            params[name] = found = self._number(value, fact)
            if kind == "share" and found <= 0:
                self._say(f"比例应大于 0，实为 {found:g}", f"a share is above 0, not {found:g}")
            if kind == "whole" and (found < 0 or found % 1):
                zh = f"参数应为不小于零的整数，实为 {written(value)}"
                self._say(zh, f"the parameter is a whole number, not {value!r}")
        elif kind in {"codes", "texts"}:
            params[name] = self._list(value, fact.codes if kind == "codes" else None, fact.name)
        elif kind in {"fact", "coded"}:
            params[name] = self._fact(value, coded=kind == "coded")
        elif kind == "amounts":
            params[name] = self._amounts(value, fact_of(str(params.get("by")), self.register))
        else:
            params |= self._causes(value)

    def _filled(self, value: object) -> object:
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if isinstance(value, dict):
            return {key: self._filled(one) for key, one in value.items()}
        if not isinstance(value, str) or not value.startswith("$"):
            return value
        if value[1:] not in self.settings.values:
            self._say(f"本院参数中没有 {value!r}", f"the court sets no parameter {value!r}")
            return 0
        return self.settings.values[value[1:]]

    def _number(self, value: object, fact: Fact) -> float:
        parts = value if isinstance(value, list) and value else [value]
        if not all(isinstance(part, int | float) and not isinstance(part, bool) and isfinite(part) for part in parts):
            self._say(f"参数应为数字，实为 {written(value)}", f"the parameter must be a number, not {value!r}")
            return 0.0
        number = float(sum(parts))
        if fact.type == "score" and not 0.0 < number <= 1.0:
            self._say(
                f"分值标准应大于 0、不超过 1，实为 {number:g}", f"a mark for a score lies in (0, 1], not {number:g}"
            )
        return number

    def _list(self, value: object, codes: tuple[str, ...] | None, name: str) -> tuple[str, ...]:
        parts = value if isinstance(value, list) else [value]
        allowed = [part for part in parts if isinstance(part, str) and part and (codes is None or part in codes)]
        if len(allowed) < len(parts) or not isinstance(value, list) or not parts:
            known = f"，可用：{'、'.join(codes)}" if codes else ""
            zh = f"参数 {value!r} 含 {name} 没有的值或不是列表{known}"
            self._say(zh, f"{value!r} is no list of values of {name}")
        return tuple(allowed)

    def _fact(self, value: object, *, coded: bool) -> str:
        other = fact_of(str(value), self.register)
        if other is None or (other.type == "enum") is not coded or (not coded and other.type not in NUMBERS):
            zh, en = ("分类的事实", "a fact with codes") if coded else ("数值的事实", "a numeric fact")
            self._say(f"参数应为{zh}的名称，实为 {written(value)}", f"the parameter names {en}, not {value!r}")
        elif not self.given.stages <= other.stages or other.protected:
            self._say(f"规则在这一阶段不得使用 {value!r}", f"the rule may not read {value!r} at this stage")
        return str(value)

    def _amounts(self, value: object, kinds: Fact | None) -> tuple[float, ...]:
        codes = () if kinds is None else kinds.codes
        if not isinstance(value, dict) or not value:
            zh = f"参数应为“类别 = 数字”的表，实为 {written(value)}"
            self._say(zh, f"the parameter is a table of numbers, not {value!r}")
            return tuple(float("nan") for _ in codes)
        for strange in sorted(set(value) - set(codes)):
            self._say(f"没有类别 {strange!r}，可用：{'、'.join(codes)}", f"there is no kind {strange!r}")
        plain = Fact("", "decimal", "", "")
        return tuple(self._number(value[one], plain) if one in value else float("nan") for one in codes)

    def _causes(self, value: object) -> dict[str, Param]:
        if not isinstance(value, dict) or not value:
            zh = f"参数应为“案由版本 = 编号列表”的表，实为 {written(value)}"
            self._say(zh, "the parameter maps versions to lists of causes")
            return {}
        for strange in sorted(set(value) - set(VERSIONS)):
            self._say(f"没有案由版本 {strange!r}，可用：{'、'.join(VERSIONS)}", f"there is no version {strange!r}")
        listed: dict[str, Param] = {one: self._list(value[one], None, "cause_code") for one in value if one in VERSIONS}
        for number in (one for numbers in listed.values() for one in cast("tuple[str, ...]", numbers)):
            first, _, last = number.partition("-")
            if not _CAUSE.fullmatch(number) or (last and int(first) > int(last)):
                zh = f"案由编号应如 108、108.3 或 98-101，实为 {written(number)}"
                self._say(zh, f"causes look like 108, 108.3 or 98-101, not {number!r}")
        return listed

    def _texts(self, fact: Fact) -> Mapping[Met, Text]:
        words, said = self.settings.words, self.given.texts
        texts = {answer: Text(fact.zh + zh, fact.en + en) for answer, (zh, en) in _DEFAULTS.items()}
        texts |= {answer: _worded(self.given.id, text, words, self.note) for answer, text in said.items()}
        return MappingProxyType(texts)


def _all_fields(fact: Fact, others: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*fact.reads, *(base for name in others for base in base_fields(name)))))


_DEFAULTS: Mapping[Met, Text] = MappingProxyType(
    {
        "met": Text("：{value}，条件成立", ": {value}; the condition holds"),
        "not_met": Text("：{value}，条件不成立", ": {value}; the condition does not hold"),
        "unknown": Text("未知", " unknown"),
    }
)
"""What is said after the name of the fact where the table has no words of its own."""

_WHOLE: Mapping[Met, Text] = MappingProxyType(
    {
        "met": Text("：成立", ": met"),
        "not_met": Text("：不成立", ": not met"),
        "unknown": Text("：事实不明", ": unknown"),
    }
)


def _worded(where: str, text: Text, words: Mapping[str, str], note: Note) -> Text:
    for hole in _HOLE.findall(text.zh + text.en):
        if hole != "value" and hole not in words:
            note(where, f"说明中的 {{{hole}}} 不是参数", f"{{{hole}}} in a text is no parameter")
    zh, en = (_HOLE.sub(lambda hole: words.get(hole[1], hole[0]), one) for one in text)
    return Text(zh, en)
