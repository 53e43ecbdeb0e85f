"""A line with bends beside the trees: what each fact adds by itself, for every cause of an end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from models.estimators.boosters import Array, Ints, Rows


@dataclass(frozen=True, eq=False)
class Terms:
    """How a row of features becomes the terms of a line.

    Values are taken on a logarithmic scale, sign kept, so that a claim of ten
    million does not outweigh everything. `fill` stands in for a missing value
    of each column, shape (width,). A term reads one `column` between `low` and
    `high` and is flat beyond: nothing is extrapolated. Columns from `width` on
    say whether the value of column - width is missing. `centre` is the mean of
    the term over the cases that taught, so that the average case adds nothing.
    """

    fill: Array
    column: Ints
    low: Array
    high: Array
    centre: Array

    def __post_init__(self) -> None:
        """Refuse terms that read no column, or are not finite.

        Raises
        ------
        ValueError
            Lengths differ, a column is none of the features, or a number is not finite.
        """
        parts = (self.low, self.high, self.centre)
        inside = bool(((self.column >= 0) & (self.column < 2 * len(self.fill))).all())
        finite = all(bool(np.isfinite(part).all()) for part in (self.fill, *parts))
        if not inside or not finite or any(part.shape != self.column.shape for part in parts):
            msg = f"线性项须对应 {len(self.fill)} 个特征且为有限数 / terms must read features and be finite"
            raise ValueError(msg)

    def where(self, kept: npt.NDArray[np.bool_]) -> Self:
        """Return the kept terms only."""
        return type(self)(self.fill, self.column[kept], self.low[kept], self.high[kept], self.centre[kept])

    @property
    def width(self) -> int:
        """Return the number of features."""
        return len(self.fill)

    def of(self, rows: Rows) -> Array:
        """Return the terms of each row, shape (n, terms); neither the number of rows nor their order changes any."""
        values = squashed(rows)
        missing = np.isnan(values)
        both = np.concatenate((np.where(missing, self.fill, values), missing), axis=1)
        # `take` and not an index: its rows lie one after another, so that sums take the same order for one and many.
        held = np.minimum(np.maximum(both.take(self.column, axis=1), self.low), self.high)
        return np.asarray(held - self.centre)


@dataclass(frozen=True, eq=False)
class Lines:
    """One line for each cause, in log-odds, which counts with its `share` beside the trees' own score.

    `slopes` has the shape (causes, terms), `levels` the shape (causes, periods):
    where a line stands in each period for the average case.
    """

    share: float
    terms: Terms
    slopes: Array
    levels: Array

    def __post_init__(self) -> None:
        """Refuse lines that do not fit their terms, and a share that leaves the trees nothing or is none.

        Raises
        ------
        ValueError
            Shapes do not fit, a number is not finite, or the share is not between 0 and 1.
        """
        fits = self.slopes.ndim == self.levels.ndim == 2 and len(self.slopes) == len(self.levels)
        if not fits or self.slopes.shape[1] != len(self.terms.column) or not 0.0 < self.share <= 1.0:
            msg = f"线性部分不完整（占比 {self.share}）/ the lines are not whole (share {self.share})"
            raise ValueError(msg)
        if not (np.isfinite(self.slopes).all() and np.isfinite(self.levels).all()):
            msg = "线性部分须为有限数 / lines hold finite numbers"
            raise ValueError(msg)

    def of(self, rows: Rows, periods: int) -> Array:
        """Return the log-odds of the lines alone, shape (n, causes, periods)."""
        terms = self.terms.of(rows)
        # Row by row and without BLAS: one case and a million get the same last bit.
        out = np.empty((len(rows), len(self.slopes), periods))
        for cause, slope in enumerate(self.slopes):
            out[:, cause, :] = (terms * slope).sum(axis=1)[:, None] + self.levels[cause, :periods]
        return out

    def beside(self, trees: Array, rows: Rows) -> Array:
        """Return the log-odds of trees and lines together, shape (n, causes, periods) as that of `trees`."""
        return np.asarray((1.0 - self.share) * trees + self.share * self.of(rows, trees.shape[2]))

    def base(self, trees: Array) -> Array:
        """Return where both start from together, shape (causes, periods); `trees` is each booster's own base."""
        return np.asarray((1.0 - self.share) * trees[:, None] + self.share * self.levels)

    def contributions(self, row: Rows) -> Array:
        """Return what every feature of one row, shape (1, width), adds, shape (causes, width): no more, no less."""
        effects = self.share * self.slopes * self.terms.of(row)
        owner = self.terms.column % self.terms.width
        return np.stack([np.bincount(owner, weights=one, minlength=self.terms.width) for one in effects])

    def used(self) -> Ints:
        """Return the columns that any line reads."""
        return np.unique(self.terms.column[(self.slopes != 0.0).any(axis=0)] % self.terms.width)

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        terms = {name: getattr(self.terms, name).tolist() for name in self.terms.__dataclass_fields__}
        return {"share": self.share, "terms": terms, "slopes": self.slopes.tolist(), "levels": self.levels.tolist()}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Return the lines that wrote these values."""
        read: Mapping[str, object] = data["terms"]  # type: ignore[assignment]
        terms = {name: np.asarray(value, dtype=np.float64) for name, value in read.items()}
        terms["column"] = terms["column"].astype(np.int64)
        slopes, levels = (np.asarray(data[name], dtype=np.float64) for name in ("slopes", "levels"))
        return cls(float(data["share"]), Terms(**terms), slopes, levels)  # type: ignore[arg-type]


def squashed(rows: Rows) -> Array:
    """Return values on a logarithmic scale, sign kept; missing stays missing."""
    values = rows.astype(np.float64)
    return np.asarray(np.copysign(np.log1p(np.abs(values)), values))
