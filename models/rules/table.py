"""The rule tables: loaded whole, refused when wrong, and read as in force on the day an application was received."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from features.clock import days_of
from features.register import Register, load_register
from models.rules.checking import loosened, misdated, order_faults, unknown_as_met, value_faults
from models.rules.in_force import Day, RulesInForce
from models.rules.loading import NO_URGING, PREFIX, Gathered, gather, shipped_default, texts_of
from models.rules.rule import Limit, Parameter, ParameterSet, Published, Rule, RuleFault, RuleTableError, Span, Text
from models.rules.tri import Array

__all__ = ["RuleTable", "RulesInForce", "profile"]

Dated = TypeVar("Dated", bound=Span)


@dataclass(frozen=True, kw_only=True)
class RuleTable:
    """Every rule of statute and of one court, past, present and announced.

    `texts` are the files it was read from, name and content, statute first:
    `RuleTable.of` makes the same table of them, which a replay needs. `title`,
    `source` and `published` say of a published rule set whose it is, where it
    stands, what was reported of it and on what it is silent.
    """

    court: str
    version: str
    sha256: str
    in_force_from: date
    rules: tuple[Rule, ...]
    declared: tuple[Parameter, ...]
    sets: tuple[ParameterSet, ...]
    limits: tuple[Limit, ...]
    register: Register = field(repr=False)
    texts: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)
    title: Text
    source: str
    published: tuple[Published, ...]
    urges: bool
    _epochs: dict[date, RulesInForce] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, paths: Sequence[Path] = (), *, register: Register | None = None) -> RuleTable:
        """Load the statutory table and one court's; by default the shipped ones.

        A court's file replaces the shipped court's and keeps the shipped
        statute; `profile:NAME` stands for a published profile. Further files
        are what the court's extends, or another statute.

        Raises
        ------
        RuleTableError
            Something in the files is wrong; it carries every fault.
        """
        texts, faults = texts_of(paths)
        if faults:
            raise RuleTableError(faults)
        return cls.of(texts, register=register)

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
        texts, faults = texts_of(paths)
        return tuple(faults) or _assembled(texts, register or load_register())[1]

    def on(self, day: date) -> RulesInForce:
        """Return the rules in force on the day an application was received.

        Raises
        ------
        RuleTableError
            The tables do not reach back that far.
        """
        self._reaches(day)
        start = max(one for one in self._changes if one <= day)
        if start not in self._epochs:
            self._epochs[start] = self._built(start)
        return self._epochs[start]

    def with_values(self, day: date, values: Mapping[str, object]) -> RulesInForce:
        """Return the rules of a day as they would be with other values of the court's parameters.

        Raises
        ------
        RuleTableError
            A parameter is unknown, or a value outside of what the law allows.
        """
        chosen = next((one for one in self.sets if one.holds(day)), None)
        if chosen is None:
            return self.on(day)
        tried = replace(chosen, values=MappingProxyType({**chosen.values, **values}))
        faults = list(value_faults([tried], self.declared, self.register))
        if faults:
            raise RuleTableError(faults)
        return replace(self, sets=(tried,), _epochs={}).on(day)

    def throughout(self, day: date) -> RuleTable:
        """Return the table as if what is in force on one day had always been and stayed: to try it on other days.

        Raises
        ------
        RuleTableError
            The tables do not reach back that far.
        """
        self._reaches(day)
        first = self.in_force_from
        return replace(
            self,
            rules=_always(self.rules, day, first=first),
            sets=_always(self.sets, day, first=first),
            limits=_always(self.limits, day, first=first),
            _epochs={},
        )

    def by_day(self, days: Array) -> tuple[tuple[RulesInForce, npt.NDArray[np.intp]], ...]:
        """Split rows by the table in force on each row's day (days since 1970-01-01)."""
        starts = [one for one in self._changes if one >= self.in_force_from]
        place = np.searchsorted([days_of(one) for one in starts], np.floor(days), side="right") - 1
        if np.any(place < 0) or np.any(np.isnan(days)):
            zh, en = "有申请没有收到日期，或早于规则表的施行日", "an application has no date, or one before the tables"
            raise RuleTableError([RuleFault(self.court, "-", zh, en)])
        return tuple((self.on(starts[one]), np.flatnonzero(place == one)) for one in np.unique(place))

    def faults(self) -> list[RuleFault]:
        """Return what is wrong with the rules on any day; empty when they may be used."""
        notes: list[RuleFault] = []
        for day in self._changes:
            if day >= self.in_force_from:
                self._made(day, notes)
        return notes

    def _reaches(self, day: date) -> None:
        """Refuse a day before the tables."""
        if day < self.in_force_from:
            zh = f"{day} 早于规则表的施行日 {self.in_force_from}"
            raise RuleTableError([RuleFault(self.court, "-", zh, f"no table before {self.in_force_from}")])

    @cached_property
    def _changes(self) -> list[date]:
        return _changes(self.in_force_from, [*self.rules, *self.sets, *self.limits])

    def _built(self, day: date) -> RulesInForce:
        notes: list[RuleFault] = []
        built = self._made(day, notes)
        if built is None:
            raise RuleTableError(notes)
        return built

    def _made(self, day: date, notes: list[RuleFault]) -> RulesInForce | None:
        chosen = next((one for one in self.sets if one.holds(day)), None)
        if chosen is None:
            zh = f"{day} 起没有施行的本院参数"
            notes.append(RuleFault(self.court, "-", zh, f"no parameters of the court are in force on {day}"))
            return None
        found = Day(
            day=day,
            version=self.version,
            sha256=self.sha256,
            court=self.court,
            rules=[one for one in self.rules if one.holds(day)],
            limits=[one for one in self.limits if one.holds(day)],
            declared=self.declared,
            chosen=chosen,
            urges=self.urges,
        )
        return found.made_ready(self.register, notes)


def profile(name: str) -> RuleTable:
    """Return the law with a published profile over the defaults; `profile_names` lists them.

    Raises
    ------
    RuleTableError
        There is no profile of this name.
    """
    return RuleTable.load([Path(PREFIX + name)])


def _assembled(texts: Sequence[tuple[str, str]], register: Register) -> tuple[RuleTable, tuple[RuleFault, ...]]:
    found = gather(texts or [shipped_default()])
    statute, court = found.statute, found.court
    table = RuleTable(
        court=court.court,
        version=f"{statute.version}/{court.court}-{court.version}",
        sha256=hashlib.sha256("\n".join(text for _, text in found.texts).encode()).hexdigest(),
        in_force_from=statute.in_force_from,
        rules=tuple(sorted((*statute.rules, *court.rules), key=_place)),
        declared=tuple(statute.declared),
        sets=tuple(court.sets),
        limits=tuple(statute.limits),
        register=register,
        texts=found.texts,
        title=court.title,
        source=court.source,
        published=court.published,
        urges=NO_URGING not in court.without,
    )
    return table, tuple(dict.fromkeys(found.faults or _contradictions(table, found) or table.faults()))


def _contradictions(table: RuleTable, found: Gathered) -> list[RuleFault]:
    """Return what the files say against the law or against themselves, before any rule is made ready."""
    return [
        *loosened(found.statute, found.court),
        *unknown_as_met(table.rules),
        *misdated([*table.rules, *table.limits], table.sets, table.in_force_from),
        *order_faults(table.rules),
        *value_faults(table.sets, table.declared, table.register),
    ]


def _place(rule: Rule) -> tuple[bool, bool, str]:
    """Order of the table: H first, a court's own letters next, lanes by score last."""
    return rule.id.startswith("M"), not rule.id.startswith("H"), rule.id


def _always(dated: Iterable[Dated], day: date, *, first: date) -> tuple[Dated, ...]:
    """Return what is in force on a day, from the first day on and without an end."""
    return tuple(replace(one, in_force_from=first, until=None) for one in dated if one.holds(day))


def _changes(first: date, spans: Iterable[Span]) -> list[date]:
    ends = {one.until for one in spans if one.until is not None}
    return sorted({first, *ends, *(one.in_force_from for one in spans)})
