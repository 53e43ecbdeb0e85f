"""Grounds in words: why a case got its lane, and what made it get another one under another table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from features.register import Stage
from models.abstention import WORDS
from models.lanes import Lane
from models.routes import NO_RULE, Routes
from models.rules.result import RuleResult
from models.rules.rule import Kind, OnUnknown, Text
from models.rules.tri import UNKNOWN, YES
from models.rules.tri import WORDS as ANSWERS
from training.rule_tools.replay.replaying import Part

UNSCORED = Text("无可用分值，由法官确定", "no usable score; the judge decides")
STATES: Mapping[str, Text] = MappingProxyType(
    {"met": Text("成立", "met"), "not_met": Text("不成立", "not met"), "unknown": Text("不明", "unknown")}
)
_ABSENT = Text("无此规则", "no such rule")
_HINTS = (Kind.FLAG, Kind.GROUPING, Kind.PRIORITY)
"""Kinds of rules that change no lane, so that they are no ground for a change either."""


def ground(routes: Routes, row: int) -> Text:
    """Return why a case got its lane; of what fits no standard, also why it is not fast."""
    place = int(routes.rule[row])
    if place == NO_RULE:
        return UNSCORED
    rules = [one.rule for one in routes.outcomes.program.rules]
    told = [found_by(routes, row, place)]
    if rules[place].kind is Kind.MODEL and rules[place].lane is Lane.COMPLEX:
        fast = next(i for i, one in enumerate(rules) if one.kind is Kind.MODEL and one.lane is Lane.FAST)
        told.append(found_by(routes, row, fast))
    return joined(told)


def found_by(routes: Routes, row: int, place: int) -> Text:
    """Return what a rule found: its own words, else those of the conditions that its answer hangs on.

    A rule that is met hangs on one condition of each group, one that is not on
    every condition of the first group that fails.
    """
    outcomes, ready = routes.outcomes, routes.outcomes.program.rules[place]
    line = outcomes.line(row, place)
    if line.result in ready.rule.texts or line.result == "unknown":
        return Text(line.zh, line.en)
    if ready.rule.branches is not None:
        return joined(
            [Text(one.zh, one.en) for one in line.parts if one.result == line.result] or [Text(line.zh, line.en)]
        )
    groups: dict[str, list[RuleResult]] = {}
    for condition, part in zip(ready.conditions, line.parts, strict=True):
        groups.setdefault(condition.group, []).append(part)
    met = {name: [one for one in parts if one.result == "met"] for name, parts in groups.items()}
    if line.result == "met":
        return joined([Text(parts[0].zh, parts[0].en) for parts in met.values() if parts])
    failed = next((groups[name] for name, parts in met.items() if not parts), line.parts)
    return joined([Text(one.zh, one.en) for one in failed])


def reason_for_change(part: Part, row: int) -> Text:
    """Return the first thing that acts otherwise under the new table: a rule, the scores, or a lane's standard."""
    old, new = _places(part.old), _places(part.new)
    names = list(dict.fromkeys((*new, *old)))
    differing = [name for name in names if _acts(part.old, old.get(name), row) != _acts(part.new, new.get(name), row)]
    rules = [name for name in differing if not name.startswith("M")]
    if rules:
        return _turn(part, row, old.get(rules[0]), new.get(rules[0]))
    if _withheld(part.old, row) != _withheld(part.new, row):
        return _of_scores(part, row)
    if differing:
        return _turn(part, row, old.get(differing[0]), new.get(differing[0]))
    return Text("规则的作用或次序有变动", "the rules do something else, or in another order")


def joined(texts: list[Text]) -> Text:
    """Return several findings as one, each said once."""
    once = list(dict.fromkeys(texts))
    return Text("；".join(one.zh for one in once), "; ".join(one.en for one in once))


def _turn(part: Part, row: int, before: int | None, after: int | None) -> Text:
    """Return how a rule's answer turned, with what its changed conditions say now (or said, where they are gone)."""
    routes, place = (part.old, before) if after is None else (part.new, after)
    assert place is not None
    rule = routes.outcomes.program.rules[place].rule
    was, now = _state(part.old, before, row), _state(part.new, after, row)
    said = _changed_conditions(part, row, before, after) or found_by(routes, row, place)
    zh = f"{rule.id}「{rule.zh}」：{was.zh} → {now.zh}（{said.zh}）"
    return Text(zh, f"{rule.id} ({rule.en}): {was.en} → {now.en} ({said.en})")


def _changed_conditions(part: Part, row: int, before: int | None, after: int | None) -> Text | None:
    if before is None or after is None:
        return None
    was = {one.id: one for one in part.old.outcomes.line(row, before).parts}
    now = {one.id: one for one in part.new.outcomes.line(row, after).parts}
    turned = [one for name, one in now.items() if _result(was, name) != one.result]
    gone = [one for name, one in was.items() if name not in now and one.result != "not_met"]
    said = [Text(one.zh, one.en) for one in turned]
    said += [Text(f"新表不再有这一条件：{one.zh}", f"a condition that is gone: {one.en}") for one in gone]
    return joined(said) if said else None


def _result(parts: Mapping[str, RuleResult], name: str) -> str:
    """Return what a condition found; not met where the table has none of this name."""
    return parts[name].result if name in parts else "not_met"


def _places(routes: Routes) -> dict[str, int]:
    return {one.rule.id: i for i, one in enumerate(routes.outcomes.program.rules) if one.rule.kind not in _HINTS}


def _acts(routes: Routes, place: int | None, row: int) -> str:
    """Return how a rule acts on a case: not at all, by being met, or by facts that are missing."""
    if place is None:
        return "no"
    rule, verdict = routes.outcomes.program.rules[place].rule, routes.outcomes.verdicts[place, row]
    if rule.kind is Kind.MODEL:
        return ANSWERS[int(verdict)]
    blocks = verdict == UNKNOWN and rule.on_unknown is OnUnknown.BLOCK_URGE and routes.outcomes.view.stage is Stage.A
    if rule.kind is Kind.BLOCK_URGE:
        return "blocks" if verdict == YES or blocks else "no"
    return "met" if verdict == YES else "blocks" if blocks else "no"


def _state(routes: Routes, place: int | None, row: int) -> Text:
    return _ABSENT if place is None else STATES[ANSWERS[int(routes.outcomes.verdicts[place, row])]]


def _withheld(routes: Routes, row: int) -> bool:
    scores = routes.outcomes.view.scores
    return scores is not None and bool(scores.abstained[row])


def _of_scores(part: Part, row: int) -> Text:
    """Return that the scores became usable or are withheld now, and for which reasons they are or were withheld."""
    now = _withheld(part.new, row)
    table = part.new_table if now else part.old_table
    reasons = [] if table is None else [Text(*WORDS[one]) for one, rows in table.reasons.items() if rows[row]]
    why = joined(reasons)
    usable, withheld = Text("可用", "usable"), Text("暂不评分", "withheld")
    was, is_ = (usable, withheld) if now else (withheld, usable)
    return Text(f"分值：{was.zh} → {is_.zh}（{why.zh}）", f"scores: {was.en} → {is_.en} ({why.en})")
