"""A long history read in parts: as many cases at a time as memory should hold, each with everything that is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from features import history_tables as tables
from training.history.history import History, places


@dataclass(frozen=True)
class Part(History):
    """Some cases of a history; its other tables hold the rows of these cases only, read when first asked for."""

    held: pa.Table = field(repr=False)

    def _table(self, name: str) -> pa.Table:
        file = self.path / f"{name}.parquet"
        if name == "cases":
            return self.held
        if not file.exists():
            return tables.schema_of(name, self.register).empty_table()
        ids = self.held["case_id"].cast(pa.string()).combine_chunks()
        return ds.dataset(file).to_table(filter=pc.field("case_id").isin(ids))


def parts(history: History, *, size: int) -> Iterator[Part]:
    """Yield the cases of a history in their order, at most `size` at a time.

    Keys are checked over the whole history first, because no part could see
    that a case stands in another one too.

    Raises
    ------
    HistoryError
        A case is there twice, or a row of another table belongs to no case.
    """
    _check_keys(history)
    for held in _slices(pq.ParquetFile(history.path / "cases.parquet"), size):
        yield Part(history.path, history.meta, history.register, history.extensions, held)


def _slices(file: pq.ParquetFile, size: int) -> Iterator[pa.Table]:
    """Yield tables of `size` rows, the last one smaller; row groups of a file end wherever its writer pleased."""
    waiting: list[pa.Table] = []
    for batch in file.iter_batches(batch_size=size):
        table = pa.concat_tables([*waiting, pa.Table.from_batches([batch])])
        while table.num_rows >= size:
            yield table.slice(0, size)
            table = table.slice(size)
        waiting = [table]
    yield from (table for table in waiting if table.num_rows)


def _check_keys(history: History) -> None:
    cases = _keys(history, "cases").combine_chunks()
    for table in ("queries", "events"):
        places(_keys(history, table), among=cases, table=table)


def _keys(history: History, table: str) -> pa.ChunkedArray:
    file = history.path / f"{table}.parquet"
    if not file.exists():
        return pa.chunked_array([], pa.string())
    return pq.read_table(file, columns=["case_id"])["case_id"].cast(pa.string())
