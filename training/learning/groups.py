"""Cases that share a debtor or a batch belong together: never on both sides of a split, one unit of every resample."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from training.history import History

Rows = npt.NDArray[np.int64]


def groups(history: History) -> Rows:
    """Return a group number for each case row.

    Two cases are of one group when a chain of shared debtor tokens or batch
    ids leads from one to the other; a case that shares nothing is its own.
    """
    n = history.cases.num_rows
    links = [(history.rows_of(history.debtors["case_id"], table="debtors"), _codes(history.debtors["id_token"]))]
    everyone = np.arange(n, dtype=np.int64)
    links += [(everyone, _codes(history.cases[name])) for name in ("batch_id", "id_token") if _has(history, name)]
    return connected(n, links)


def connected(n: int, links: list[tuple[Rows, Rows]]) -> Rows:
    """Return the component of each of n cases; each link pairs case rows with key codes, -1 for no key."""
    cases, keys, offset = [], [], n
    for rows, codes in links:
        present = codes >= 0
        cases.append(rows[present])
        keys.append(codes[present] + offset)
        offset += int(codes.max(initial=-1)) + 1
    row, key = np.concatenate(cases), np.concatenate(keys)
    graph = coo_array((np.ones(len(row), dtype=np.int8), (row, key)), shape=(offset, offset))
    _, component = connected_components(graph, directed=False)
    return np.asarray(component[:n], dtype=np.int64)


def _has(history: History, name: str) -> bool:
    return name in history.cases.column_names


def _codes(values: pa.ChunkedArray) -> Rows:
    encoded = pc.dictionary_encode(values.cast(pa.string()).combine_chunks())
    return np.asarray(pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
