"""Writing history tables: Parquet in a fixed shape, in pieces, into a folder that appears only when it is whole."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from features.history_tables import BESIDE, FORMAT, TABLES, schema_of
from features.register import Register

WRITTEN: Final = (*TABLES, *BESIDE)
TOGETHER: Final = 10_000
"""Rows that are written at a time."""


class Tables:
    """The tables being written; rows are gathered and written in pieces."""

    def __init__(self, folder: Path, register: Register, stack: ExitStack) -> None:
        self._schemas = {name: schema_of(name, register) for name in WRITTEN}
        self._writers = {
            name: stack.enter_context(pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd"))
            for name, schema in self._schemas.items()
        }
        self._waiting: dict[str, list[Mapping[str, Any]]] = {name: [] for name in WRITTEN}
        self.rows = dict.fromkeys(WRITTEN, 0)

    def add(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows to a table; absent columns are empty."""
        waiting = self._waiting[name]
        waiting.extend(rows)
        if len(waiting) >= TOGETHER:
            self._write(name)

    def finish(self) -> None:
        """Write what is left."""
        for name in WRITTEN:
            self._write(name)

    def _write(self, name: str) -> None:
        rows = self._waiting[name]
        self._writers[name].write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=self._schemas[name]))
        self.rows[name] += len(rows)
        rows.clear()


@contextmanager
def history_folder(out: Path, register: Register) -> Generator[tuple[Tables, dict[str, Any]]]:
    """Yield the tables and the facts of `meta.json` to fill; the folder takes its name when both are complete.

    Raises
    ------
    FileExistsError
        There is something at that place already.
    """
    if out.exists():
        raise FileExistsError(17, "已存在 / is there already", str(out))
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    draft.mkdir(mode=0o700)
    meta: dict[str, Any] = {"format": FORMAT}
    try:
        with ExitStack() as stack:
            tables = Tables(draft, register, stack)
            yield tables, meta
            tables.finish()
        (draft / "meta.json").write_text(json.dumps(meta, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.rename(out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
