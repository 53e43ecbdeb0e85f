"""The rules of one day: those in force on it, their parameters filled in, laid out for testing cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from types import MappingProxyType

from features.register import Register, Stage
from models.lanes import Lane
from models.rules.checking import lane_faults
from models.rules.program import Program
from models.rules.ready import ReadyRule, Settings, ready
from models.rules.rule import Kind, Limit, Parameter, ParameterSet, Rule, RuleFault

NEEDED_LIMITS = frozenset({"T01", "T04", "T04a", "T09", "T11", "T11a", "T13", "T15", "T16", "T18", "T24", "T31"})
"""Time limits from which deadlines are worked out; every one is in force on every day."""

MODEL_LANES = (Lane.URGE, Lane.FAST, Lane.COMPLEX)


@dataclass(frozen=True, kw_only=True)
class RulesInForce:
    """The rules and parameters in force on some day, ready to be tested on cases; `limits` are those of the law."""

    version: str
    sha256: str
    court: str
    rules: tuple[ReadyRule, ...]
    parameters: Mapping[str, object]
    programs: Mapping[Stage, Program]
    limits: Mapping[str, Limit]

    def number(self, name: str) -> float:
        """Return a numeric parameter of the court."""
        value = self.parameters[name]
        if not isinstance(value, int | float):
            msg = f"参数 {name!r} 不是数字 / parameter {name!r} is no number"
            raise TypeError(msg)
        return float(value)

    def rule(self, name: str) -> Rule:
        """Return the rule of this id, or raise KeyError."""
        for one in self.rules:
            if one.rule.id == name:
                return one.rule
        raise KeyError(name)


@dataclass(frozen=True, kw_only=True)
class Day:
    """What is in force on one day, as it stands in the files."""

    day: date
    version: str
    sha256: str
    court: str
    rules: Sequence[Rule]
    limits: Sequence[Limit]
    declared: Sequence[Parameter]
    chosen: ParameterSet
    urges: bool

    def made_ready(self, register: Register, notes: list[RuleFault]) -> RulesInForce | None:
        """Return the rules ready for use; None when anything is wrong, which is then noted."""
        values = self.chosen.values
        settings = Settings(values, {one.name: _word(one, values[one.name]) for one in self.declared})
        before = len(notes)
        found = [ready(rule, settings, register, partial(_note, notes, rule.file)) for rule in self.rules]
        self._lanes(found, notes)
        self._limits(notes)
        self._rest(found, notes)
        if len(notes) == before:
            notes += lane_faults(found)
        if len(notes) > before:
            return None
        return RulesInForce(
            version=f"{self.version}@{self.chosen.version}",
            sha256=self.sha256,
            court=self.court,
            rules=tuple(found),
            parameters=MappingProxyType(dict(values)),
            programs=MappingProxyType({stage: Program.of(found, stage) for stage in Stage}),
            limits=MappingProxyType({one.id: one for one in self.limits}),
        )

    def _lanes(self, found: Sequence[ReadyRule], notes: list[RuleFault]) -> None:
        lanes = sorted(str(one.rule.lane) for one in found if one.rule.kind is Kind.MODEL)
        wanted = MODEL_LANES if self.urges else MODEL_LANES[1:]
        if lanes != sorted(wanted):
            shown = "、".join(lanes)
            zh = f"每一天须恰有督促、快执、精办各一条 model 规则，实有 {shown}；不开展督促的写 without = ['M01']"
            en = "exactly one model rule per lane is needed on every day; a court without urging leaves M01 out"
            notes.append(RuleFault(self.court, "-", zh, en))

    def _rest(self, found: Sequence[ReadyRule], notes: list[RuleFault]) -> None:
        """Note a last lane that asks for something: it takes whatever is left."""
        for one in found:
            rule = one.rule
            if rule.kind is Kind.MODEL and rule.lane is Lane.COMPLEX and {c.name for c in one.conditions} != {"always"}:
                zh = "精办道收纳其余一切案件，条件只能是 always；须精办的情形请另写 hard_lane"
                en = "the complex lane takes all that is left; its test is always, and other cases get a hard_lane"
                notes.append(RuleFault(rule.file, rule.id, zh, en))

    def _limits(self, notes: list[RuleFault]) -> None:
        for name in sorted(NEEDED_LIMITS - {one.id for one in self.limits}):
            zh = f"{self.day} 起没有施行的法定期限 {name}"
            notes.append(RuleFault(self.court, name, zh, f"the limit {name} is not in force on {self.day}"))


def _note(notes: list[RuleFault], file: str, where: str, zh: str, en: str) -> None:
    notes.append(RuleFault(file, where, zh, en))


def _word(declared: Parameter, value: object) -> str:
    if isinstance(value, list):
        return "、".join(value)
    number = float(str(value))
    return f"{100 * number:.0f}" if declared.type == "chance" else f"{number:,.10g}"
