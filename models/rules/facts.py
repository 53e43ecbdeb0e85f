"""What a rule may look at by name: registered fields, amounts computed from them, and scores; and how a value reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import isnan
from types import MappingProxyType

from features.causes import FAMILIES, FAMILIES_ZH
from features.register import Field, Register
from models.rules.case_view import AMOUNTS, SCORES, CaseView
from models.rules.result import Value
from models.rules.rule import Text

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Fact:
    """One readable fact; `codes` are those of an enum, with their Chinese wordings."""

    name: str
    type: str
    zh: str
    en: str
    codes: tuple[str, ...] = ()
    codes_zh: tuple[str, ...] = ()

    def value(self, view: CaseView, row: int) -> Value:
        """Return the row's value as the API shows it; None when unknown."""
        if self.type in {"string", "none"}:
            text = view.texts(self.name)[row] if self.type == "string" else None
            return None if text is None else str(text)
        number = float(view.number(self.name)[row])
        return None if isnan(number) else _SHOWN[self.type](self, number)

    def text(self, value: Value) -> Text:
        """Return the value as it stands in a sentence."""
        if self.type == "enum" and isinstance(value, str):
            return Text(self.codes_zh[self.codes.index(value)], value)
        if isinstance(value, bool):
            return Text("是", "yes") if value else Text("否", "no")
        if isinstance(value, float | int):
            plain = self.amount(value)
            return Text(plain, plain)
        return Text(str(value), str(value))

    def amount(self, number: float) -> str:
        """Return a number in the fact's own unit: money with cents, scores as cases per hundred."""
        if self.type == "score":
            return f"{100 * number:.0f}"
        return f"{number:,.2f}" if self.type == "decimal" else f"{number:,.10g}"


def fact_of(name: str, register: Register) -> Fact | None:
    """Return the fact of this name, or None when rules know of none."""
    if name in AMOUNTS:
        amount = AMOUNTS[name]
        return Fact(name, amount.type, amount.zh, amount.en)
    if name in SCORES:
        return Fact(name, "score", _SCORES_TEXT[name].zh, _SCORES_TEXT[name].en)
    if name == "cause_code.family":
        return Fact(name, "enum", "案由类别", "family of causes", FAMILIES, tuple(FAMILIES_ZH.values()))
    owner, _, part = name.partition(".")
    return None if owner not in register else _of_field(register[owner], name, part)


def _of_field(field: Field, name: str, part: str) -> Fact | None:
    if part:
        known = field.type == "set" and part in field.codes
        return Fact(name, "bool", f"{field.zh}：{field.zh_of(part)}", f"{field.en}: {part}") if known else None
    if field.type not in _SHOWN and field.type != "string":
        return None
    return Fact(name, field.type, field.zh, field.en or field.name, field.codes, field.codes_zh)


def _whole(_: Fact, number: float) -> Value:
    return int(number)


def _plain(_: Fact, number: float) -> Value:
    return number


def _yes(_: Fact, number: float) -> Value:
    return number == 1.0


def _code(fact: Fact, number: float) -> Value:
    return fact.codes[int(number)]


def _date(_: Fact, number: float) -> Value:
    return (_EPOCH + timedelta(days=int(number // 1))).isoformat()


_SHOWN: Mapping[str, Callable[[Fact, float], Value]] = MappingProxyType(
    {
        "bool": _yes,
        "int": _whole,
        "ordinal": _whole,
        "float": _plain,
        "decimal": _plain,
        "score": _plain,
        "enum": _code,
        "date": _date,
        "datetime": _date,
    }
)
_SCORES_TEXT: Mapping[str, Text] = MappingProxyType(
    {
        "score.willingness": Text("督促期内自动履行可能", "chance of payment in the urging window"),
        "score.ability": Text("立案后180日内全部到位可能", "chance of full payment in 180 days"),
        "score.quick": Text("30日内一次性执行到位可能", "chance of one-step enforcement in 30 days"),
        "score.zhongben": Text("终本可能", "chance of 终本"),
    }
)
