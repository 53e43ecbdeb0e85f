"""The rule tables: loaded whole, refused when wrong, and read as in force on the day an application was received."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from features.clock import days_of
from features.register import Register, Stage, load_register
from models.lanes import Lane
from models.rules.checking import contradictions, scopes
from models.rules.program import Program, ReadyRule, Settings, ready
from models.rules.reading import RuleFile, read_file
from models.rules.rule import Kind, Parameter, ParameterSet, Rule, RuleFault, RuleTableError, Span
from models.rules.tri import Array

MODEL_LANES = (Lane.URGE, Lane.FAST, Lane.COMPLEX)


@dataclass(frozen=True, kw_only=True)
class RulesInForce:
    """The rules and parameters in force on some day, ready to be tested on cases."""

    version: str
    sha256: str
    court: str
    rules: tuple[ReadyRule, ...]
    parameters: Mapping[str, object]
    programs: Mapping[Stage, Program]

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
class RuleTable:
    """Every rule of statute and of one court, past, present and announced.

    `texts` are the files it was read from, name and content, statute first:
    `RuleTable.of` makes the same table of them, which a replay needs.
    """

    court: str
    version: str
    sha256: str
    in_force_from: date
    rules: tuple[Rule, ...]
    declared: tuple[Parameter, ...]
    sets: tuple[ParameterSet, ...]
    register: Register = field(repr=False)
    texts: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)
    _epochs: dict[date, RulesInForce] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, paths: Sequence[Path] = (), *, register: Register | None = None) -> RuleTable:
        """Load the statutory table and one court's; by default the shipped ones.

        A single path replaces the court's file and keeps the shipped statute.

        Raises
        ------
        RuleTableError
            Something in the files is wrong; it carries every fault.
        """
        return cls.of(_texts(paths), register=register)

    @classmethod
    def of(cls, texts: Sequence[tuple[str, str]], *, register: Register | None = None) -> RuleTable:
        """Make a table of files' names and contents, as `texts` of a table holds them.

        Raises
        ------
        RuleTableError
            Something in the texts is wrong; it carries every fault.
        """
        table, faults = _assembled(texts, register or load_register())
        if faults:
            raise RuleTableError(faults)
        return table

    @classmethod
    def check(cls, paths: Sequence[Path] = (), *, register: Register | None = None) -> tuple[RuleFault, ...]:
        """Return everything wrong with these files; empty when they may be used."""
        return _assembled(_texts(paths), register or load_register())[1]

    def on(self, day: date) -> RulesInForce:
        """Return the rules in force on the day an application was received.

        Raises
        ------
        RuleTableError
            The tables do not reach back that far, or the court set no parameters for that day.
        """
        if day < self.in_force_from:
            zh = f"{day} 早于规则表的施行日 {self.in_force_from}"
            raise RuleTableError([RuleFault(self.court, "-", zh, f"no table before {self.in_force_from}")])
        start = max(one for one in self._changes if one <= day)
        if start not in self._epochs:
            self._epochs[start] = self._built(start)
        return self._epochs[start]

    def by_day(self, days: Array) -> tuple[tuple[RulesInForce, npt.NDArray[np.intp]], ...]:
        """Split rows by the table in force on each row's day (days since 1970-01-01)."""
        starts = [one for one in self._changes if one >= self.in_force_from]
        place = np.searchsorted([days_of(one) for one in starts], np.floor(days), side="right") - 1
        if np.any(place < 0) or np.any(np.isnan(days)):
            zh, en = "有申请没有收到日期，或早于规则表的施行日", "an application has no date, or one before the tables"
            raise RuleTableError([RuleFault(self.court, "-", zh, en)])
        return tuple((self.on(starts[one]), np.flatnonzero(place == one)) for one in np.unique(place))

    @cached_property
    def _changes(self) -> list[date]:
        return _changes(self.in_force_from, [*self.rules, *self.sets])

    def _built(self, day: date) -> RulesInForce:
        notes: list[RuleFault] = []
        built = _in_force(self, day, notes)
        if built is None or notes:
            raise RuleTableError(notes or [_no_parameters(self.court, day)])
        return built


def _texts(paths: Sequence[Path]) -> list[tuple[str, str]]:
    shipped = [(name, files("models.rules").joinpath(name).read_text("utf-8")) for name in _SHIPPED]
    own = [(path.name, path.read_text("utf-8")) for path in paths]
    return own if len(own) > 1 else [shipped[0], own[0]] if own else shipped


def _assembled(texts: Sequence[tuple[str, str]], register: Register) -> tuple[RuleTable, tuple[RuleFault, ...]]:
    read = [read_file(name, text) for name, text in texts]
    faults = [fault for file in read for fault in file.faults] + scopes(read)
    statute = next((file for file in read if file.scope == "statutory"), RuleFile("-"))
    court = next((file for file in read if file.scope == "court"), RuleFile("-"))
    table = RuleTable(
        court=court.court,
        version=f"{statute.version}/{court.court}-{court.version}",
        sha256=hashlib.sha256("\n".join(text for _, text in texts).encode()).hexdigest(),
        in_force_from=statute.in_force_from,
        rules=tuple(sorted((*statute.rules, *court.rules), key=_place)),
        declared=tuple(statute.declared),
        sets=tuple(court.sets),
        register=register,
        texts=tuple(texts),
    )
    return table, tuple(dict.fromkeys(faults or contradictions(statute, court, register) or _every_day(table)))


def _place(rule: Rule) -> tuple[bool, bool, str]:
    """Order of the table: H first, a court's own letters next, lanes by score last."""
    return rule.id.startswith("M"), not rule.id.startswith("H"), rule.id


def _every_day(table: RuleTable) -> list[RuleFault]:
    faults: list[RuleFault] = []
    for day in _changes(table.in_force_from, [*table.rules, *table.sets]):
        if day >= table.in_force_from and _in_force(table, day, faults) is None:
            faults.append(_no_parameters(table.court, day))
    return faults


def _no_parameters(court: str, day: date) -> RuleFault:
    return RuleFault(court, "-", f"{day} 起没有施行的本院参数", f"no parameters of the court are in force on {day}")


def _changes(first: date, spans: Iterable[Span]) -> list[date]:
    ends = {one.until for one in spans if one.until is not None}
    return sorted({first, *ends, *(one.in_force_from for one in spans)})


def _in_force(table: RuleTable, day: date, notes: list[RuleFault]) -> RulesInForce | None:
    chosen = next((one for one in table.sets if one.holds(day)), None)
    if chosen is None:
        return None
    settings = Settings(chosen.values, {one.name: _word(one, chosen.values[one.name]) for one in table.declared})
    found = [
        ready(rule, settings, table.register, partial(_note, notes, rule.file))
        for rule in table.rules
        if rule.holds(day)
    ]
    _lanes(table, found, notes)
    if notes:
        return RulesInForce(version="", sha256="", court="", rules=(), parameters={}, programs={})
    return RulesInForce(
        version=f"{table.version}@{chosen.version}",
        sha256=table.sha256,
        court=table.court,
        rules=tuple(found),
        parameters=MappingProxyType(dict(chosen.values)),
        programs=MappingProxyType({stage: Program.of(found, stage) for stage in Stage}),
    )


def _note(notes: list[RuleFault], file: str, where: str, zh: str, en: str) -> None:
    notes.append(RuleFault(file, where, zh, en))


def _lanes(table: RuleTable, found: Sequence[ReadyRule], notes: list[RuleFault]) -> None:
    lanes = sorted(str(one.rule.lane) for one in found if one.rule.kind is Kind.MODEL)
    if lanes != sorted(MODEL_LANES):
        zh = f"每一天须恰有督促、快执、精办各一条 model 规则，实有 {'、'.join(lanes)}"
        notes.append(RuleFault(table.court, "-", zh, "exactly one model rule per lane is needed on every day"))


def _word(declared: Parameter, value: object) -> str:
    if isinstance(value, list):
        return "、".join(value)
    number = float(str(value))
    return f"{100 * number:.0f}" if declared.type == "chance" else f"{number:,.10g}"


_SHIPPED = ("statutory.toml", "court_default.toml")
