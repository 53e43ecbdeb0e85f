"""What rules see of the cases: columns, amounts computed from them, the day, and the scores when there are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from math import isnan, nan
from types import MappingProxyType
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from features.derived import ENTERED
from features.known import OBSERVED, Columns
from features.register import Stage
from models.rules.amounts import AMOUNTS
from models.rules.tri import Array

Texts = npt.NDArray[np.object_]
_Kind = TypeVar("_Kind", bound=np.generic)
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True)
class ScoreView:
    """The scores rules and routing may ask for, one value per row; NaN where a score is unusable.

    `abstained` marks rows for which no score may be used at all.
    """

    p_willingness_window: Array
    p_ability_180: Array
    p_quick_30: Array
    p_zhongben_180: Array
    abstained: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, n: int, **known: npt.ArrayLike) -> ScoreView:
        """Return a view of n rows in which every score not named is unusable, and all of them where it abstained.

        So no rule line can tell a number that was withheld.
        """
        columns: dict[str, Array] = dict.fromkeys(SCORES.values(), np.full(n, np.nan))
        abstained = _of_rows(np.asarray(known.pop("abstained", False), dtype=np.bool_), n)
        for name, values in known.items():
            if name not in columns:
                msg = f"没有分值 {name!r} / there is no score {name!r}; known: {', '.join(sorted(columns))}"
                raise ValueError(msg)
            given = _of_rows(np.asarray(values, dtype=np.float64), n)
            columns[name] = np.where(abstained, np.nan, given) if abstained.any() else given
        return cls(abstained=abstained, **columns)


def _of_rows(values: npt.NDArray[_Kind], n: int) -> npt.NDArray[_Kind]:
    """Return one value per row, the same for all where only one was given."""
    return values if values.shape == (n,) else np.broadcast_to(values, (n,))


SCORES: Mapping[str, str] = MappingProxyType(
    {
        "score.willingness": "p_willingness_window",
        "score.ability": "p_ability_180",
        "score.quick": "p_quick_30",
        "score.zhongben": "p_zhongben_180",
    }
)
"""Name of a score in the rule tables, and its attribute in a ScoreView."""


@dataclass
class CaseView:
    """One batch of cases as rule tests read them; amounts are worked out once and kept.

    It is also what computed amounts read.
    """

    columns: Columns
    as_of: Array
    stage: Stage
    scores: ScoreView | None = None
    day: Array = field(init=False)
    _kept: dict[str, Array] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Take the Shanghai date of each row's instant."""
        self.day = np.floor(self.as_of)
        self._kept = {}

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.as_of)

    def number(self, name: str) -> Array:
        """Return a column, a computed amount or a score as float64.

        NaN when nobody gave it, or when it was observed after the row's instant.
        """
        kept = self._kept.get(name)
        if kept is None:
            kept = self._kept[name] = self._read(name)
        return kept

    def texts(self, name: str) -> Texts:
        """Return a text column; all None when nobody gave it."""
        column, seen_at = self.columns.get(name), self.columns.get(name + OBSERVED)
        if column is None:
            return np.full(len(self), None, dtype=object)
        words = column.astype(object, copy=False)
        late = None if seen_at is None else seen_at.astype(np.float64) > self.as_of
        return words if late is None else np.where(late, np.array(None, dtype=object), words)

    def today(self, row: int) -> date:
        """Return the Shanghai day on which the row is judged."""
        return _day(float(self.day[row]))

    def seen_on(self, name: str, row: int) -> date | None:
        """Return the day on which a fact was observed at its source; None when nobody said so."""
        seen = self.columns.get(name.partition(".")[0] + OBSERVED)
        instant = nan if seen is None else float(cast("Array", seen)[row])
        return None if isnan(instant) else _day(instant)

    def entered(self, name: str, row: int) -> bool:
        """Whether a fact that is otherwise worked out is the one that the court entered."""
        held = self.columns.get(name + ENTERED)
        return held is not None and bool(cast("Array", held)[row])

    @cached_property
    def dated(self) -> bool:
        """Whether any fact came with the instant of its observation."""
        return any(name.endswith(OBSERVED) for name in self.columns)

    def _read(self, name: str) -> Array:
        if name in AMOUNTS:
            return AMOUNTS[name].compute(self)
        if name in SCORES:
            return np.full(len(self), np.nan) if self.scores is None else getattr(self.scores, SCORES[name])
        column = self.columns.get(name)
        if column is None:
            return np.full(len(self), np.nan)
        facts, seen_at = column.astype(np.float64, copy=False), self.columns.get(name.partition(".")[0] + OBSERVED)
        return facts if seen_at is None else np.where(seen_at.astype(np.float64) > self.as_of, np.nan, facts)


@lru_cache(maxsize=1024)
def _day(days: float) -> date:
    return _EPOCH + timedelta(days=int(days // 1))
