"""Known: what the court knew about each case at its own as-of instant; the only cut through time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.register import Register, Stage

Array = npt.NDArray[np.float64]
Columns = Mapping[str, npt.NDArray[np.generic]]

OBSERVED = "@observed_at"
"""Suffix of a companion column: the instant at which the field's value was observed at its source."""


class ForbiddenFieldError(KeyError):
    """A feature asked for a field that no feature of this stage may read."""


@dataclass(frozen=True)
class Known:
    """Columns that features may read, cut to each row's `as_of`.

    `as_of` holds days since 1970-01-01 00:00 Asia/Shanghai, shape (n,). Every
    column has shape (n,), float64, NaN where the fact is missing.
    """

    stage: Stage
    as_of: Array
    columns: Mapping[str, Array]

    @classmethod
    def cut(cls, columns: Columns, *, as_of: Array, stage: Stage, register: Register) -> Known:
        """Keep the fields a feature of this stage may read; blank what was observed after `as_of`."""
        kept: dict[str, Array] = {}
        for name, column in columns.items():
            owner = name.partition(".")[0]
            if owner not in register or not register[owner].feature_at(stage) or column.dtype != np.float64:
                continue
            seen_at = columns.get(owner + OBSERVED)
            late = None if seen_at is None else seen_at.astype(np.float64) > as_of
            values = column.astype(np.float64, copy=False)
            kept[name] = values if late is None else np.where(late, np.nan, values)
        return cls(stage=stage, as_of=as_of, columns=kept)

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
            msg = f"特征不得读取字段 {name!r}（阶段 {self.stage}）/ features of stage {self.stage} may not read {name!r}"
            raise ForbiddenFieldError(msg) from None
