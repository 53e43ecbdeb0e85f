"""Arithmetic that features share: an answer is a number or NaN, never infinite and never a warning."""

from __future__ import annotations

from functools import reduce
from typing import Unpack

import numpy as np

from features.feature import Declaration, Feature, declare
from features.known import Array, Known

LARGEST = 1e15
"""Amounts and counts above this are read as this; the API admits thirteen digits before the point."""

SMALLEST = 0.01
"""The smallest whole that anything is a share of: one fen."""


def bounded(values: Array) -> Array:
    """Hold amounts between nothing and `LARGEST`; NaN stays NaN."""
    return np.minimum(np.maximum(values, 0.0), LARGEST)


def magnitude(values: Array) -> Array:
    """Return log10(1 + amount), so that nothing at all is 0."""
    return np.log10(bounded(values) + 1.0)


def share(part: Array, whole: Array) -> Array:
    """Return part / whole; NaN where there is no whole."""
    out = np.full(part.shape, np.nan)
    np.divide(bounded(part), whole, out=out, where=whole >= SMALLEST)
    return out


def known_sum(*amounts: Array) -> Array:
    """Add the amounts that are known: a lower bound, NaN only where none of them is known."""
    total = reduce(np.add, [np.fmax(amount, 0.0) for amount in amounts])
    return np.where(np.isnan(reduce(np.fmax, amounts)), np.nan, total)


def both(left: Array, right: Array) -> Array:
    """Return 1 where both are 1, 0 where either is 0, otherwise NaN."""
    return np.where(np.fmin(left, right) == 0.0, 0.0, left * right)


def days_since(known: Known, column: str) -> Array:
    """Return whole days from a date to the day of `as_of`; negative while the date lies ahead."""
    return np.floor(known.as_of) - np.floor(known[column])


def logged(column: str, **declared: Unpack[Declaration]) -> Feature:
    """Declare the order of size of one amount or count."""

    def compute(known: Known) -> Array:
        return magnitude(known[column])

    return declare(f"{column}_log10", (column,), compute, declared)


def to_claim(column: str, **declared: Unpack[Declaration]) -> Feature:
    """Declare an amount against the claim, as log10 of (1 + amount) / (1 + claim)."""

    def compute(known: Known) -> Array:
        return magnitude(known[column]) - magnitude(known["claim_amount"])

    return declare(f"{column}_to_claim", (column, "claim_amount"), compute, declared)
