"""How the conditions of a rule changed: one by one where that says it all, else the whole rule before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from features.register import Stage
from models.rules.rule import Condition, Rule, Text
from training.rule_tools.tables.effects import Ease, Effect, of_condition, of_rule
from training.rule_tools.tables.wording import Wording
from training.rule_tools.tables.words import STAGES


@dataclass(frozen=True)
class RuleChange:
    """One difference of a rule: its id or that of a condition, the effect, and both sides where there are two."""

    id: str
    effect: Effect
    text: Text
    old: Text | None = None
    new: Text | None = None


@dataclass(frozen=True)
class ChangedConditions:
    """The conditions of two versions of a rule, each with the wording of its table.

    A condition is found again by what it asks, wherever it stands now; else by
    its id, if it still is the same test of the same fact.
    """

    old: Rule
    new: Rule
    before: Wording
    after: Wording

    def changes(self) -> Iterator[RuleChange]:
        """Yield conditions that came, went, ask something else or were reworded; or that the rule was rewritten."""
        pairs, gone, come = self._matched()
        if (gone and come) or self._joined_otherwise(pairs) or ((gone or come) and self._branched):
            yield self._rewritten()
        else:
            for was in gone:
                asks, ease = self.before.condition(was), _ease_of_more(self.new, was)
                text = Text(f"删除条件 {was.id}：{asks.zh}", f"condition {was.id} removed: {asks.en}")
                yield self._told(was.id, of_rule(self.new, Ease(-ease)), text)
            for now in come:
                asks, ease = self.after.condition(now), _ease_of_more(self.old, now)
                text = Text(f"新增条件 {now.id}：{asks.zh}", f"new condition {now.id}: {asks.en}")
                yield self._told(now.id, of_rule(self.new, ease), text)
            for was, now in pairs:
                yield from self._changed(was, now)
        reworded = [now.id for was, now in pairs if was.texts != now.texts]
        if reworded:
            zh, en = f"条件 {'、'.join(reworded)} 的说明文字有改动", f"the texts of {', '.join(reworded)} were reworded"
            yield self._told(self.new.id, Effect.NEUTRAL, Text(zh, en))

    def _matched(self) -> tuple[list[tuple[Condition, Condition]], list[Condition], list[Condition]]:
        """Return conditions that belong together, those that are gone, and those that came."""
        gone, come = _plain(self.old), _plain(self.new)
        pairs: list[tuple[Condition, Condition]] = []
        for same in (_asks_the_same, _is_the_same):
            for was in list(gone):
                now = next((one for one in come if same(was, one)), None)
                if now is not None:
                    gone.remove(was)
                    come.remove(now)
                    pairs.append((was, now))
        return pairs, gone, come

    @property
    def _branched(self) -> bool:
        return self.old.branches is not None or self.new.branches is not None

    def _joined_otherwise(self, pairs: Sequence[tuple[Condition, Condition]]) -> bool:
        """Whether conditions that are still there combine in another way."""
        if self._branched:
            return self.old.branches != self.new.branches
        ahead = {was.group: now.group for was, now in pairs}
        back = {now.group: was.group for was, now in pairs}
        return any(ahead[was.group] != now.group or back[now.group] != was.group for was, now in pairs)

    def _rewritten(self) -> RuleChange:
        old, new = self.before.combined(self.old), self.after.combined(self.new)
        text = Text(f"条件改写。原：{old.zh}。现：{new.zh}", f"rewritten. Before: {old.en}. Now: {new.en}")
        told = self._told(self.new.id, Effect.CHANGED, text)
        return replace(told, old=old, new=new)

    def _changed(self, was: Condition, now: Condition) -> Iterator[RuleChange]:
        """Yield a condition's other parameter, and anything else of it that changed."""
        if _asks_the_same(was, now):
            return
        old, new = self.before.condition(was), self.after.condition(now)
        if was.needed is not now.needed:
            old, new = (_with_need(text, one) for text, one in ((old, was), (new, now)))
        if was.stages != now.stages:
            old, new = (_with_stages(text, one) for text, one in ((old, was), (new, now)))
        text = Text(f"条件 {now.id}：{old.zh} → {new.zh}", f"condition {now.id}: {old.en} → {new.en}")
        yield replace(self._told(now.id, of_rule(self.new, _ease(self.new, was, now)), text), old=old, new=new)

    def _told(self, name: str, effect: Effect, text: Text) -> RuleChange:
        zh, en = f"规则 {self.new.id}「{self.new.zh}」{text.zh}", f"rule {self.new.id} ({self.new.en}), {text.en}"
        return RuleChange(name, effect, Text(zh, en))


def _plain(rule: Rule) -> list[Condition]:
    """Return the conditions of a rule; those that are looked at whenever the rule is have no stages of their own."""
    always = frozenset[Stage]()
    return [replace(one, stages=always) if one.stages == rule.stages else one for one in rule.conditions]


def _asks_the_same(was: Condition, now: Condition) -> bool:
    return replace(was, id=now.id, group=now.group, texts=now.texts) == now


def _is_the_same(was: Condition, now: Condition) -> bool:
    return (was.id, was.test, was.field) == (now.id, now.test, now.field)


def _ease(rule: Rule, was: Condition, now: Condition) -> Ease:
    """Return whether a condition became easier to meet; only other parameters of the same test can tell."""
    changed = [name for name in {*was.params, *now.params} if was.params.get(name) != now.params.get(name)]
    if not _asks_the_same(replace(was, params=now.params), now) or len(changed) != 1:
        return Ease.NEITHER
    return of_condition(rule, now, was.params.get(changed[0]), now.params.get(changed[0]))


def _ease_of_more(rule: Rule, one: Condition) -> Ease:
    """Return what a further condition makes of a rule: an alternative eases it, one more demand does not."""
    return Ease.EASIER if any(other.group == one.group for other in rule.conditions) else Ease.HARDER


def _with_need(text: Text, one: Condition) -> Text:
    zh, en = ("不明时按不明处理", "unknown when unknown") if one.needed else ("不明时不影响", "ignored when unknown")
    return Text(f"{text.zh}（{zh}）", f"{text.en} ({en})")


def _with_stages(text: Text, one: Condition) -> Text:
    when = STAGES[one.stages] if one.stages else Text("各阶段", "all stages")
    return Text(f"{text.zh}（{when.zh}）", f"{text.en} ({when.en})")
