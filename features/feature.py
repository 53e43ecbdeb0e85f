"""What a feature is: a judge's question, answered for every row at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from operator import itemgetter
from types import MappingProxyType
from typing import TypedDict, Unpack

import numpy as np

from features.columns import WORDS, column_names, is_words
from features.known import Array, ForbiddenFieldError, Known
from features.register import Stage, load_register

Words = tuple[str, str]
"""The same words in Chinese and in English."""

Compute = Callable[[Known], Array]

NAN: Array = np.array(np.nan)
"""Missing. Constants are 0-d arrays: as operands they cost numpy a third of a Python float, most of it at one row."""


class Pull(StrEnum):
    """The direction in which a feature may move the chance of payment, unless cases contradict it; NONE is free."""

    UP = "up"
    DOWN = "down"
    NONE = "none"

    @property
    def sign(self) -> int:
        """Return the direction as a monotone constraint: 1, -1 or 0."""
        return {Pull.UP: 1, Pull.DOWN: -1, Pull.NONE: 0}[self]


class Group(StrEnum):
    """Reason groups in which features are shown to a judge."""

    WILLINGNESS = "履行意愿"
    ASSETS = "财产"
    DEBTS = "债务"
    PROCEDURE = "程序"
    CASE = "案件"


class Unit(StrEnum):
    """Units of the shipped features, as shown to a judge."""

    YES_NO = "是否"
    DAY = "日"
    MONTH = "月"
    MONTHS = "个月"
    YEAR = "年"
    CASE = "件"
    ITEM = "项"
    PERSON = "人"
    TIME = "次"
    PLACE = "位"
    KIND = "种"
    GRADE = "级"
    SHARE = "比例"
    LOG_YUAN = "元（常用对数）"
    LOG_RATIO = "倍（常用对数）"

    @property
    def en(self) -> str:
        """Return the unit in English."""
        return {
            Unit.YES_NO: "yes or no",
            Unit.CASE: "cases",
            Unit.ITEM: "items",
            Unit.PERSON: "persons",
            Unit.TIME: "times",
            Unit.KIND: "kinds",
            Unit.LOG_YUAN: "log10 of yuan",
            Unit.LOG_RATIO: "log10 of a ratio",
        }.get(self, self.name.lower())


GROUP_OF: Mapping[str, Group] = MappingProxyType(
    {
        "W": Group.WILLINGNESS,
        "A": Group.ASSETS,
        "D": Group.DEBTS,
        "P": Group.PROCEDURE,
        "C": Group.CASE,
    },
)
"""The first letter of a reason code names its group."""


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A declared feature.

    `stage` is the first stage at which it exists (an A feature serves B too).
    `reads` names the columns it reads; `code` is its reason code in
    `models/reasons.csv`. `missing` says in Chinese what NaN means, `missing_en`
    in English. `compute` takes a `Known` of n rows and returns float64 (n,).
    """

    name: str
    zh: str
    en: str
    unit: str
    stage: Stage
    group: Group
    pull: Pull
    code: str
    missing: str
    missing_en: str
    reads: tuple[str, ...]
    compute: Compute

    def serves(self, stage: Stage) -> bool:
        """Whether models of this stage use the feature."""
        return self.stage is Stage.A or stage is Stage.B


class Declaration(TypedDict):
    """What every shipped feature says of itself; stage and group follow from its fields and its code."""

    asks: Words
    unit: str
    pull: Pull
    code: str
    missing: Words


def feature(*reads: str, **declared: Unpack[Declaration]) -> Callable[[Compute], Feature]:
    """Declare a function of `Known` as the feature of the same name.

    Raises
    ------
    ForbiddenFieldError
        One of the fields it reads is open to features at no stage.
    """

    def named(compute: Compute) -> Feature:
        return declare(compute.__name__, reads, compute, declared)

    return named


def taken(column: str, **declared: Unpack[Declaration]) -> Feature:
    """Declare a column that is read as it is."""
    return declare(column.replace(".", "_"), (column,), itemgetter(column), declared)


def is_code(field: str, which: str, **declared: Unpack[Declaration]) -> Feature:
    """Declare the question whether an enum field has this code: 1 yes, 0 no, NaN when the field is missing."""
    return declare(f"{field}_{which}", (field,), IsIndex(field, index_of(field, which)), declared)


def each_code(field: str, words: Mapping[str, Words], **declared: Unpack[Declaration]) -> tuple[Feature, ...]:
    """Declare one yes-or-no question for each code in `words`; `{}` in `asks` stands for the code's words."""
    zh, en = declared["asks"]
    features = []
    for which, (word_zh, word_en) in words.items():
        said = declared.copy()
        said["asks"] = (zh.format(word_zh), en.format(word_en))
        features.append(is_code(field, which, **said))
    return tuple(features)


def index_of(field: str, code: str) -> float:
    """Return the number that stands for a code of an enum field in its column."""
    return float(load_register()[field].codes.index(code))


@dataclass(frozen=True)
class IsIndex:
    """The question whether an index column holds this index; a matrix asks all such questions in one step."""

    column: str
    index: float

    def __call__(self, known: Known) -> Array:
        """Return 1 yes, 0 no, NaN when missing."""
        values = known[self.column]
        return np.where(np.isnan(values), NAN, values == self.index)


def declare(name: str, reads: tuple[str, ...], compute: Compute, declared: Declaration) -> Feature:
    """Build the feature; the builders above and those of the catalogue end here.

    Raises
    ------
    ForbiddenFieldError
        One of the fields it reads is open to features at no stage.
    """
    return Feature(
        name=name,
        zh=declared["asks"][0],
        en=declared["asks"][1],
        unit=declared["unit"],
        stage=_first_stage(reads),
        group=GROUP_OF[declared["code"][0]],
        pull=declared["pull"],
        code=declared["code"],
        missing=declared["missing"][0],
        missing_en=declared["missing"][1],
        reads=reads,
        compute=compute,
    )


@cache
def readable(stage: Stage) -> frozenset[str]:
    """Return the columns that a shipped feature of this stage may read; no words are among them."""
    fields = [field for field in load_register().fields if field.feature_at(stage)]
    return frozenset(
        name for field in fields for name in (WORDS.get(field.name, ()) if is_words(field) else column_names(field))
    )


def _first_stage(reads: tuple[str, ...]) -> Stage:
    for stage in Stage:
        if readable(stage).issuperset(reads):
            return stage
    closed = ", ".join(sorted(set(reads) - readable(Stage.B)))
    msg = f"任何阶段的特征均不得读取：{closed} / features of no stage may read: {closed}"
    raise ForbiddenFieldError(msg)
