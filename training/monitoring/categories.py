"""Values that the reference never held: codes that a court's systems have begun to send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.register import Register

Flags = npt.NDArray[np.bool_]
CODED = ("enum", "set")


@dataclass(frozen=True)
class NewCategory:
    """A code that the reference never held: its field, how many cases have it now, and their share."""

    field: str
    zh: str
    code: str
    n: int
    share: float


def new_categories(table: pa.Table, register: Register, *, reference: Flags, now: Flags) -> Iterator[NewCategory]:
    """Yield every code of a coded field that stands in the rows of now and in no row of the reference."""
    for field in register.fields:
        if field.type not in CODED or field.name not in table.column_names:
            continue
        before = _counted(table[field.name], reference)
        for code, n in sorted(_counted(table[field.name], now).items()):
            if code not in before:
                yield NewCategory(field.name, field.zh, code, n, n / max(int(now.sum()), 1))


def _counted(column: pa.ChunkedArray, rows: Flags) -> Mapping[str, int]:
    """Return how often each code stands in these rows; a set counts once for each of its codes."""
    chosen = pc.drop_null(column.cast(pa.string()).filter(pa.array(rows)))
    counts = pc.value_counts(pc.list_flatten(pc.split_pattern(chosen, "/")))
    return {str(one["values"]): int(one["counts"]) for one in counts.to_pylist()}
