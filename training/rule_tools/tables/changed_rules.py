"""How one version of a rule differs from another: what it does, when it is looked at, and each of its conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date

from features.register import Stage
from models.lanes import lane_text
from models.rules.rule import OnUnknown, Rule, Text
from training.rule_tools.tables.changed_conditions import ChangedConditions, RuleChange
from training.rule_tools.tables.effects import Ease, Effect, of_rule
from training.rule_tools.tables.wording import Wording
from training.rule_tools.tables.words import KINDS, STAGES, does


def plain_rule(rule: Rule) -> Rule:
    """Return what a rule says, without the days on which it holds and the file it stands in."""
    return replace(rule, in_force_from=date.min, until=None, file="", statutory=False)


def appeared(rule: Rule, wording: Wording, *, known: bool) -> RuleChange:
    """Return the change of a rule that holds where it did not; `known` when the old table had it on other days."""
    what, effect = does(rule), of_rule(rule, Ease.EASIER)
    if known:
        text = Text(
            f"规则 {rule.id}「{rule.zh}」在此期间新表施行、原表未施行",
            f"rule {rule.id} ({rule.en}) is in force only in the new table",
        )
        return RuleChange(rule.id, effect, text)
    asked = wording.combined(rule)
    zh = f"新增规则 {rule.id}「{rule.zh}」：{what.zh}；条件：{asked.zh}（{rule.basis}）"
    en = f"new rule {rule.id} ({rule.en}): {what.en}; conditions: {asked.en}"
    return RuleChange(rule.id, effect, Text(zh, en))


def vanished(rule: Rule, *, kept: bool) -> RuleChange:
    """Return the change of a rule that no longer holds; `kept` when the new table has it on other days."""
    effect, what = of_rule(rule, Ease.HARDER), does(rule)
    if kept:
        text = Text(
            f"规则 {rule.id}「{rule.zh}」在此期间新表不再施行",
            f"rule {rule.id} ({rule.en}) is in force only in the old table",
        )
    else:
        text = Text(
            f"删除规则 {rule.id}「{rule.zh}」（原作用：{what.zh}）",
            f"rule {rule.id} ({rule.en}) removed; it did: {what.en}",
        )
    return RuleChange(rule.id, effect, text)


def compared(old: Rule, new: Rule, before: Wording, after: Wording) -> Sequence[RuleChange]:
    """Return every difference between two versions of a rule."""
    return [
        *_of_what_it_does(old, new),
        *ChangedConditions(old, new, before, after).changes(),
        *_of_wording(old, new),
        *_of_the_rest(old, new),
    ]


def _of_what_it_does(old: Rule, new: Rule) -> Iterator[RuleChange]:
    for what, was, now in (
        (Text("作用", "what it does"), KINDS[old.kind], KINDS[new.kind]),
        (Text("归入", "lane"), _lane(old), _lane(new)),
        (Text("适用阶段", "stages"), STAGES[old.stages], STAGES[new.stages]),
        (Text("提示代码", "flag"), _or_none(old.flag), _or_none(new.flag)),
        (Text("办理次序", "place in the order of work"), _or_none(old.rank), _or_none(new.rank)),
        (Text("指向团队", "team"), _or_none(old.team), _or_none(new.team)),
        (Text("让位于", "yields to"), _or_none("、".join(old.yields_to)), _or_none("、".join(new.yields_to))),
    ):
        if was != now:
            yield _turned(new, what, was, now)
    if old.on_unknown is not new.on_unknown:
        effect = Effect.STRICTER if new.on_unknown is OnUnknown.BLOCK_URGE else Effect.LOOSER
        was, now = _UNKNOWN[old.on_unknown], _UNKNOWN[new.on_unknown]
        yield _turned(new, Text("事实不明时", "while facts are missing"), was, now, effect=effect)


def _of_wording(old: Rule, new: Rule) -> Iterator[RuleChange]:
    for what, was, now in (
        (Text("依据", "article"), Text(old.basis, old.basis), Text(new.basis, new.basis)),
        (Text("名称", "name"), Text(old.zh, old.en), Text(new.zh, new.en)),
    ):
        if was != now:
            yield _turned(new, what, was, now, effect=Effect.NEUTRAL)
    if (old.texts, old.flag_text, old.team_text) != (new.texts, new.flag_text, new.team_text):
        text = Text(
            f"规则 {new.id}「{new.zh}」的说明文字有改动", f"the texts of rule {new.id} ({new.en}) were reworded"
        )
        yield RuleChange(new.id, Effect.NEUTRAL, text)


def _of_the_rest(old: Rule, new: Rule) -> Iterator[RuleChange]:
    """Yield whatever else a rule holds and differs in, so that nothing is passed over."""
    for name in [one.name for one in fields(Rule) if one.name not in _TOLD]:
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield _turned(new, Text(name, name), Text(str(was), str(was)), Text(str(now), str(now)))


def _turned(rule: Rule, what: Text, old: Text, new: Text, *, effect: Effect = Effect.CHANGED) -> RuleChange:
    zh = f"规则 {rule.id}「{rule.zh}」的{what.zh}：{old.zh} → {new.zh}"
    return RuleChange(
        rule.id, effect, Text(zh, f"rule {rule.id} ({rule.en}), {what.en}: {old.en} → {new.en}"), old, new
    )


def _or_none(value: object) -> Text:
    return Text(str(value), str(value)) if value else Text("无", "none")


def _lane(rule: Rule) -> Text:
    return Text("无", "none") if rule.lane is None else Text(*lane_text(rule.lane, Stage.B))


_UNKNOWN: Mapping[OnUnknown, Text] = {
    OnUnknown.BLOCK_URGE: Text("不得督促", "no urging"),
    OnUnknown.IGNORE: Text("不影响分流", "no effect"),
}
_TOLD = frozenset(
    {"in_force_from", "until", "id", "kind", "zh", "en", "basis", "stages", "on_unknown", "lane", "flag", "flag_text"}
    | {"texts", "conditions", "file", "statutory", "branches", "yields_to", "rank", "team", "team_text"}
)
"""Parts of a rule that are told in words of their own, or say nothing of what it does."""
