"""Whether lanes contradict each other: rules that send one case two ways, against the law, or never meet a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import combinations

from features.register import Stage
from models.lanes import Lane
from models.rules.checking.reach import possible, together, ways
from models.rules.ready import ReadyRule
from models.rules.rule import Kind, Rule, RuleFault

DECIDING = frozenset({Kind.HARD_LANE, Kind.HARD_OFFER})
_LAW_FIRST = frozenset({Kind.HARD_STOP, Kind.HARD_LANE})


def order_faults(rules: Sequence[Rule]) -> list[RuleFault]:
    """Return what is wrong with the order that a court gives its own lanes: unknown names, the law, circles."""
    own = {rule.id for rule in rules if not rule.statutory and rule.kind in DECIDING}
    faults = [
        RuleFault(rule.file, rule.id, *_strange(name, rules))
        for rule in rules
        for name in rule.yields_to
        if name not in own
    ]
    try:
        TopologicalSorter({rule.id: set(rule.yields_to) & own for rule in rules if rule.id in own}).prepare()
    except CycleError as error:
        circle = " → ".join(error.args[1])
        where = next(rule for rule in rules if rule.id == error.args[1][0])
        faults.append(
            RuleFault(where.file, where.id, f"先后次序成环：{circle}", f"the order runs in a circle: {circle}")
        )
    return faults


def _strange(name: str, rules: Sequence[Rule]) -> tuple[str, str]:
    if any(rule.id == name and rule.statutory for rule in rules):
        return f"法定规则 {name} 本就优先，无须写入 yields_to", f"{name} is the law and goes first anyway"
    return f"yields_to 中的 {name!r} 不是本院的 hard_lane 或 hard_offer 规则", f"{name!r} is no lane rule of the court"


def lane_faults(rules: Sequence[ReadyRule]) -> Iterator[RuleFault]:
    """Yield rules in force on one day that never meet a case, contradict each other, or contradict the law."""
    for stage in Stage:
        here = [one for one in rules if stage in one.rule.stages]
        yield from _dead(here, stage)
        own = [one for one in here if one.rule.kind in DECIDING and not one.rule.statutory]
        law = [one for one in here if one.rule.kind in _LAW_FIRST and one.rule.statutory]
        yield from _against_each_other(own, stage)
        yield from _against_the_law(own, law, stage)


def _dead(rules: Sequence[ReadyRule], stage: Stage) -> Iterator[RuleFault]:
    for one in rules:
        if not possible(ways(one, stage)):
            zh = f"条件相互矛盾，阶段 {stage} 没有案件能够成立"
            yield RuleFault(one.rule.file, one.rule.id, zh, f"no case of stage {stage} can ever meet it")


def _against_each_other(own: Sequence[ReadyRule], stage: Stage) -> Iterator[RuleFault]:
    orders = _orders([one.rule for one in own])
    for first, second in combinations(own, 2):
        one, other = first.rule, second.rule
        settled = other.id in orders[one.id] or one.id in orders[other.id]
        if one.lane is not other.lane and not settled and together(ways(first, stage), ways(second, stage)):
            zh = (
                f"与 {one.id} 可在同一案件上同时成立（阶段 {stage}），"
                f"一为{_NAMES[one.lane]}、一为{_NAMES[other.lane]}；请写 yields_to 指明谁让谁"
            )
            en = f"{one.id} can hold of the same case and draws another lane; say with yields_to which gives way"
            yield RuleFault(other.file, other.id, zh, en)


def _against_the_law(own: Sequence[ReadyRule], law: Sequence[ReadyRule], stage: Stage) -> Iterator[RuleFault]:
    for one in own:
        met = ways(one, stage)
        for rule in law:
            other = rule.rule
            if other.lane is one.rule.lane or together(met, ways(rule, stage, met=False)):
                continue
            zh = f"凡符合本规则的案件，法定规则 {other.id}（{other.zh}）均另有去向，本规则与之抵触、永不适用"
            en = f"the law ({other.id}) sends every such case elsewhere; the rule contradicts it and never applies"
            yield RuleFault(one.rule.file, one.rule.id, zh, en)


def _orders(rules: Sequence[Rule]) -> Mapping[str, frozenset[str]]:
    """Return for each rule all that go before it, by whatever steps."""
    steps = {rule.id: frozenset(rule.yields_to) for rule in rules}
    before = dict(steps)
    for _ in steps:  # as many rounds as the longest chain can have steps
        before = {
            name: ahead.union(*(before.get(other, frozenset()) for other in ahead)) for name, ahead in before.items()
        }
    return before


_NAMES: Mapping[Lane | None, str] = {Lane.FAST: "快执", Lane.COMPLEX: "精办", None: "—"}
