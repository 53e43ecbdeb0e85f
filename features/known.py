"""Known: what the court knew about each case at its own as-of instant; the only cut through time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
import numpy.typing as npt

from features.columns import OBSERVED, WORDS, Array, Columns, column_names, is_words
from features.register import Register, Stage

__all__ = ["OBSERVED", "Array", "Columns", "ForbiddenFieldError", "Known"]


class ForbiddenFieldError(KeyError):
    """A feature asked for a field that no feature of this stage may read."""


@dataclass(frozen=True)
class Known:
    """Columns that features may read, cut to each row's `as_of`.

    `as_of` holds days since 1970-01-01 00:00 Asia/Shanghai, shape (n,). Every
    column has shape (n,), float64, NaN where the fact is missing. `filed_at` is
    for the clock alone, no feature reads it; None before filing.
    """

    stage: Stage
    as_of: Array
    columns: Mapping[str, Array]
    filed_at: Array | None = None

    @classmethod
    def cut(cls, columns: Columns, *, as_of: Array, stage: Stage, register: Register) -> Known:
        """Keep the fields a feature of this stage may read; blank what was observed after `as_of`.

        Raises
        ------
        ValueError
            A column is not float64 of as many rows as `as_of`.
        """
        kept: dict[str, Array] = {}
        shape = as_of.shape
        for name, companion in _readable(register, stage):
            column = columns.get(name)
            if column is None:
                continue
            if column.dtype != _FLOAT64 or column.shape != shape:
                raise ValueError(_not_a_column(name, column, shape))
            seen_at = columns.get(companion)
            kept[name] = cast("Array", column) if seen_at is None else np.where(_after(seen_at, as_of), np.nan, column)
        filed_at = cast("Array | None", columns.get("filed_at")) if stage is Stage.B else None
        return cls(stage=stage, as_of=as_of, columns=kept, filed_at=filed_at)

    @property
    def waited(self) -> Array:
        """Return the days from filing to `as_of`, nought before filing and where its day is unknown."""
        if self.filed_at is None:
            return np.zeros(len(self))
        return np.maximum(np.nan_to_num(self.as_of - self.filed_at, nan=0.0), 0.0)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.as_of)

    def __getitem__(self, name: str) -> Array:
        """Return one column.

        Raises
        ------
        ForbiddenFieldError
            The field is protected, identifying, of a later stage or unknown.
        """
        try:
            return self.columns[name]
        except KeyError:
            msg = (
                f"特征不得读取字段 {name!r}（阶段 {self.stage}）/ features of stage {self.stage} may not read {name!r}"
            )
            raise ForbiddenFieldError(msg) from None


_FLOAT64 = np.dtype(np.float64)


@lru_cache(maxsize=16)
def _readable(register: Register, stage: Stage) -> tuple[tuple[str, str], ...]:
    """Return every numeric column a feature of the stage may read, with its companion's name."""
    fields = (f for f in register.fields if f.feature_at(stage))
    return tuple(
        (name, f.name + OBSERVED)
        for f in fields
        for name in (WORDS.get(f.name, ()) if is_words(f) else column_names(f))
    )


def _after(seen_at: npt.NDArray[np.generic], as_of: Array) -> npt.NDArray[np.bool_]:
    return np.greater(cast("Array", seen_at), as_of)


def _not_a_column(name: str, column: npt.NDArray[np.generic], shape: tuple[int, ...]) -> str:
    got = f"{column.dtype} {column.shape}"
    return f"列 {name!r} 须为 float64 {shape}，收到 {got} / column {name!r} must be float64 {shape}, got {got}"
