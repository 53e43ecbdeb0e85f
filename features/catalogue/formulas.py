"""Arithmetic that features share: an answer is a number or NaN, never infinite and never a warning."""

from __future__ import annotations

from functools import reduce
from typing import Unpack

import numpy as np

from features.feature import NAN, Declaration, Feature, declare
from features.known import Array, Known

ZERO: Array = np.array(0.0)
ONE: Array = np.array(1.0)

LARGEST: Array = np.array(1e15)
"""Amounts and counts above this are read as this; the API admits thirteen digits before the point."""

SMALLEST: Array = np.array(0.01)
"""The smallest whole that anything is a share of: one fen."""

FAR: Array = np.array(1e7)
"""Days beyond this are read as this: some 27,000 years."""


def bounded(values: Array) -> Array:
    """Hold amounts between nothing and `LARGEST`; NaN stays NaN."""
    return np.minimum(np.maximum(values, ZERO), LARGEST)


def magnitude(values: Array) -> Array:
    """Return log10(1 + amount), so that nothing at all is 0."""
    return np.log10(bounded(values) + ONE)


def ratio(part: Array, whole: Array) -> Array:
    """Return log10 of (1 + part) / (1 + whole), which exists also where either is nothing."""
    return np.log10((bounded(part) + ONE) / (bounded(whole) + ONE))


def share(part: Array, whole: Array) -> Array:
    """Return part / whole; NaN where there is no whole."""
    out = np.full(part.shape, NAN)
    np.divide(bounded(part), whole, out=out, where=whole >= SMALLEST)
    return out


def known_sum(*amounts: Array) -> Array:
    """Add the amounts that are known: a lower bound, NaN only where none of them is known."""
    total = reduce(np.add, [np.minimum(np.fmax(amount, ZERO), LARGEST) for amount in amounts])
    return np.where(np.isnan(reduce(np.fmax, amounts)), NAN, total)


def full_sum(left: Array, right: Array) -> Array:
    """Add two amounts; NaN where either is unknown."""
    return bounded(left) + bounded(right)


def both(left: Array, right: Array) -> Array:
    """Return 1 where both are 1, 0 where either is 0, otherwise NaN."""
    return np.where(np.fmin(left, right) == ZERO, ZERO, left * right)


def days_since(known: Known, column: str) -> Array:
    """Return whole days from a date to the day of `as_of`; negative while the date lies ahead."""
    return np.floor(known.as_of) - np.floor(known[column])


def days_between(known: Known, first: str, last: str) -> Array:
    """Return whole days from one date to another; negative where the second comes first."""
    start, end = (np.minimum(np.maximum(np.floor(known[name]), -FAR), FAR) for name in (first, last))
    return end - start


def logged(column: str, **declared: Unpack[Declaration]) -> Feature:
    """Declare the order of size of one amount or count."""

    def compute(known: Known) -> Array:
        return magnitude(known[column])

    return declare(f"{column}_log10", (column,), compute, declared)


def to_claim(column: str, **declared: Unpack[Declaration]) -> Feature:
    """Declare an amount against the claim, as log10 of (1 + amount) / (1 + claim)."""

    def compute(known: Known) -> Array:
        return ratio(known[column], known["claim_amount"])

    return declare(f"{column}_to_claim", (column, "claim_amount"), compute, declared)
