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
    ids, or one basis with one claim (a case entered twice), leads from one to
    the other; a case that shares nothing is its own.
    """
    n = history.cases.num_rows
    links = [(history.rows_of(history.debtors["case_id"], table="debtors"), _codes(history.debtors["id_token"]))]
    everyone = np.arange(n, dtype=np.int64)
    links += [(everyone, _codes(history.cases[name])) for name in ("batch_id", "id_token") if _has(history, name)]
    if _has(history, "basis_no") and _has(history, "claim_amount"):
        links.append((everyone, _pairs(history.cases, "basis_no", "claim_amount")))
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


def _pairs(table: pa.Table, first: str, second: str) -> Rows:
    """Return a code for each pair of values, -1 where one of them is missing."""
    left, right = _codes(table[first]), _codes(table[second])
    pair = np.where((left >= 0) & (right >= 0), left * (int(right.max(initial=0)) + 1) + right, -1)
    return np.asarray(np.unique(np.append(pair, -1), return_inverse=True)[1][:-1] - 1, dtype=np.int64)
