"""Rules made ready for one day: parameters filled in, codes resolved, conditions laid out for whole columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType
from typing import cast

import numpy as np
import numpy.typing as npt

from features.matrix import CHUNK
from features.register import Register, Stage
from models.rules.case_view import CaseView
from models.rules.comparisons import Comparisons
from models.rules.condition_tests import INDICES, TESTS, ConditionTest, Param, Run
from models.rules.facts import Fact, fact_of
from models.rules.result import Met
from models.rules.rule import Condition, Rule, Text
from models.rules.tri import NO, UNKNOWN, YES, Tri

Note = Callable[[str, str, str], None]
"""Takes one fault: rule or condition, Chinese, English."""

_HOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Settings:
    """The court's parameters on one day: their values, and how each is written in a sentence."""

    values: Mapping[str, object]
    words: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ReadyCondition:
    """A condition whose parameters are filled in; only `{value}` is left open in its texts."""

    id: str
    test: ConditionTest
    fact: Fact
    params: Mapping[str, Param]
    group: str
    needed: bool
    stages: frozenset[Stage]
    texts: Mapping[Met, Text]


@dataclass(frozen=True, kw_only=True)
class ReadyRule:
    """A rule with its ready conditions."""

    rule: Rule
    conditions: tuple[ReadyCondition, ...]


def ready(rule: Rule, settings: Settings, register: Register, note: Note) -> ReadyRule:
    """Fill a rule's parameters in; what does not fit is noted, and the rule must then not be used."""
    found = [_ready(condition, settings, register, note) for condition in rule.conditions]
    return ReadyRule(rule=rule, conditions=tuple(one for one in found if one is not None))


def _ready(
    condition: Condition,
    settings: Settings,
    register: Register,
    note: Note,
) -> ReadyCondition | None:
    test, fact = TESTS.get(condition.test), fact_of(condition.field, register)
    if test is None:
        note(condition.id, f"没有名为 {condition.test!r} 的测试", f"there is no test {condition.test!r}")
    if fact is None:
        note(condition.id, f"没有名为 {condition.field!r} 的事实", f"there is no fact {condition.field!r}")
    if test is None or fact is None:
        return None
    if fact.type not in test.types:
        zh = f"测试 {condition.test!r} 不能用于 {condition.field!r}（类型 {fact.type}）"
        note(condition.id, zh, f"test {condition.test!r} does not read type {fact.type}")
        return None
    _same_names(condition, test, note)
    given = {name: _filled(condition.id, value, settings.values, note) for name, value in condition.params.items()}
    params = {name: _typed(condition.id, fact, kind, given.get(name), note) for name, kind in test.params.items()}
    if "codes" in params:
        listed = cast("tuple[str, ...]", params["codes"])
        params[INDICES] = tuple(float(fact.codes.index(code)) for code in listed)
    return ReadyCondition(
        id=condition.id,
        test=test,
        fact=fact,
        params=MappingProxyType(params),
        group=condition.group,
        needed=condition.needed,
        stages=condition.stages,
        texts=_texts(condition, fact, settings.words, note),
    )


def _same_names(condition: Condition, test: ConditionTest, note: Note) -> None:
    for name in sorted(set(test.params) - set(condition.params)):
        note(condition.id, f"缺少参数 {name!r}", f"parameter {name!r} is missing")
    for name in sorted(set(condition.params) - set(test.params)):
        note(condition.id, f"测试 {condition.test!r} 没有参数 {name!r}", f"unknown parameter {name!r}")


def _filled(where: str, value: object, values: Mapping[str, object], note: Note) -> object:
    if isinstance(value, list):
        return [_filled(where, one, values, note) for one in value]
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    if value[1:] not in values:
        note(where, f"本院参数中没有 {value!r}", f"the court sets no parameter {value!r}")
        return 0
    return values[value[1:]]


def _typed(where: str, fact: Fact, kind: str, value: object, note: Note) -> Param:
    parts = value if isinstance(value, list) else [value]
    if value is None:
        return () if kind != "number" else 0.0
    if kind == "number":
        if all(isinstance(part, int | float) and not isinstance(part, bool) for part in parts):
            return float(sum(parts))
        note(where, f"参数应为数字，实为 {value!r}", f"the parameter must be a number, not {value!r}")
        return 0.0
    allowed = [part for part in parts if isinstance(part, str) and (kind == "texts" or part in fact.codes)]
    if len(allowed) < len(parts) or not isinstance(value, list) or not parts:
        note(where, f"参数 {value!r} 含 {fact.name} 没有的值", f"{value!r} is no list of values of {fact.name}")
    return tuple(allowed)


def _texts(condition: Condition, fact: Fact, words: Mapping[str, str], note: Note) -> Mapping[Met, Text]:
    default = Text(f"{fact.zh}未知", f"{fact.en} unknown")
    texts = {"unknown": default, **condition.texts}
    return MappingProxyType({answer: _worded(condition.id, text, words, note) for answer, text in texts.items()})


def _worded(where: str, text: Text, words: Mapping[str, str], note: Note) -> Text:
    for hole in _HOLE.findall(text.zh + text.en):
        if hole != "value" and hole not in words:
            note(where, f"说明中的 {{{hole}}} 不是参数", f"{{{hole}}} in a text is no parameter")
    zh, en = (_HOLE.sub(lambda hole: words.get(hole[1], hole[0]), one) for one in text)
    return Text(zh, en)


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """The rules of one stage laid out flat: conditions, groups of alternatives, rules.

    Met is 2, unknown 1, not met 0, so alternatives are a maximum and groups a
    minimum; both run over all rules in one step each. `own` are the places of
    each rule's conditions; `others` the conditions that are more than
    `comparisons`.
    """

    rules: tuple[ReadyRule, ...]
    conditions: tuple[ReadyCondition, ...]
    own: tuple[slice, ...]
    comparisons: Comparisons
    others: tuple[tuple[int, Run], ...]
    group_starts: npt.NDArray[np.intp]
    rule_starts: npt.NDArray[np.intp]
    unneeded: npt.NDArray[np.intp]
    neutral: Tri
    scored: npt.NDArray[np.intp]

    @classmethod
    def of(cls, rules: Sequence[ReadyRule], stage: Stage) -> Program:
        """Lay out the rules that look at cases of this stage."""
        kept = [_at(rule, stage) for rule in rules if stage in rule.rule.stages]
        flat = [(rule.rule.id, one) for rule in kept for one in rule.conditions]
        starts = accumulate((len(rule.conditions) for rule in kept[:-1]), initial=0)
        groups = [(rule, one.group) for rule, one in flat]
        heads = [i for i, group in enumerate(groups) if i == 0 or group != groups[i - 1]]
        owners = [groups[i][0] for i in heads]
        unneeded = [i for i, (_, one) in enumerate(flat) if not one.needed]
        neutral = [NO if groups.count(groups[i]) > 1 else YES for i in unneeded]
        return cls(
            rules=tuple(kept),
            conditions=tuple(one for _, one in flat),
            own=tuple(slice(start, start + len(rule.conditions)) for start, rule in zip(starts, kept, strict=True)),
            comparisons=_compared([one for _, one in flat]),
            others=tuple((i, one.test.run) for i, (_, one) in enumerate(flat) if one.test.run),
            group_starts=np.array(heads, dtype=np.intp),
            rule_starts=np.array([i for i, o in enumerate(owners) if i == 0 or o != owners[i - 1]], dtype=np.intp),
            unneeded=np.array(unneeded, dtype=np.intp),
            neutral=np.array(neutral, dtype=np.uint8).reshape(-1, 1),
            scored=np.array([i for i, (_, one) in enumerate(flat) if one.fact.type == "score"], dtype=np.intp),
        )

    def test(self, view: CaseView) -> Tri:
        """Return the verdict of every condition on every row, (C, n)."""
        conditions = np.empty((len(self.conditions), len(view)), dtype=np.uint8)
        for start in range(0, len(view), CHUNK):
            rows = slice(start, start + CHUNK)
            conditions[self.comparisons.conditions, rows] = self.comparisons.verdicts(view, rows)
        for place, run in self.others:
            one = self.conditions[place]
            conditions[place] = run(view, one.fact.name, one.params)
        return conditions

    def combine(self, conditions: Tri) -> Tri:
        """Return one verdict per rule and row, (R, n), from those of the conditions, (C, n)."""
        settled = conditions.copy()
        optional = settled[self.unneeded]
        settled[self.unneeded] = np.where(optional == UNKNOWN, self.neutral, optional)
        groups = np.maximum.reduceat(settled, self.group_starts, axis=0)
        return np.minimum.reduceat(groups, self.rule_starts, axis=0)


def _compared(conditions: Sequence[ReadyCondition]) -> Comparisons:
    return Comparisons.of(
        {i: (one.fact.name, one.test.spans(one.params)) for i, one in enumerate(conditions) if one.test.spans}
    )


def _at(rule: ReadyRule, stage: Stage) -> ReadyRule:
    return ReadyRule(rule=rule.rule, conditions=tuple(one for one in rule.conditions if stage in one.stages))
