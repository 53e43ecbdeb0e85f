"""Draws shared by the whole record: yes or no, one of several, and hashes that need no draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from features.known import Array
from features.register import load_register

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
Columns = dict[str, Array]
Rng = np.random.Generator


@cache
def code(field: str, name: str) -> float:
    """Return the number that stands for an enum's code in a column."""
    return float(load_register()[field].codes.index(name))


def flag(rng: Rng, chance: Array) -> Array:
    """Return 1.0 with each row's chance, else 0.0."""
    return (rng.random(len(chance)) < chance).astype(np.float64)


def pick(rng: Rng, n: int, *, weights: npt.ArrayLike) -> Rows:
    """Return n places drawn with these weights."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.asarray(np.searchsorted(bounds, rng.random(n) * bounds[-1], side="right"), dtype=np.int64)


def pick_rows(rng: Rng, weights: Array) -> Rows:
    """Return one place for each row of an (n, k) table of weights."""
    bounds = np.cumsum(weights, axis=1)
    draw = rng.random(len(weights)) * bounds[:, -1]
    place: Rows = (bounds[:, :-1] <= draw[:, None]).sum(axis=1)
    return place


def pick_code(rng: Rng, n: int, *, field: str, weights: Mapping[str, float]) -> Array:
    """Return n codes of an enum drawn with the weights of their names."""
    places: Array = np.array([code(field, name) for name in weights])
    return np.take(places, pick(rng, n, weights=list(weights.values())))


def between(rng: Rng, n: int, bounds: Sequence[float]) -> Array:
    """Return n numbers drawn evenly between two bounds."""
    return rng.uniform(bounds[0], bounds[1], n)


def nth_of(keys: Rows) -> Rows:
    """Return for each row how many rows with the same key came before it."""
    order = np.argsort(keys, kind="stable")
    first = np.searchsorted(keys[order], keys[order])
    nth = np.empty(len(keys), dtype=np.int64)
    nth[order] = np.arange(len(keys)) - first
    return nth


def sigmoid(x: Array) -> Array:
    """Return the probability of these log-odds."""
    return 1.0 / (1.0 + np.exp(-x))


def mix(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return a well mixed hash of each number (SplitMix64): the same key always gives the same hash."""
    x = keys + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
