"""Columns: the one form of facts for one case and for ten million, float64 with NaN for what is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from features.clock import days_of
from features.derived import COMPUTED, OBSERVED, WORDS, Array, Columns, derive
from features.preservations import CASH_UNTIL, Preservation, cash_until
from features.register import Field, Register, Stage

NUMBERS: Mapping[str, Callable[..., float]] = {
    "bool": float,
    "int": float,
    "float": float,
    "ordinal": float,
    "decimal": float,
    "date": days_of,
    "datetime": days_of,
}
"""Field type -> how one value becomes a number; enums, sets and words have their own way."""

_NAN = float("nan")


class Facts(Protocol):
    """What columns need to know of a case."""

    @property
    def application_id(self) -> str:
        """The application number."""

    @property
    def court_code(self) -> str:
        """The canonical court code."""

    @property
    def stage(self) -> Stage:
        """Before filing, or after the first query."""

    @property
    def as_of(self) -> datetime:
        """The instant of scoring."""

    @property
    def values(self) -> Mapping[str, object]:
        """The typed facts that were sent."""

    @property
    def preservations(self) -> tuple[Preservation, ...]:
        """The preserved assets, where they were sent one by one."""

    @property
    def observed_at(self) -> Mapping[str, date | datetime]:
        """When a fact was seen at its source."""


def column_names(field: Field) -> tuple[str, ...]:
    """Return the names of a field's columns: one, or one per code of a set (`clue_types.vehicle`)."""
    return tuple(f"{field.name}.{code}" for code in field.codes) if field.type == "set" else (field.name,)


def is_words(field: Field) -> bool:
    """Whether the field's column holds text, which no feature can read."""
    return field.type in {"string", "text"}


@lru_cache(maxsize=2048)
def code_index(field: Field) -> Mapping[str, float]:
    """Return the number that stands for each code, and each Chinese wording, of an enum."""
    both = (*enumerate(field.codes), *enumerate(field.codes_zh))
    return {code: float(index) for index, code in both}


def encode(field: Field, values: Sequence[object]) -> dict[str, npt.NDArray[np.generic]]:
    """Return the columns of one field from typed values; None is missing.

    Raises
    ------
    ValueError
        The field has no column form (lists, such as `payments`).
    """
    if is_words(field):
        return {field.name: np.array([*values, None], dtype=object)[:-1]}
    if field.type == "set":
        rows = [_set_row(field.codes, cast("Collection[str] | None", value)) for value in values]
        table = np.array(rows, dtype=np.float64).reshape(len(values), len(field.codes))
        return {name: np.ascontiguousarray(table[:, j]) for j, name in enumerate(column_names(field))}
    convert = _converter(field)
    return {field.name: np.array([_NAN if v is None else convert(v) for v in values], dtype=np.float64)}


def columns_of(case: Facts, register: Register) -> dict[str, npt.NDArray[np.generic]]:
    """Return every column of one case (n = 1); what the case does not say is NaN or None."""
    plan = _plan(register, case.stage)
    numbers, words = plan.numbers.copy(), plan.words.copy()
    words[plan.word_places["application_id"]] = case.application_id
    words[plan.word_places["court_code"]] = case.court_code
    sent: dict[str, npt.NDArray[np.generic]] = {}
    for name, value in case.values.items():
        place = plan.number_places.get(name)
        if place is not None:
            numbers[place[0]] = place[1](value)
        elif name in plan.word_places:
            words[plan.word_places[name]] = cast("str", value)
        elif name in plan.set_places:
            start, codes = plan.set_places[name]
            numbers[start : start + len(codes)] = _set_row(codes, cast("Collection[str]", value))
        else:
            sent |= encode(register[name], [value])
    sent |= {name + OBSERVED: np.array([days_of(seen)]) for name, seen in case.observed_at.items()}
    columns: dict[str, npt.NDArray[np.generic]] = dict(
        zip(plan.number_names, np.array(numbers).reshape(-1, 1), strict=True)
    )
    columns.update(zip(plan.word_names, np.array(words, dtype=object).reshape(-1, 1), strict=True))
    columns |= sent
    until = cash_until(case.preservations, case.as_of.date())
    columns |= {} if until is None else {CASH_UNTIL: np.array([days_of(until)])}
    columns |= derive(columns, np.array([days_of(case.as_of)]))
    return columns


def complete(
    columns: Columns,
    n: int,
    register: Register,
    stage: Stage,
    *,
    as_of: Array | None = None,
) -> dict[str, npt.NDArray[np.generic]]:
    """Return the columns of n cases with absent fields as missing and the computed ones added.

    `as_of` is each row's instant; by default `received_at` at stage A and
    `query_at` at stage B. Absent columns share one read-only array.
    """
    plan = _plan(register, stage)
    missing, nothing = np.full(n, np.nan), np.full(n, None, dtype=object)
    missing.flags.writeable = nothing.flags.writeable = False
    full: dict[str, npt.NDArray[np.generic]] = dict.fromkeys(plan.number_names, missing)
    full.update(dict.fromkeys(plan.word_names, nothing))
    full.update(columns)
    instants = full["query_at" if stage is Stage.B else "received_at"] if as_of is None else as_of
    full.update(derive(full, cast("Array", instants)))
    return full


@dataclass(frozen=True)
class _Plan:
    """Where each field of a stage stands in one row, worked out once per register.

    Computed fields have no place: they are added when sent, and computed after.
    """

    numbers: list[float]
    words: list[str | None]
    number_names: tuple[str, ...]
    word_names: tuple[str, ...]
    number_places: Mapping[str, tuple[int, Callable[..., float]]]
    word_places: Mapping[str, int]
    set_places: Mapping[str, tuple[int, tuple[str, ...]]]


@lru_cache(maxsize=16)
def _plan(register: Register, stage: Stage) -> _Plan:
    fields = [f for f in register.allowed_at(stage) if f.name not in COMPUTED]
    words = [f.name for f in fields if is_words(f)]
    names = [name for f in fields if not is_words(f) for name in column_names(f)]
    single = [f for f in fields if not is_words(f) and f.type != "set"]
    return _Plan(
        numbers=[_NAN] * len(names),
        words=[None] * len(words),
        number_names=tuple(names),
        word_names=tuple(words),
        number_places={f.name: (names.index(f.name), _converter(f)) for f in single},
        word_places={name: place for place, name in enumerate(words)},
        set_places={f.name: (names.index(column_names(f)[0]), f.codes) for f in fields if f.type == "set"},
    )


def _converter(field: Field) -> Callable[..., float]:
    if field.type == "enum":
        return code_index(field).__getitem__
    if field.type not in NUMBERS:
        msg = (
            f"字段 {field.name!r} 的类型 {field.type!r} 不能成列 / type {field.type!r} of {field.name!r} has no column"
        )
        raise ValueError(msg)
    return NUMBERS[field.type]


def _set_row(codes: tuple[str, ...], value: Collection[str] | None) -> list[float]:
    if value is None:
        return [_NAN] * len(codes)
    return [1.0 if code in value else 0.0 for code in codes]


__all__ = [
    "NUMBERS",
    "OBSERVED",
    "WORDS",
    "Array",
    "Columns",
    "Facts",
    "code_index",
    "column_names",
    "columns_of",
    "complete",
    "encode",
    "is_words",
]
