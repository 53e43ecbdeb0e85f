"""Testing cases against the rules in force: one verdict per rule and row, and the trace a judge reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import cast

from features.known import Columns
from features.register import COMPUTED_ZH, Stage
from models.rules.case_view import CaseView, ScoreView
from models.rules.facts import MODEL_ZH, lacking
from models.rules.program import Program
from models.rules.ready import ReadyCondition, ReadyRule
from models.rules.result import RuleResult
from models.rules.rule import Kind, OnUnknown, Text
from models.rules.table import RulesInForce
from models.rules.tri import NO, UNKNOWN, WORDS, Array, Tri, constant, public

_ACTING = frozenset({Kind.HARD_STOP, Kind.HARD_LANE, Kind.HARD_OFFER, Kind.BLOCK_URGE, Kind.FLAG, Kind.GROUPING})
_NOTHING = Text("—", "—")
_WORKED_OUT = frozenset({COMPUTED_ZH, MODEL_ZH})
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
        return tuple(self.line(row, place) for place in range(len(self.program.rules)))

    def line(self, row: int, place: int) -> RuleResult:
        """Return what one rule, given by its place in the program, found in one row."""
        own = self.program.own[place]
        states = self.conditions[own, row].tolist()
        found = zip(self.program.conditions[own], states, strict=True)
        parts = [self._part(condition, state, row) for condition, state in found]
        return self._line(self.program.rules[place], int(self.verdicts[place, row]), states, parts)

    def _line(self, ready: ReadyRule, verdict: int, states: list[int], parts: list[RuleResult]) -> RuleResult:
        rule, answer = ready.rule, WORDS[verdict]
        decisive = parts[_decisive(ready, states, verdict)]
        text, value = ready.texts.get(answer), None
        if text is None:
            text, value = Text(decisive.zh, decisive.en), decisive.value
        blocks = answer == "unknown" and rule.on_unknown is OnUnknown.BLOCK_URGE and self.view.stage is Stage.A
        return RuleResult(
            rule.id,
            answer,
            text.zh + _BLOCKED.zh * blocks,
            text.en + _BLOCKED.en * blocks,
            rule.basis,
            value,
            decisive.field,
            rule.in_force_from,
            rule.kind.value,
            blocks or (answer == "met" and rule.kind in _ACTING),
            tuple(parts),
            decisive.source,
            decisive.observed_on,
            _missing(parts) if answer == "unknown" else (),
        )

    def _part(self, condition: ReadyCondition, state: int, row: int) -> RuleResult:
        answer, fact, view = WORDS[state], condition.fact, self.view
        value = fact.value(view, row)
        zh, en = condition.texts[answer]
        if "{value}" in zh:
            shown = _NOTHING if value is None else fact.text(value)
            zh, en = zh.replace("{value}", shown.zh), en.replace("{value}", shown.en)
        missing = lacking(view, condition.reads, row) if state == UNKNOWN else ()
        return RuleResult(
            condition.id,
            answer,
            zh,
            en,
            "",
            value,
            fact.name,
            source=fact.source,
            observed_on=view.seen_on(fact.name, row, computed=fact.source in _WORKED_OUT),
            missing=missing,
        )


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
        bare=verdicts if scores is None else _without_scores(program, conditions),
    )


def _without_scores(program: Program, conditions: Tri) -> Tri:
    blind = conditions.copy()
    blind[program.scored] = UNKNOWN
    return program.combine(blind)


def _decisive(ready: ReadyRule, states: list[int], verdict: int) -> int:
    """Return the condition that explains the verdict: the first that shares it, needed ones before others."""
    same = [i for i, state in enumerate(states) if state == verdict]
    return next((i for i in same if ready.conditions[i].needed), same[0] if same else 0)
