"""How one version of a rule differs from another: what it does, when it is looked at, and each of its conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from features.register import Stage
from models.lanes import lane_text
from models.rules.rule import Condition, OnUnknown, Rule, Text
from training.rule_tools.tables.effects import Ease, Effect, of_rule, of_test
from training.rule_tools.tables.wording import Wording
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
    return replace(rule, in_force_from=date.min, until=None, file="")


def appeared(rule: Rule, wording: Wording, *, known: bool) -> RuleChange:
    """Return the change of a rule that holds where it did not; `known` when the old table had it on other days."""
    what, effect = does(rule), of_rule(rule, Ease.EASIER)
    if known:
        text = Text(
            f"规则 {rule.id}「{rule.zh}」在此期间新表施行、原表未施行",
            f"rule {rule.id} ({rule.en}) is in force only in the new table",
        )
        return RuleChange(rule.id, effect, text)
    asked = joined(rule, wording)
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


def joined(rule: Rule, wording: Wording) -> Text:
    """Return all conditions of a rule in one sentence: alternatives by 或, groups by 且."""
    groups: dict[str, list[Text]] = {}
    for one in rule.conditions:
        groups.setdefault(one.group, []).append(wording.condition(one))
    several = len(groups) > 1
    zh = [
        f"（{'，或'.join(t.zh for t in own)}）" if several and len(own) > 1 else "，或".join(t.zh for t in own)
        for own in groups.values()
    ]
    en = [
        f"({' or '.join(t.en for t in own)})" if several and len(own) > 1 else " or ".join(t.en for t in own)
        for own in groups.values()
    ]
    return Text("，且".join(zh), " and ".join(en))


def compared(old: Rule, new: Rule, before: Wording, after: Wording) -> Sequence[RuleChange]:
    """Return every difference between two versions of a rule."""
    return [
        *_of_what_it_does(old, new),
        *_Conditions(old, new, before, after).changes(),
        *_of_wording(old, new),
        *_of_the_rest(old, new),
    ]


def _of_what_it_does(old: Rule, new: Rule) -> Iterator[RuleChange]:
    if old.kind is not new.kind:
        yield _turned(new, Text("作用", "what it does"), KINDS[old.kind], KINDS[new.kind])
    if old.lane is not new.lane:
        yield _turned(new, Text("归入", "lane"), _lane(old), _lane(new))
    if old.stages != new.stages:
        yield _turned(new, Text("适用阶段", "stages"), STAGES[old.stages], STAGES[new.stages])
    if old.on_unknown is not new.on_unknown:
        blocks = new.on_unknown is OnUnknown.BLOCK_URGE
        change = _turned(
            new, Text("事实不明时", "while facts are missing"), _UNKNOWN[old.on_unknown], _UNKNOWN[new.on_unknown]
        )
        yield replace(change, effect=Effect.STRICTER if blocks else Effect.LOOSER)
    if old.flag != new.flag:
        yield _turned(
            new,
            Text("提示代码", "flag"),
            Text(old.flag or "无", old.flag or "none"),
            Text(new.flag or "无", new.flag or "none"),
        )


def _of_wording(old: Rule, new: Rule) -> Iterator[RuleChange]:
    if old.basis != new.basis:
        yield replace(
            _turned(new, Text("依据", "article"), Text(old.basis, old.basis), Text(new.basis, new.basis)),
            effect=Effect.NEUTRAL,
        )
    if (old.zh, old.en) != (new.zh, new.en):
        yield replace(
            _turned(new, Text("名称", "name"), Text(old.zh, old.en), Text(new.zh, new.en)), effect=Effect.NEUTRAL
        )
    if (old.texts, old.flag_text) != (new.texts, new.flag_text):
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
                asks, alternative = self.after.condition(now), _has_group(self.old, now.group)
                text = Text(f"新增条件 {name}：{asks.zh}", f"new condition {name}: {asks.en}")
                yield self._came_or_went(name, text, Ease.EASIER if alternative else Ease.HARDER)
            elif now is None and was is not None:
                asks, alternative = self.before.condition(was), _has_group(self.new, was.group)
                text = Text(f"删除条件 {name}：{asks.zh}", f"condition {name} removed: {asks.en}")
                yield self._came_or_went(name, text, Ease.HARDER if alternative else Ease.EASIER)
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
        return RuleChange(now.id, of_rule(self.new, _ease(was, now)), text, old, new)


def _ease(was: Condition, now: Condition) -> Ease:
    """Return whether a condition became easier to meet; only other parameters of the same test can tell."""
    changed = [name for name in {*was.params, *now.params} if was.params.get(name) != now.params.get(name)]
    if replace(was, texts=now.texts, params=now.params) != now or len(changed) != 1:
        return Ease.NEITHER
    return of_test(now.test, was.params.get(changed[0]), now.params.get(changed[0]))


def _asked(one: Condition, wording: Wording) -> Text:
    """Return what a condition asks, when, and with which others it is joined, so that no difference goes unseen."""
    asks, stages = wording.condition(one), STAGES[one.stages]
    group = one.group or "-"
    needed = ("", "") if one.needed else ("，不明时不影响", ", ignored when unknown")
    zh = f"{asks.zh}（{stages.zh}，条件组 {group}{needed[0]}）"
    return Text(zh, f"{asks.en} ({stages.en}, group {group}{needed[1]})")


def _has_group(rule: Rule, group: str) -> bool:
    return any(one.group == group for one in rule.conditions)


def _turned(rule: Rule, what: Text, old: Text, new: Text) -> RuleChange:
    text = Text(
        f"规则 {rule.id}「{rule.zh}」的{what.zh}：{old.zh} → {new.zh}",
        f"rule {rule.id} ({rule.en}), {what.en}: {old.en} → {new.en}",
    )
    return RuleChange(rule.id, Effect.CHANGED, text, old, new)


def _lane(rule: Rule) -> Text:
    return Text("无", "none") if rule.lane is None else Text(*lane_text(rule.lane, Stage.B))


_UNKNOWN: Mapping[OnUnknown, Text] = {
    OnUnknown.BLOCK_URGE: Text("不得督促", "no urging"),
    OnUnknown.IGNORE: Text("不影响分流", "no effect"),
}
_TOLD = {
    "in_force_from",
    "until",
    "id",
    "kind",
    "zh",
    "en",
    "basis",
    "stages",
    "on_unknown",
    "lane",
    "flag",
    "flag_text",
    "texts",
    "conditions",
    "file",
}
