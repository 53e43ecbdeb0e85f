"""Gathering: the law and one court's rules from their files, a court's file laid over the table that it extends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from models.rules.loading.shipped import Named, shipped_court, shipped_law
from models.rules.reading import RuleFile, read_file
from models.rules.reading.rule_file import COURT, STATUTORY
from models.rules.rule import ParameterSet, RuleFault, Span

Dated = TypeVar("Dated", bound=Span)

NO_URGING = "M01"
"""A court that leaves out this rule urges nobody."""


@dataclass(frozen=True)
class Gathered:
    """The law, one court's rules with everything they extend, the texts of both, and what is wrong with the files."""

    statute: RuleFile
    court: RuleFile
    texts: tuple[Named, ...]
    faults: tuple[RuleFault, ...]


@lru_cache(maxsize=16)
def _read(name: str, text: str) -> RuleFile:
    """Read a file once: the law and the defaults are the same for every court."""
    return read_file(name, text)


def gather(texts: Sequence[Named]) -> Gathered:
    """Read files, the law among them or not; the first court's file is the court's own, others may be extended.

    What they leave out is taken from the shipped tables: the law, and the
    table that a court's file extends.
    """
    read = [_read(name, text) for name, text in texts]
    if all(file.scope == COURT for file in read):
        read = [_read(*shipped_law()), *read]
    statute = next((file for file in read if file.scope == STATUTORY), RuleFile("-"))
    courts = [file for file in read if file.scope == COURT]
    chain, faults = _chain(courts)
    used = [*([statute] if statute.scope else []), *chain]
    faults += _scopes(read, chain)
    broken = [fault for file in (*read, *chain) for fault in file.rule_faults()]
    court = chain[-1] if chain else RuleFile("-")
    for own in reversed(chain[:-1]):
        faults += _left_out(own, court, statute)
        court = laid_over(own, court)
    if len(chain) == 1:
        faults += _left_out(court, RuleFile("-"), statute)
    texts_used = tuple((file.file, file.text_read) for file in used)
    return Gathered(statute, court, texts_used, tuple(dict.fromkeys([*broken, *faults])))


def _scopes(read: Sequence[RuleFile], chain: Sequence[RuleFile]) -> list[RuleFault]:
    """Return a fault unless there is exactly one statutory file, one of a court, and what that extends."""
    if any(file.scope not in {STATUTORY, COURT} for file in read):
        return []  # the head already has its fault
    laws = [file.file for file in read if file.scope == STATUTORY]
    strays = [file.file for file in read if file.scope == COURT and all(file is not one for one in chain)]
    if len(laws) == 1 and chain and not strays:
        return []
    shown = "、".join(file.file for file in read)
    zh = f"须恰有一份法定规则和一份本院规则（及其 extends 所指各份），实有 {shown}"
    return [
        RuleFault("-", "-", zh, f"one statutory and one court file are needed, and what the latter extends: {shown}")
    ]


def _chain(courts: Sequence[RuleFile]) -> tuple[list[RuleFile], list[RuleFault]]:
    """Return the court's file and, one after the other, what it extends."""
    if not courts:
        return [], []
    chain, given = [courts[0]], {_stem(file): file for file in courts[1:]}
    seen = [_stem(courts[0])]
    while name := chain[-1].extends:
        where = chain[-1].file
        if name in seen:
            circle = " → ".join([*seen, name])
            return chain, [
                RuleFault(where, "extends", f"extends 成环：{circle}", f"extends runs in a circle: {circle}")
            ]
        named = None if name in given else shipped_court(name)
        if name not in given and named is None:
            zh = f"没有名为 {name!r} 的规则表可供 extends；可用 default、公开规则集的名称或一并给出的文件名"
            return chain, [RuleFault(where, "extends", zh, f"there is no table {name!r} to extend")]
        chain.append(given[name] if named is None else _read(*named))
        seen.append(name)
    return chain, []


def _stem(file: RuleFile) -> str:
    name = file.file.removesuffix(".toml")
    return "default" if name == "court_default" else name


def _left_out(own: RuleFile, base: RuleFile, statute: RuleFile) -> Iterator[RuleFault]:
    there = {rule.id for rule in (*base.rules, *statute.rules)}
    given = {rule.id for rule in own.rules}
    for name in own.without:
        if name in given:
            zh = f"{name} 既写入 without 又另有规定"
            yield RuleFault(own.file, name, zh, f"{name} is left out and given at once")
        elif name not in there and name != NO_URGING:
            yield RuleFault(own.file, name, f"没有可省去的规则 {name}", f"there is no rule {name} to leave out")


def laid_over(own: RuleFile, base: RuleFile) -> RuleFile:
    """Return the court's file with what it takes over from the table it extends.

    A rule of the same id replaces the base's while it is in force, as on trial
    for a year; one named in `without` goes on the file's first day; and values
    that a set does not give are those of the base on that set's first day.
    """
    own_ids = {rule.id for rule in own.rules}
    taken = {name: _whole([rule for rule in own.rules if rule.id == name]) for name in own_ids}
    taken |= dict.fromkeys(own.without, (own.in_force_from, None))
    in_sets = _whole(own.sets) if own.sets else None
    kept = [rule for one in base.rules for rule in (_outside(one, taken.get(one.id)))]
    sets = [chosen for one in base.sets for chosen in _outside(one, in_sets)]
    return replace(
        own,
        rules=[*kept, *own.rules],
        sets=[*sets, *(_filled(one, base.sets) for one in own.sets)],
        without=(*base.without, *own.without),
    )


Taken = tuple[date, date | None]
"""The days on which a file has its own word: the first, and the first no longer, None where it is open."""


def _whole(versions: Sequence[Span]) -> Taken:
    """Return the days from the first version's beginning to the last one's end."""
    ends = [one.until for one in versions]
    last = None if None in ends else max(one for one in ends if one is not None)
    return min(one.in_force_from for one in versions), last


def _outside(one: Dated, taken: Taken | None) -> list[Dated]:
    """Return what of a version is in force before and after the days that are taken."""
    if taken is None:
        return [one]
    first, last = taken
    before = replace(one, until=first) if one.until is None or one.until > first else one
    after = [] if last is None else [replace(one, in_force_from=max(one.in_force_from, last))]
    return [part for part in (before, *after) if part.until is None or part.in_force_from < part.until]


def _filled(one: ParameterSet, base: Sequence[ParameterSet]) -> ParameterSet:
    earliest = min(base, key=lambda other: other.in_force_from, default=one)
    found = next((other for other in base if other.holds(one.in_force_from)), earliest)
    return replace(one, values=MappingProxyType({**found.values, **one.values}))
