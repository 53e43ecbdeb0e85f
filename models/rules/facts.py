"""What a rule may look at by name: registered fields, amounts computed from them, and scores; and how a value reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from math import isnan
from types import MappingProxyType

from features.causes import FAMILIES, FAMILIES_ZH
from features.derived import DERIVATIONS
from features.english import english_of
from features.register import COMPUTED_ZH, Field, Privacy, Register, Stage
from models.rules.amounts import AMOUNTS, YUAN
from models.rules.case_view import SCORES, CaseView
from models.rules.result import Value
from models.rules.rule import Text

_EPOCH = date(1970, 1, 1)

MODEL_ZH = "模型"
"""Source of a score."""


@dataclass(frozen=True)
class Fact:
    """One readable fact; `codes` are those of an enum, with their Chinese wordings.

    `stages` are those at which a case can have it, `reads` the registered
    fields on which it rests, and `source` says where it comes from.
    `protected` marks what no rule may look at.
    """

    name: str
    type: str
    zh: str
    en: str
    codes: tuple[str, ...] = ()
    codes_zh: tuple[str, ...] = ()
    stages: frozenset[Stage] = frozenset(Stage)
    reads: tuple[str, ...] = ()
    source: str = COMPUTED_ZH
    protected: bool = False

    @cached_property
    def worked_out(self) -> bool:
        """Whether it is worked out on the day of the answer instead of being looked up."""
        return self.source in {COMPUTED_ZH, MODEL_ZH}

    def value(self, view: CaseView, row: int) -> Value:
        """Return the row's value as the API shows it; None when unknown."""
        if self.type == "string":
            text = view.texts(self.name)[row]
            return None if text is None else str(text)
        number = float(view.number(self.name)[row])
        return None if isnan(number) else _SHOWN[self.type](self, number)

    def text(self, value: Value) -> Text:
        """Return the value as it stands in a sentence."""
        if self.type == "enum" and isinstance(value, str):
            return Text(self.codes_zh[self.codes.index(value)], english_of(value))
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
        stages = [stage for stage in Stage if all(register[read].allowed_at(stage) for read in amount.reads)]
        return Fact(name, amount.type, amount.zh, amount.en, stages=frozenset(stages), reads=amount.reads)
    if name in SCORES:
        words = _SCORES[name].text
        return Fact(name, "score", words.zh, words.en, stages=_SCORES[name].stages, reads=(name,), source=MODEL_ZH)
    if name == "cause_code.family":
        families = tuple(FAMILIES_ZH.values())
        return Fact(name, "enum", "案由类别", "family of causes", FAMILIES, families, reads=base_fields(name))
    owner, _, part = name.partition(".")
    return None if owner not in register else _of_field(register[owner], name, part)


def _of_field(field: Field, name: str, part: str) -> Fact | None:
    zh, en = field.zh, field.en or field.name
    kind, codes, codes_zh = field.type, field.codes, field.codes_zh
    if part:
        if field.type != "set" or part not in field.codes:
            return None
        kind, zh, en, codes, codes_zh = "bool", f"{zh}：{field.zh_of(part)}", f"{en}: {part}", (), ()
    if kind not in _SHOWN and kind != "string":
        return None
    return Fact(
        name,
        kind,
        zh,
        en,
        codes,
        codes_zh,
        frozenset(stage for stage in Stage if field.allowed_at(stage)),
        base_fields(name),
        field.source_zh,
        field.privacy is Privacy.PROTECTED,
    )


_HELPFUL = frozenset({"cause_version", "instalment", "principal"})
"""Fields that are read when given and need not be: without them the rest is enough."""


@cache
def base_fields(name: str) -> tuple[str, ...]:
    """Return the registered fields on which a fact rests, in the order in which a clerk would complete them."""
    if name in AMOUNTS:
        return AMOUNTS[name].reads
    reads = next((one.reads for one in DERIVATIONS if one.name == name), None)
    if reads is None:
        return (name,) if name in SCORES else (name.partition(".")[0],)
    return tuple(dict.fromkeys(base for read in reads if read not in _HELPFUL for base in base_fields(read)))


def lacking(view: CaseView, names: Sequence[str], row: int) -> tuple[str, ...]:
    """Return the fields of these that the row does not have, or that rules cannot use."""
    return tuple(name for name in names if _lacks(view, name, row))


def _lacks(view: CaseView, name: str, row: int) -> bool:
    if name == "currency":
        return view.texts(name)[row] not in (None, YUAN)
    column = view.columns.get(name)
    if name in SCORES:
        return isnan(view.number(name)[row])
    if column is None or column.dtype == object:
        return column is None or view.texts(name)[row] is None
    return isnan(view.number(name)[row])


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


@dataclass(frozen=True)
class _Score:
    """How a score is worded, and the stages that have it."""

    text: Text
    stages: frozenset[Stage]


_A, _B = frozenset({Stage.A}), frozenset({Stage.B})
_SCORES: Mapping[str, _Score] = MappingProxyType(
    {
        "score.willingness": _Score(Text("督促期内自动履行可能", "chance of payment in the urging window"), _A),
        "score.ability": _Score(Text("立案后180日内全部到位可能", "chance of full payment in 180 days"), _A | _B),
        "score.quick": _Score(Text("30日内一次性执行到位可能", "chance of one-step enforcement in 30 days"), _B),
        "score.zhongben": _Score(Text("终本可能", "chance of closure for lack of assets"), _A | _B),
    }
)
