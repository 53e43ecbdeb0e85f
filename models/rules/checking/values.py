"""Whether a court's values of the parameters are complete, of the right kind, and within the bounds of the law."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from features.register import Register
from models.rules.facts import fact_of
from models.rules.rule import Parameter, ParameterSet, RuleFault
from models.strict_table import written


def value_faults(
    sets: Sequence[ParameterSet], declared: Sequence[Parameter], register: Register
) -> Iterator[RuleFault]:
    """Yield every value that is missing, unknown, of the wrong kind, or looser than the law allows."""
    for one in sets:
        yield from _values(one, declared, register)


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
        return f"应为文字列表，实为 {written(value)}", f"must be a list of texts, not {value!r}"
    fact = fact_of(declared.codes_of, register) if declared.codes_of else None
    strange = [one for one in value if fact is not None and one not in fact.codes]
    if strange and fact is not None:
        return f"{strange} 不是 {declared.codes_of} 的值，可用：{'、'.join(fact.codes)}", f"{strange} are no codes"
    dropped = [one for one in declared.includes if one not in value]
    if dropped:
        return f"不得少于 {'、'.join(dropped)}（{declared.basis}）", f"{dropped} may not be left out"
    return "", ""


def _outside(declared: Parameter, value: object) -> tuple[str, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"应为数字，实为 {written(value)}", f"must be a number, not {value!r}"
    if declared.whole and value % 1:
        return f"{declared.text.zh}应为整数，实为 {value:g}", f"must be a whole number, not {value:g}"
    if declared.least <= value <= declared.most:
        return "", ""
    span = f"{declared.least:g}–{declared.most:g}"
    zh = f"{declared.text.zh}为 {value:g}，超出 {span}，不得放宽（{declared.basis}）"
    return zh, f"{value:g} is outside {span}; a court may not loosen it"
