"""What may be wrong between rule files: replaced statutes, overlapping versions, loosened parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from features.register import Register
from models.rules.facts import fact_of
from models.rules.reading import RuleFile
from models.rules.rule import Parameter, ParameterSet, Rule, RuleFault


def scopes(read: Iterable[RuleFile]) -> list[RuleFault]:
    """Return a fault unless there is exactly one statutory file and one of a court."""
    found = sorted(file.scope for file in read)
    if found == ["court", "statutory"] or "" in found:
        return []
    zh = f"须恰有一份法定规则和一份本院规则，实有 {'、'.join(found)}"
    return [RuleFault("-", "-", zh, "one statutory and one court file are needed")]


def contradictions(statute: RuleFile, court: RuleFile, register: Register) -> list[RuleFault]:
    """Return what the court's file may not do, and versions in force at the same time."""
    own = {rule.id for rule in statute.rules}
    replaced = [
        RuleFault(court.name, rule.id, "本院规则不得替换法定规则", "a court's file may not replace a statutory rule")
        for rule in court.rules
        if rule.id in own
    ]
    laid = [
        RuleFault(court.name, one.name, "参数及其界限只能由法定规则声明", "only the statutory file declares parameters")
        for one in court.declared
    ]
    set_twice = _overlaps([(one.version, one) for one in court.sets], any_name=True)
    ruled_twice = _overlaps([(one.id, one) for one in (*statute.rules, *court.rules)], any_name=False)
    values = [fault for one in court.sets for fault in _values(one, statute.declared, register)]
    return [*replaced, *laid, *ruled_twice, *set_twice, *values]


def _overlaps(dated: Sequence[tuple[str, Rule | ParameterSet]], *, any_name: bool) -> list[RuleFault]:
    return [
        RuleFault(second.file, name, "与同名规则或参数的施行期间重叠", "two versions are in force at the same time")
        for (other, first), (name, second) in combinations(dated, 2)
        if (any_name or other == name) and first.overlaps(second)
    ]


def _values(chosen: ParameterSet, declared: Sequence[Parameter], register: Register) -> list[RuleFault]:
    known = {one.name: one for one in declared}
    faults = [
        RuleFault(chosen.file, name, f"{chosen.version} 缺少参数 {name!r}", f"{name!r} is missing")
        for name in sorted(set(known) - set(chosen.values))
    ]
    for name, value in chosen.values.items():
        zh, en = _wrong(known.get(name), value, register)
        if zh:
            faults.append(RuleFault(chosen.file, name, zh, en))
    return faults


def _wrong(declared: Parameter | None, value: object, register: Register) -> tuple[str, str]:
    if declared is None:
        return "法定规则没有声明这一参数", "the statutory file declares no such parameter"
    if declared.type in {"number", "chance"}:
        return _outside(declared, value)
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        return f"应为文字列表，实为 {value!r}", f"must be a list of texts, not {value!r}"
    fact = fact_of(declared.codes_of, register) if declared.codes_of else None
    strange = [one for one in value if fact is not None and one not in fact.codes]
    return (f"{strange} 不是 {declared.codes_of} 的值", f"{strange} are no codes") if strange else ("", "")


def _outside(declared: Parameter, value: object) -> tuple[str, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"应为数字，实为 {value!r}", f"must be a number, not {value!r}"
    if declared.least <= value <= declared.most:
        return "", ""
    span = f"{declared.least:g}–{declared.most:g}"
    zh = f"{declared.text.zh}为 {value:g}，超出 {span}，不得放宽（{declared.basis}）"
    return zh, f"{value:g} is outside {span}; a court may not loosen it"
