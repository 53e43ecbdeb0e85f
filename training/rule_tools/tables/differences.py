"""Differences between two rule tables in words: what changed, from which day, and whether it is stricter or looser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from models.rules.rule import Limit, Parameter, Rule, Text
from models.rules.table import RuleTable
from training.rule_tools.tables.changed_conditions import RuleChange
from training.rule_tools.tables.changed_rules import appeared, compared, plain_rule, vanished
from training.rule_tools.tables.effects import EFFECTS, Effect, of_parameter
from training.rule_tools.tables.spans import Stretch, stretches
from training.rule_tools.tables.uses import uses_of
from training.rule_tools.tables.wording import Wording, length_of, names_of


@dataclass(frozen=True)
class Change:
    """One difference: what it does, what it is about, on which days it holds, and both values where there are two.

    `what` is rule, parameter, bound, limit or table; `until` is the first day without it.
    """

    effect: Effect
    what: str
    id: str
    start: date | None
    until: date | None
    text: Text
    old: Text | None = None
    new: Text | None = None

    def days(self) -> Text:
        """Return the days on which it holds."""
        if self.start is None:
            return Text("—", "—")
        if self.until is None:
            return Text(f"自 {self.start} 起", f"from {self.start}")
        last = self.until - timedelta(days=1)
        return Text(f"{self.start} 至 {last}", f"{self.start} to {last}")

    def to_json(self) -> dict[str, object]:
        """Return plain values; `until` is the first day on which it no longer holds."""
        return {
            "effect": str(self.effect),
            "what": self.what,
            "id": self.id,
            "from": self.start and self.start.isoformat(),
            "until": self.until and self.until.isoformat(),
            "zh": self.text.zh,
            "en": self.text.en,
            "old": None if self.old is None else self.old._asdict(),
            "new": None if self.new is None else self.new._asdict(),
        }


def differences(old: RuleTable, new: RuleTable) -> tuple[Change, ...]:
    """Return every difference, the stricter ones first, then by rule and day; none between a table and itself."""
    pair = _Pair(old, new)
    found = [*pair.of_table(), *pair.of_bounds(), *pair.of_parameters(), *pair.of_limits(), *pair.of_rules()]
    order = list(Effect)
    return tuple(sorted(found, key=lambda one: (order.index(one.effect), one.what, one.id, str(one.start))))


@dataclass(frozen=True)
class _Pair:
    """Two tables side by side; days before the later of their first days are not compared."""

    old: RuleTable
    new: RuleTable

    @cached_property
    def first(self) -> date:
        return max(self.old.in_force_from, self.new.in_force_from)

    def of_table(self) -> Iterator[Change]:
        """Yield what changed about the table itself."""
        if self.old.court != self.new.court:
            yield _table_change("court", Text("所属法院", "court"), self.old.court, self.new.court)
        if self.old.version != self.new.version:
            yield _table_change("version", Text("版本", "version"), self.old.version, self.new.version)
        if self.old.in_force_from != self.new.in_force_from:
            days = str(self.old.in_force_from), str(self.new.in_force_from)
            yield _table_change("in_force_from", Text("规则表起用日", "first day of the table"), *days)

    def of_bounds(self) -> Iterator[Change]:
        """Yield parameters that the law declares anew or no longer, and bounds that moved."""
        before, after = ({one.name: one for one in table.declared} for table in (self.old, self.new))
        for name in sorted({*before, *after}):
            was, now = before.get(name), after.get(name)
            if was == now:
                continue
            (zh, _), (en, _) = names_of(was or now or before[name])
            if was is None or now is None:
                done = ("新设", "declared") if was is None else ("取消", "withdrawn")
                text = Text(f"{done[0]}参数 {name}（{zh}）", f"parameter {name} ({en}) {done[1]}")
                yield Change(Effect.CHANGED, "bound", name, None, None, text)
            else:
                yield self._bound_change(was, now, Text(zh, en))

    def _bound_change(self, was: Parameter, now: Parameter, name: Text) -> Change:
        first = self.first
        old, new = Wording.on(self.old, first).bounds(was), Wording.on(self.new, first).bounds(now)
        if (was.least, was.most, was.includes) == (now.least, now.most, now.includes):
            text = Text(f"{name.zh}：名称、类型或依据有改动", f"{name.en}: name, type or article changed")
            return Change(
                Effect.CHANGED if was.type != now.type else Effect.NEUTRAL, "bound", now.name, None, None, text
            )
        inside = now.least >= was.least and now.most <= was.most
        around = now.least <= was.least and now.most >= was.most
        inside, around = (
            (inside and set(now.includes) >= set(was.includes)),
            (around and set(now.includes) <= set(was.includes)),
        )
        effect = Effect.STRICTER if inside else Effect.LOOSER if around else Effect.CHANGED
        text = Text(f"{name.zh}的法定界限：{old.zh} → {new.zh}", f"legal bounds of {name.en}: {old.en} → {new.en}")
        return Change(effect, "bound", now.name, None, None, text, old, new)

    def of_parameters(self) -> Iterator[Change]:
        """Yield every stretch of days on which a parameter has another value."""
        for name in [one.name for one in self.new.declared]:
            for one in stretches(self.old.sets, self.new.sets, first=self.first, of=lambda s, n=name: s.values.get(n)):  # type: ignore[misc]
                yield self._parameter(name, one)

    def _parameter(self, name: str, one: Stretch[object]) -> Change:
        wording, uses = Wording.on(self.new, one.start), list(uses_of(self.new, name))
        (zh, _), (en, _) = names_of(wording.declared[name])
        rules = list(dict.fromkeys(rule.id for rule, _ in uses))
        where = (f"（涉及 {'、'.join(rules)}）", f" (used by {', '.join(rules)})") if rules else ("", "")
        how = wording.turned(name, one.old, one.new)
        text = Text(f"{zh}：{how.zh}{where[0]}", f"{en}: {how.en}{where[1]}")
        was, now = (None if value is None else wording.value(name, value) for value in (one.old, one.new))
        effect = of_parameter(name, one.old, one.new, uses)
        return Change(effect, "parameter", name, one.start, one.until, text, was, now)

    def of_limits(self) -> Iterator[Change]:
        """Yield time limits of the law that came, went or changed."""
        for name in dict.fromkeys(one.id for one in (*self.old.limits, *self.new.limits)):
            before, after = ([one for one in table.limits if one.id == name] for table in (self.old, self.new))
            for one in stretches(before, after, first=self.first, of=_plain_limit):
                yield _limit_change(name, one)

    def of_rules(self) -> Iterator[Change]:
        """Yield rules that appear, vanish, hold on other days or say something else."""
        for name in dict.fromkeys(rule.id for rule in (*self.old.rules, *self.new.rules)):
            before, after = ([rule for rule in table.rules if rule.id == name] for table in (self.old, self.new))
            for one in stretches(before, after, first=self.first, of=plain_rule):
                for change in self._rule(one, known=bool(before), kept=bool(after)):
                    yield Change(
                        change.effect, "rule", change.id, one.start, one.until, change.text, change.old, change.new
                    )

    def _rule(self, one: Stretch[Rule], *, known: bool, kept: bool) -> Sequence[RuleChange]:
        if one.old is not None and one.new is not None:
            return compared(one.old, one.new, Wording.on(self.old, one.start), Wording.on(self.new, one.start))
        if one.new is not None:
            return [appeared(one.new, Wording.on(self.new, one.start), known=known)]
        return [] if one.old is None else [vanished(one.old, kept=kept)]


def _table_change(name: str, words: Text, old: str, new: str) -> Change:
    text = Text(f"{words.zh}：{old} → {new}", f"{words.en}: {old} → {new}")
    effect = Effect.CHANGED if name == "in_force_from" else Effect.NEUTRAL
    return Change(effect, "table", name, None, None, text, Text(old, old), Text(new, new))


def _plain_limit(one: Limit) -> Limit:
    return replace(one, in_force_from=date.min, until=None, file="")


def _limit_change(name: str, one: Stretch[Limit]) -> Change:
    """Return how a time limit changed; which way that cuts depends on whose limit it is."""
    known = one.new or one.old
    words = Text("", "") if known is None else Text(known.zh, known.en)
    was, now = (Text("无", "none") if side is None else length_of(side) for side in (one.old, one.new))
    if was == now:
        text = Text(
            f"期限 {name}「{words.zh}」的名称或依据有改动", f"limit {name} ({words.en}): name or article changed"
        )
        return Change(Effect.NEUTRAL, "limit", name, one.start, one.until, text)
    text = Text(f"期限 {name}「{words.zh}」：{was.zh} → {now.zh}", f"limit {name} ({words.en}): {was.en} → {now.en}")
    return Change(Effect.CHANGED, "limit", name, one.start, one.until, text, was, now)


def counts(changes: Sequence[Change]) -> Mapping[Effect, int]:
    """Return how many changes there are of each effect."""
    return {effect: sum(one.effect is effect for one in changes) for effect in EFFECTS}
