"""Testing cases against the rules in force: one verdict per rule and row, and the trace a judge reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Final, cast

from features.known import Columns
from features.register import ENTERED_ZH, Stage
from models.rules.case_view import CaseView, ScoreView
from models.rules.facts import Fact, lacking
from models.rules.program import Program
from models.rules.ready import ReadyCondition, ReadyRule
from models.rules.result import RuleResult, Value
from models.rules.rule import Text
from models.rules.table import RulesInForce
from models.rules.tri import NO, UNKNOWN, WORDS, YES, Array, Tri, constant, public

_NOTHING = Text("—", "—")
_NO: Final = False
_UNKNOWN, _YES = int(UNKNOWN), int(YES)
_BLOCKED = Text("；事实不明，按不得督促处理", "; unknown, so urging is blocked")


@dataclass(frozen=True, kw_only=True)
class RuleOutcomes:
    """Verdicts of every rule of a stage on every row.

    `conditions` (C, n) and `verdicts` (R, n) follow the program's order;
    `bare` is what the verdicts would be without any score.
    """

    table: RulesInForce
    program: Program
    view: CaseView
    conditions: Tri
    verdicts: Tri
    bare: Tri

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.view)

    @cached_property
    def results(self) -> Mapping[str, Array]:
        """Verdict per rule id: 1.0 met, 0.0 not met, NaN unknown."""
        rows = {one.rule.id: public(self.verdicts[i]) for i, one in enumerate(self.program.rules)}
        return MappingProxyType(rows)

    def verdict(self, rule: str) -> Tri:
        """Return one rule's verdicts; not met everywhere when the stage has no such rule."""
        for index, one in enumerate(self.program.rules):
            if one.rule.id == rule:
                return cast("Tri", self.verdicts[index])
        return constant(NO, len(self))

    def trace(self, row: int) -> tuple[RuleResult, ...]:
        """Return what every rule found in one row, in the order of the table."""
        return self._lines(row, range(len(self.program.rules)))

    def line(self, row: int, place: int) -> RuleResult:
        """Return what one rule, given by its place in the program, found in one row."""
        return self._lines(row, [place])[0]

    def _lines(self, row: int, places: Sequence[int]) -> tuple[RuleResult, ...]:
        states, verdicts = self.conditions[:, row].tolist(), self.verdicts[:, row].tolist()
        reading = _Reading(self.view, row, self.view.today(row))
        found = []
        for place in places:
            own, ready = self.program.own[place], self.program.rules[place]
            parts = tuple(map(reading.part, ready.conditions, states[own]))
            found.append(self._line(ready, verdicts[place], states[own], parts))
        return tuple(found)

    def _line(self, ready: ReadyRule, verdict: int, states: list[int], parts: tuple[RuleResult, ...]) -> RuleResult:
        rule, answer = ready.rule, WORDS[verdict]
        decisive = parts[_decisive(ready, states, verdict)]
        own = ready.texts.get(answer)
        zh, en = (decisive.zh, decisive.en) if own is None else own
        unknown = verdict == _UNKNOWN
        blocks = unknown and ready.blocks_when_unknown and self.view.stage is Stage.A
        if blocks:
            zh, en = zh + _BLOCKED.zh, en + _BLOCKED.en
        value = decisive.value if own is None else None
        acts = blocks or (verdict == _YES and ready.acts_when_met)
        head = (rule.id, answer, zh, en, rule.basis, value, decisive.field, rule.in_force_from, ready.kind, acts, parts)
        missing = _missing(parts) if unknown else ()
        return RuleResult._make((*head, decisive.source, decisive.observed_on, missing))


class _Reading:
    """One row while its lines are written; one case has over fifty conditions, so each fact is looked up once."""

    def __init__(self, view: CaseView, row: int, today: date) -> None:
        self._view, self._row, self._today = view, row, today
        self._known: dict[str, tuple[Value, date | None, str]] = {}

    def part(self, condition: ReadyCondition, state: int) -> RuleResult:
        """Return what one condition found."""
        fact, answer = condition.fact, WORDS[state]
        known = self._known.get(fact.name)
        if known is None:
            known = self._known[fact.name] = self._look_up(fact)
        value, seen, source = known
        zh, en = condition.texts[answer]
        if "{value}" in zh:
            shown = _NOTHING if value is None else fact.text(value)
            zh, en = zh.replace("{value}", shown.zh), _one(en, shown.en).replace("{value}", shown.en)
        missing = lacking(self._view, condition.reads, self._row) if state == _UNKNOWN else ()
        head = (condition.id, answer, zh, en, "", value, fact.name, None, "", _NO, ())
        return RuleResult._make((*head, source, seen, missing))

    def _look_up(self, fact: Fact) -> tuple[Value, date | None, str]:
        view, row = self._view, self._row
        value = fact.value(view, row)
        entered = fact.worked_out and view.entered(fact.name, row)
        if fact.worked_out and not entered:
            return value, self._today, fact.source
        return value, view.seen_on(fact.name, row) if view.dated else None, ENTERED_ZH if entered else fact.source


def _one(en: str, shown: str) -> str:
    """Return English in which one day is no days."""
    return en.replace("{value} days", "{value} day") if shown == "1" else en


def _missing(parts: Sequence[RuleResult]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part.missing))


def evaluate(
    table: RulesInForce,
    columns: Columns,
    *,
    as_of: Array,
    stage: Stage,
    scores: ScoreView | None = None,
) -> RuleOutcomes:
    """Test every rule of the stage on every row.

    `columns` are full columns, not the cut ones features see: rules may read
    consent. `as_of` holds days since 1970-01-01T00:00+08:00, one per row; a
    fact observed after it counts as unknown.
    """
    program, view = table.programs[stage], CaseView(columns, as_of, stage, scores)
    conditions = program.test(view)
    verdicts = program.combine(conditions)
    return RuleOutcomes(
        table=table,
        program=program,
        view=view,
        conditions=conditions,
        verdicts=verdicts,
        bare=verdicts if scores is None else _without_scores(program, conditions, verdicts),
    )


def _without_scores(program: Program, conditions: Tri, verdicts: Tri) -> Tri:
    blind = conditions.copy()
    blind[program.scored] = UNKNOWN
    return program.combine(blind, same=verdicts)


def _decisive(ready: ReadyRule, states: list[int], verdict: int) -> int:
    """Return the condition that explains the verdict: the first that shares it, needed ones before others.

    Of a rule that is met, first of all the alternative that was: that assets
    are preserved is no reason to file, but that one lapses is.
    """
    told = [i for i in ready.alternatives if states[i] == verdict] if verdict == _YES else []
    if told:
        return told[0]
    first = -1
    for i, state in enumerate(states):
        if state == verdict:
            if ready.conditions[i].needed:
                return i
            first = i if first < 0 else first
    return max(first, 0)
