"""What a search tries and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from training.config import BoosterChange


@dataclass(frozen=True)
class Budget:
    """When a search ends: after so many trials in all, or so much time in this call."""

    trials: int
    limit: timedelta | None = None


@dataclass(frozen=True)
class Tried:
    """One trial: its settings, its losses by fold, the mean of all folds (None where it was given up), its state."""

    number: int
    change: BoosterChange
    folds: tuple[float, ...]
    mean: float | None
    state: str
    seconds: float
