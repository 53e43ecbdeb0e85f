"""What a court's file may not do to the law: replace it, leave it out, outrank it, take its words, or stop a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from models.rules.reading.rule_file import RuleFile
from models.rules.rule import Kind, Rule, RuleFault

LANE_KINDS = frozenset({Kind.HARD_STOP, Kind.HARD_LANE, Kind.HARD_OFFER, Kind.MODEL, Kind.LIFECYCLE})
"""Kinds of rule that decide a lane."""


def loosened(statute: RuleFile, court: RuleFile) -> Iterator[RuleFault]:
    """Yield everything with which a court's file would loosen the law."""
    yield from _laid(court)
    yield from _left_out(statute, court)
    for rule in court.rules:
        for holds, zh, en in _FORBIDDEN:
            if holds(rule, statute.rules):
                yield RuleFault(rule.file, rule.id, zh, en)


def _laid(court: RuleFile) -> Iterator[RuleFault]:
    for one in court.declared:
        zh, en = "参数及其界限只能由法定规则声明", "only the statutory file declares parameters"
        yield RuleFault(court.file, one.name, zh, en)
    for limit in court.limits:
        zh, en = (
            "法定期限只能由法定规则写明；本院缩短期限请设参数",
            "only the statutory file holds limits; set a parameter",
        )
        yield RuleFault(court.file, limit.id, zh, en)


def _left_out(statute: RuleFile, court: RuleFile) -> Iterator[RuleFault]:
    own = {rule.id for rule in statute.rules}
    for name in court.without:
        if name in own:
            yield RuleFault(court.file, name, "法定规则不得省去", "a statutory rule may not be left out")


def _is_statutory(rule: Rule, law: Sequence[Rule]) -> bool:
    return any(rule.id == one.id for one in law)


def _takes_flag(rule: Rule, law: Sequence[Rule]) -> bool:
    return bool(rule.flag) and any(rule.flag == one.flag for one in law)


def _outranks(rule: Rule, law: Sequence[Rule]) -> bool:
    first = min((one.rank for one in law if one.rank), default=0)
    return 0 < rule.rank <= first


_FORBIDDEN: tuple[tuple[Callable[[Rule, Sequence[Rule]], bool], str, str], ...] = (
    (_is_statutory, "本院规则不得替换法定规则", "a court's file may not replace a statutory rule"),
    (
        lambda rule, _: rule.kind is Kind.HARD_STOP,
        "立案条件由法律、司法解释规定，本院不得另设不予分流的情形；请用 hard_lane 精办或 flag 提示",
        "the law sets the conditions for filing; a court adds no stops, but a lane (hard_lane) or a notice (flag)",
    ),
    (
        _takes_flag,
        "提示代码已由法定规则使用，请另取代码",
        "the flag belongs to a statutory rule; take another code",
    ),
    (
        _outranks,
        "涉民生案件优先，本院规则的 rank 应大于法定规则的最小 rank",
        "livelihood claims come first; the rank must be greater than the least of the law",
    ),
)


def unknown_as_met(rules: Iterable[Rule]) -> Iterator[RuleFault]:
    """Yield rules that could be met by facts which nobody knows.

    A condition that is not needed is passed over while it is unknown. So every
    rule needs some condition at each of its stages, and one that decides a lane
    may pass over a condition only among alternatives, or where a person checks.
    """
    for rule in rules:
        for stage in sorted(rule.stages):
            own = [one for one in rule.conditions if stage in one.stages]
            if not own:
                yield RuleFault(rule.file, rule.id, f"阶段 {stage} 没有任何条件", f"no condition at stage {stage}")
            elif not any(one.needed for one in own):
                zh = f"阶段 {stage} 的条件均为 needed = false，事实不明也会成立"
                yield RuleFault(
                    rule.file, rule.id, zh, f"at stage {stage} no condition is needed; unknown would be met"
                )
        if rule.kind in LANE_KINDS:
            yield from _passed_over(rule)


def _passed_over(rule: Rule) -> Iterator[RuleFault]:
    for one in rule.conditions:
        if one.needed or one.test == "cannot_check":
            continue
        beside = [other for other in rule.conditions if other.group == one.group and other.needed]
        if rule.branches is not None or not all(any(s in o.stages for o in beside) for s in one.stages):
            zh = "决定分流去向的规则，needed = false 只能用于同组另有必要条件的情形，否则事实不明即视为成立"
            en = "in a rule that decides a lane a condition may be passed over only beside one that is needed"
            yield RuleFault(rule.file, one.id, zh, en)
