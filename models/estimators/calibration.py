"""From a model's number to "of 100 cases": one monotone map, shifted per court as far as its own cases bear it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from models.estimators.blend import Blend
from models.estimators.boosters import Array
from models.estimators.hazard import logit, sigmoid
from models.estimators.smooth_map import breakpoints, shifts

OWN_CURVE_FROM = 50
"""Cases in the calibration period from which a court's own frequency may shift the pooled curve."""

FURTHEST_SHIFT = 8.0
"""Log-odds by which a court may differ from all: three thousand to one. Beyond, a chance would be 0 or 1."""


@dataclass(frozen=True)
class Courts:
    """Court codes of many rows: each code once, and its number for every row."""

    names: tuple[str, ...]
    index: npt.NDArray[np.intp]

    @classmethod
    def of(cls, codes: Sequence[str]) -> Courts:
        """Return the codes, numbered in order of first sight."""
        numbers = {code: i for i, code in enumerate(dict.fromkeys(codes))}
        index = np.fromiter((numbers[code] for code in codes), dtype=np.intp, count=len(codes))
        return cls(names=tuple(numbers), index=index)

    def spread(self, values: Mapping[str, float], default: float) -> Array:
        """Return each row's court value, `default` where the court has none."""
        return np.array([values.get(name, default) for name in self.names], dtype=np.float64)[self.index]


@dataclass(frozen=True, eq=False)
class Calibrator:
    """Pooled monotone map in log-odds, and each court's shift.

    `x` and `y` are the breakpoints in log-odds; between them the map is
    straight, beyond them flat. `shifts` holds the log-odds added for a court.
    `averages` holds the average shown chance per court in the calibration
    period and `average` that of all courts: the line from which the printed
    reasons start. `cases` counts the calibration cases per court. `blend` says
    how far the map that was found is followed; `y` is what came of it. Bundles
    of before have none: they follow their map all the way.
    """

    x: Array
    y: Array
    shifts: Mapping[str, float]
    averages: Mapping[str, float]
    average: float
    cases: Mapping[str, int]
    blend: Blend | None = None

    @classmethod
    def fit(cls, raw: Array, event: Array, court: Sequence[str], *, weight: Array | None = None) -> Calibrator:
        """Learn on a later period than the model's; `event` is 1, 0 or a share.

        Raises
        ------
        ValueError
            No cases, or values that are not finite.
        """
        if len(raw) == 0 or not (np.isfinite(raw).all() and np.isfinite(event).all()):
            msg = f"校准需要有限数值，收到 {len(raw)} 行 / calibration needs finite values, got {len(raw)} rows"
            raise ValueError(msg)
        w = np.ones(len(raw)) if weight is None else weight
        x, y = breakpoints(logit(raw), event, w)
        pooled = np.interp(logit(raw), x, y)
        courts = Courts.of(court)
        own = np.bincount(courts.index) >= OWN_CURVE_FROM
        shift = np.where(own, shifts(pooled, event, w, courts.index), 0.0)
        shift = np.clip(shift, -FURTHEST_SHIFT, FURTHEST_SHIFT)
        shown = sigmoid(pooled + shift[courts.index])
        total = np.bincount(courts.index, weights=w)
        sums = np.bincount(courts.index, weights=w * shown)
        counts = np.bincount(courts.index)
        return cls(
            x=x,
            y=y,
            shifts={name: float(s) for name, s in zip(courts.names, shift, strict=True) if s != 0.0},
            averages=dict(zip(courts.names, (sums / np.maximum(total, 1e-12)).tolist(), strict=True)),
            average=float((w * shown).sum() / w.sum()),
            cases=dict(zip(courts.names, counts.tolist(), strict=True)),
        )

    def blended(self, blend: Blend, raw: Array, court: Sequence[str], *, weight: Array) -> Calibrator:
        """Return this map followed as far as `blend` says; `raw`, `court` and `weight` are the cases it was fitted on.

        What tells courts apart stays.
        """
        followed = replace(self, y=blend.of(self.x, self.y), blend=blend)
        courts = Courts.of(court)
        shown = weight * followed.apply_at(raw, courts)
        total = np.maximum(np.bincount(courts.index, weights=weight), 1e-12)
        means = np.bincount(courts.index, weights=shown) / total
        averages = dict(zip(courts.names, means.tolist(), strict=True))
        return replace(followed, averages=averages, average=float(shown.sum() / weight.sum()))

    def apply(self, raw: Array, court: Sequence[str]) -> Array:
        """Return calibrated probabilities; NaN stays NaN."""
        return self.apply_at(raw, Courts.of(court))

    def apply_at(self, raw: Array, courts: Courts) -> Array:
        """Return calibrated probabilities of rows whose courts are numbered already."""
        return sigmoid(np.interp(logit(raw), self.x, self.y) + courts.spread(self.shifts, 0.0))

    def average_of(self, court: str) -> float:
        """Return the court's average shown chance, that of all courts where it has no cases."""
        return self.averages.get(court, self.average)

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        blend = {} if self.blend is None else {"blend": self.blend.to_json()}
        return {
            "x": self.x.tolist(),
            "y": self.y.tolist(),
            "shifts": dict(self.shifts),
            "averages": dict(self.averages),
            "average": self.average,
            "cases": dict(self.cases),
            **blend,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Return the calibrator that wrote these values."""
        arrays = {name: np.asarray(data[name]) for name in ("x", "y")}
        blend = {"blend": Blend.from_json(data["blend"])} if "blend" in data else {}  # type: ignore[arg-type]
        return cls(**{**data, **arrays, **blend})  # type: ignore[arg-type]
