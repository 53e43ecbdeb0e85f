"""Extension fields: facts that a court declares for itself (`x_…`), with their question and their pull."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Self, cast

import numpy as np

from features.feature import Compute, Feature, Group, IsIndex, Pull, Unit, Words
from features.known import Array, Known
from features.register import KNOWN_BY, Field, Stage

CODES: Mapping[Group, str] = MappingProxyType(
    {
        Group.WILLINGNESS: "XW",
        Group.ASSETS: "XA",
        Group.DEBTS: "XD",
        Group.PROCEDURE: "XP",
        Group.CASE: "XC",
    },
)
"""Reason codes of a court's own facts, one a group; their wording is the court's own question."""

TYPES = frozenset({"bool", "int", "float", "decimal", "ordinal", "date", "enum"})
"""Types of which features can be made; a field of another type may be carried, not read."""

MISSING = ("本院未提供该项", "not provided by the court")

_NAME = re.compile(r"x_[a-z][a-z0-9_]{0,59}")
_CODE = re.compile(r"[^\s\"',:/\[\]{}]{1,60}")
"""Neither the register's separator nor a character that model files refuse in a feature's name."""

_EMPTY = Field(name="", zh="", en="", type="", known_at="")
_SHAPE: Mapping[str, type] = MappingProxyType(
    {key: type(value) for key, value in vars(_EMPTY).items() if key[0] != "_"}
)


@dataclass(frozen=True)
class ExtensionField:
    """A court's own field and, where features may read it, what they ask of it.

    Numbers and yes-or-no facts are taken as they are, a date as days before
    `as_of`, an enum as one question for each code. `zh` and `en` are the
    question; for an enum `{}` in them stands for the code, which is added at
    the end otherwise. An enum has no order, so it cannot pull.
    """

    field: Field
    zh: str
    en: str
    unit: str
    pull: Pull
    group: Group

    def __post_init__(self) -> None:
        """Refuse a declaration from which no sound feature can be made."""
        problem = _problem_of(self.field) or _problem_of_question(self)
        if problem is not None:
            msg = f"扩展字段 {self.field.name!r}：{problem[0]} / extension field {self.field.name!r}: {problem[1]}"
            raise ValueError(msg)

    def features(self) -> tuple[Feature, ...]:
        """Return the features of the field; none where it is closed to features."""
        name, kind = self.field.name, self.field.type
        if not self.field.feature_at(Stage.B):
            return ()
        if kind == "enum":
            codes = zip(self.field.codes, self.field.codes_zh, strict=True)
            return tuple(self._of_code(index, code, zh) for index, (code, zh) in enumerate(codes))
        return (self._feature(name, (self.zh, self.en), _days_before(name) if kind == "date" else _as_it_is(name)),)

    def _of_code(self, index: int, code: str, zh: str) -> Feature:
        asks = (_of_word(self.zh, zh), _of_word(self.en, code))
        return self._feature(f"{self.field.name}.{code}", asks, IsIndex(self.field.name, float(index)))

    def _feature(self, name: str, asks: Words, compute: Compute) -> Feature:
        return Feature(
            name=name,
            zh=asks[0],
            en=asks[1],
            unit=Unit.YES_NO if self.field.type == "enum" else self.unit,
            stage=Stage.A if self.field.feature_at(Stage.A) else Stage.B,
            group=self.group,
            pull=self.pull,
            code=CODES[self.group],
            missing=MISSING[0],
            missing_en=MISSING[1],
            reads=(self.field.name,),
            compute=compute,
        )

    def to_json(self) -> dict[str, object]:
        """Return the declaration as plain JSON values."""
        field = {key: getattr(self.field, key) for key in _SHAPE} | {"privacy": self.field.privacy.value}
        return {
            "field": {key: list(value) if isinstance(value, tuple) else value for key, value in field.items()},
            "zh": self.zh,
            "en": self.en,
            "unit": str(self.unit),
            "pull": self.pull.value,
            "group": self.group.value,
        }

    @classmethod
    def from_json(cls, document: object) -> Self:
        """Read a declaration that `to_json` wrote.

        Raises
        ------
        ValueError
            A key is missing or unknown, or a value is not of its kind.
        """
        own = {"zh": str, "en": str, "unit": str, "pull": Pull, "group": Group}
        said = _read(document, {"field": dict} | own, required=("field", *own))
        field = _read(said.pop("field"), _SHAPE, required=("name", "zh", "en", "type", "known_at"))
        return cls(field=Field(**field), **said)  # type: ignore[arg-type]  # _read has checked every kind


def _of_word(question: str, word: str) -> str:
    return question.replace("{}", word) if "{}" in question else f"{question} ({word})"


def _days_before(name: str) -> Compute:
    def compute(known: Known) -> Array:
        return np.floor(known.as_of) - np.floor(known[name])

    return compute


def _as_it_is(name: str) -> Compute:
    def compute(known: Known) -> Array:
        return known[name]

    return compute


def _problem_of(field: Field) -> Words | None:
    if not _NAME.fullmatch(field.name):
        return "名称须为 x_ 加小写字母、数字、下划线", "a name is x_ and lower-case letters, digits or underscores"
    if field.known_at not in KNOWN_BY[Stage.B]:
        return (
            f"获知阶段 {field.known_at!r} 不属于 P、A、L、U、F",
            f"known_at {field.known_at!r} is none of P, A, L, U, F",
        )
    if len(field.codes) != len(field.codes_zh) or len(set(field.codes)) != len(field.codes):
        return "代码须各异，且与中文名称逐一对应", "codes must differ and each have its Chinese wording"
    wrong = [code for code in field.codes if not _CODE.fullmatch(code)]
    return (f"代码不合规：{wrong}", f"codes not allowed: {wrong}") if wrong else None


def _problem_of_question(extension: ExtensionField) -> Words | None:
    field = extension.field
    if not field.feature_at(Stage.B):
        return None
    if field.type not in TYPES:
        return f"类型 {field.type!r} 不能作特征", f"no feature can be made of type {field.type!r}"
    if not (extension.zh.strip() and extension.en.strip()):
        return "须有中英文提问", "a question in Chinese and in English is needed"
    if field.type == "enum" and (not field.codes or extension.pull is not Pull.NONE):
        return "枚举须列明代码，且不得声明方向", "an enum lists its codes and has no pull"
    return None


def _read(document: object, shape: Mapping[str, type], *, required: tuple[str, ...]) -> dict[str, object]:
    if not isinstance(document, Mapping):
        msg = f"应为对象，得到 {type(document).__name__} / expected an object, got {type(document).__name__}"
        raise ValueError(msg)  # noqa: TRY004  a wrong document is bad data, not a wrong program
    odd = sorted({str(key) for key in document} - set(shape)) + sorted(set(required) - set(document))
    if odd:
        msg = f"扩展字段声明多出或缺少：{odd} / unknown or missing in the declaration: {odd}"
        raise ValueError(msg)
    return {key: _value(key, value, shape[key]) for key, value in document.items()}


def _value(key: str, value: object, kind: type) -> object:
    if kind is tuple and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(cast("list[str]", value))
    if issubclass(kind, StrEnum) and isinstance(value, str):
        return kind(value)
    if isinstance(value, kind):
        return value
    msg = f"扩展字段声明 {key!r} 的值不合类型：{value!r} / value of {key!r} is of the wrong kind: {value!r}"
    raise ValueError(msg)
