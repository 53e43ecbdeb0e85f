"""Three-valued logic for whole columns: not met, unknown, met; unknown is never taken for met."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from models.rules.result import Met

Tri = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]

NO, UNKNOWN, YES = np.uint8(0), np.uint8(1), np.uint8(2)
"""Ordered so that Kleene's AND is the minimum and his OR the maximum."""

WORDS: Mapping[int, Met] = MappingProxyType({0: "not_met", 1: "unknown", 2: "met"})

_PUBLIC = np.array([0.0, np.nan, 1.0])


def decided(facts: Array, met: npt.NDArray[np.bool_]) -> Tri:
    """Return met or not met where the fact is known, and unknown where it is NaN.

    `met` comes from comparisons, which are false for NaN, so the three codes
    add up; for one row this takes half the time of choosing between them.
    """
    return np.add(np.add(met, met, dtype=np.uint8), np.isnan(facts), dtype=np.uint8)


def constant(verdict: np.uint8, n: int) -> Tri:
    """Return the same verdict for n rows."""
    return np.full(n, verdict, dtype=np.uint8)


def both(left: Tri, right: Tri) -> Tri:
    """Return Kleene's AND: one refusal is enough, unknown spoils the rest."""
    return np.minimum(left, right)


def either(left: Tri, right: Tri) -> Tri:
    """Return Kleene's OR: one met is enough, unknown spoils the rest."""
    return np.maximum(left, right)


def public(verdicts: Tri) -> Array:
    """Return the form other modules read: 1.0 met, 0.0 not met, NaN unknown."""
    return _PUBLIC[verdicts]
