"""Whether rules and parameters are in force once on every day: no overlap, no gap, nothing over before it begins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, pairwise

from models.rules.rule import Limit, ParameterSet, Rule, RuleFault

Dated = Rule | Limit


def misdated(rules: Iterable[Dated], sets: Sequence[ParameterSet], first_day: date) -> Iterator[RuleFault]:
    """Yield versions that overlap, gaps between them, and what ended before the tables begin."""
    for name, versions in _by_id(rules).items():
        for first, second in combinations(versions, 2):
            if first.overlaps(second):
                zh, en = "与同一编号的另一版本施行期间重叠", "two versions are in force at the same time"
                yield RuleFault(second.file, name, zh, en)
        for first, second in pairwise(sorted(versions, key=lambda one: one.in_force_from)):
            if first.until is not None and first.until < second.in_force_from:
                zh = f"两个版本之间有空档：{first.until} 至 {second.in_force_from}；确需中断的请另编规则编号"
                en = f"no version is in force from {first.until} to {second.in_force_from}; use another id if meant"
                yield RuleFault(second.file, name, zh, en)
        for one in versions:
            if one.until is not None and one.until <= first_day:
                zh = f"施行期间在 {first_day} 规则表施行前已结束，永远不会适用"
                yield RuleFault(one.file, name, zh, f"was over before the tables begin on {first_day}")
    for earlier, later in combinations(sets, 2):
        if earlier.overlaps(later):
            zh, en = "与另一组参数的施行期间重叠", "two sets of parameters are in force at the same time"
            yield RuleFault(later.file, later.version, zh, en)


def _by_id(rules: Iterable[Dated]) -> Mapping[str, list[Dated]]:
    found: dict[str, list[Dated]] = defaultdict(list)
    for one in rules:
        found[one.id].append(one)
    return found
