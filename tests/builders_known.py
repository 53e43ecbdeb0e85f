"""Builders for features: a `Known` in which only the named columns say anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.feature import readable
from features.known import Array, Known
from features.register import Field, Register, Stage, load_register

AS_OF = 19_783.375
"""2024-03-01 09:00, Asia/Shanghai."""

Value = float | str | Sequence[float | str]


def known(stage: str = "A", n: int = 1, *, register: Register | None = None, **columns: Value) -> Known:
    """Return n rows that know only what is named; enum codes may be given by name, `as_of` in days."""
    whole = register or load_register()
    as_of = _column(columns.pop("as_of", AS_OF), n)
    full: dict[str, Array] = dict.fromkeys(readable(Stage.B), np.full(n, np.nan))
    for name, value in columns.items():
        owner = name.partition("@")[0].partition(".")[0]
        full[name] = _column(value, n, whole[owner])
    return Known.cut(full, as_of=as_of, stage=Stage(stage), register=whole)


def _column(value: Value, n: int, field: Field | None = None) -> Array:
    values = [value] * n if isinstance(value, int | float | str) else list(value)
    return np.array([_number(item, field) for item in values], dtype=np.float64)


def _number(item: float | str, field: Field | None) -> float:
    if not isinstance(item, str):
        return float(item)
    assert field is not None
    return float(field.codes.index(item))
