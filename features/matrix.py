"""The matrix: the only road from known facts to the rows a model reads, for one case or ten million."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from features.feature import NAN, Feature, IsIndex
from features.known import Array, Known

CHUNK = 10_000
"""Rows worked on at a time, so that the columns of a chunk stay in the processor's cache."""

Rows = npt.NDArray[np.float32]

MOST = float(np.finfo(np.float32).max)
"""What is larger than float32 can hold is read as the largest it can hold, so every cell is finite or NaN."""


def matrix(known: Known, features: Sequence[Feature], *, chunk: int = CHUNK) -> Rows:
    """Return the features of every row, float32 of shape (rows, features) in C order.

    A row's numbers do not depend on the rows beside it, bit for bit.
    """
    n, width = len(known), len(features)
    rows = np.empty((n, width), dtype=np.float32)
    buffer = np.empty(min(n, chunk) * width)
    for start in range(0, n if width else 0, chunk):
        part = slice(start, start + chunk)
        _fill(rows[part], known if n <= chunk else _cut(known, features, part), features, buffer)
    return rows


def _cut(known: Known, features: Sequence[Feature], part: slice) -> Known:
    columns = {column: known[column][part] for feature in features for column in feature.reads}
    return Known(stage=known.stage, as_of=known.as_of[part], columns=columns)


def _fill(rows: Rows, known: Known, features: Sequence[Feature], buffer: Array) -> None:
    answers = iter(_indices(known, [f.compute for f in features if isinstance(f.compute, IsIndex)]))
    columns = [next(answers) if isinstance(f.compute, IsIndex) else f.compute(known) for f in features]
    values = np.concatenate(columns, out=buffer[: rows.size])
    np.clip(values, -MOST, MOST, out=values)
    rows[...] = values.reshape(len(features), len(known)).T


def _indices(known: Known, asked: Sequence[IsIndex]) -> Array:
    """Return the answers to all questions of the commonest kind: for one case a call costs more than its work."""
    values = np.array([known[one.column] for one in asked]).reshape(len(asked), len(known))
    wanted = np.array([one.index for one in asked]).reshape(len(asked), 1)
    return np.where(np.isnan(values), NAN, values == wanted)
