"""How far a calibration map is followed: beside it stand the model's own chance and the level of the longer past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Self

import numpy as np

from models.estimators.boosters import Array


@dataclass(frozen=True)
class Blend:
    """Shares of one shown chance, in log-odds: `mapped` of the map, `own` of the model, and the rest of `level`.

    `level` is the log-odds of the frequency in all of the past. `folds` says on
    how many earlier periods the shares were chosen, 0 where there were too few
    and the moderate shares stand; `losses` holds the mean log-loss there of
    every pair of shares that was tried, named `mapped/own`.
    """

    mapped: float
    own: float
    level: float
    folds: int = 0
    losses: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse shares with which a higher chance of the model could be shown as a lower or the same one."""
        if not (self.mapped >= 0 and self.own >= 0 and 0 < self.mapped + self.own <= 1 + 1e-9):
            msg = f"份额须在 0 至 1 之间，收到 {(self.mapped, self.own)} / shares lie between 0 and 1"
            raise ValueError(msg)

    def of(self, own: Array, mapped: Array) -> Array:
        """Return the log-odds shown, of the model's own log-odds and those of the map."""
        rest = 1.0 - self.mapped - self.own
        return np.asarray(self.mapped * mapped + self.own * own + rest * self.level)

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self) | {"losses": dict(self.losses)}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Return the blend that wrote these values."""
        return cls(**data)  # type: ignore[arg-type]
