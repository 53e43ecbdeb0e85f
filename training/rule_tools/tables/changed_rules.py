"""How one version of a rule differs from another: what it does, when it is looked at, and each of its conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from features.register import Stage
from models.lanes import lane_text
from models.rules.rule import Condition, OnUnknown, Rule, Text
from training.rule_tools.tables.effects import Ease, Effect, of_condition, of_rule
from training.rule_tools.tables.wording import Wording, by_ids
from training.rule_tools.tables.words import KINDS, STAGES, does


@dataclass(frozen=True)
class RuleChange:
    """One difference of a rule: its id or that of a condition, the effect, and both sides where there are two."""

    id: str
    effect: Effect
    text: Text
    old: Text | None = None
    new: Text | None = None


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
        *_Conditions(old, new, before, after).changes(),
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
        (Text("条件组合", "how conditions combine"), _combined(old), _combined(new)),
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


@dataclass(frozen=True)
class _Conditions:
    """The conditions of two versions of a rule, each with the wording of its table."""

    old: Rule
    new: Rule
    before: Wording
    after: Wording

    def changes(self) -> Iterator[RuleChange]:
        """Yield conditions that came, went or ask something else."""
        before, after = ({one.id: one for one in rule.conditions} for rule in (self.old, self.new))
        for name in dict.fromkeys((*before, *after)):
            was, now = before.get(name), after.get(name)
            if was is None and now is not None:
                asks, ease = self.after.condition(now), _ease_of_more(self.old, now)
                text = Text(f"新增条件 {name}：{asks.zh}", f"new condition {name}: {asks.en}")
                yield self._came_or_went(name, text, ease)
            elif now is None and was is not None:
                asks, ease = self.before.condition(was), _ease_of_more(self.new, was)
                text = Text(f"删除条件 {name}：{asks.zh}", f"condition {name} removed: {asks.en}")
                yield self._came_or_went(name, text, Ease(-ease))
            elif was is not None and now is not None and was != now:
                yield self._changed(was, now)

    def _came_or_went(self, name: str, text: Text, ease: Ease) -> RuleChange:
        """Return the change: one more alternative eases a rule, one more demand makes it harder to meet."""
        zh, en = f"规则 {self.new.id}「{self.new.zh}」{text.zh}", f"rule {self.new.id} ({self.new.en}): {text.en}"
        return RuleChange(name, of_rule(self.new, ease), Text(zh, en))

    def _changed(self, was: Condition, now: Condition) -> RuleChange:
        if replace(was, texts=now.texts) == now:
            text = Text(
                f"规则 {self.new.id}「{self.new.zh}」条件 {now.id} 的说明文字有改动",
                f"the texts of condition {now.id} were reworded",
            )
            return RuleChange(now.id, Effect.NEUTRAL, text)
        old, new = self.before.condition(was), self.after.condition(now)
        if old == new or replace(was, params=now.params, texts=now.texts) != now:
            old, new = _asked(was, self.before), _asked(now, self.after)
        zh = f"规则 {self.new.id}「{self.new.zh}」条件 {now.id}：{old.zh} → {new.zh}"
        text = Text(zh, f"rule {self.new.id} ({self.new.en}), condition {now.id}: {old.en} → {new.en}")
        return RuleChange(now.id, of_rule(self.new, _ease(self.new, was, now)), text, old, new)


def _ease(rule: Rule, was: Condition, now: Condition) -> Ease:
    """Return whether a condition became easier to meet; only other parameters of the same test can tell."""
    changed = [name for name in {*was.params, *now.params} if was.params.get(name) != now.params.get(name)]
    if replace(was, texts=now.texts, params=now.params) != now or len(changed) != 1:
        return Ease.NEITHER
    return of_condition(rule, now, was.params.get(changed[0]), now.params.get(changed[0]))


def _ease_of_more(rule: Rule, one: Condition) -> Ease:
    """Return what a further condition makes of a rule: an alternative eases it, one more demand does not."""
    if rule.branches is not None:
        return Ease.NEITHER
    return Ease.EASIER if any(other.group == one.group for other in rule.conditions) else Ease.HARDER


def _asked(one: Condition, wording: Wording) -> Text:
    """Return what a condition asks, when, and with which others it is joined, so that no difference goes unseen."""
    asks, stages = wording.condition(one), STAGES[one.stages]
    group = one.group or "-"
    needed = ("", "") if one.needed else ("，不明时不影响", ", ignored when unknown")
    zh = f"{asks.zh}（{stages.zh}，条件组 {group}{needed[0]}）"
    return Text(zh, f"{asks.en} ({stages.en}, group {group}{needed[1]})")


def _turned(rule: Rule, what: Text, old: Text, new: Text, *, effect: Effect = Effect.CHANGED) -> RuleChange:
    zh = f"规则 {rule.id}「{rule.zh}」的{what.zh}：{old.zh} → {new.zh}"
    return RuleChange(
        rule.id, effect, Text(zh, f"rule {rule.id} ({rule.en}), {what.en}: {old.en} → {new.en}"), old, new
    )


def _or_none(value: object) -> Text:
    return Text(str(value), str(value)) if value else Text("无", "none")


def _combined(rule: Rule) -> Text:
    """Return how a rule with branches combines its conditions, by their ids; empty for groups of alternatives."""
    if rule.branches is None:
        return Text("按条件组", "by groups")
    return by_ids(rule.branches, rule)


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
