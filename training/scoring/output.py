"""Scored cases on their way out: NDJSON, CSV that a spreadsheet cannot be tricked by, or Parquet."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from training.spreadsheet import safe

Columns = Mapping[str, npt.NDArray[np.generic]]


class FileForm(StrEnum):
    """Form of the output file."""

    NDJSON = "ndjson"
    CSV = "csv"
    ARROW = "arrow"


def form_of(path: Path) -> FileForm:
    """Return the form that a file's ending asks for; NDJSON where it asks for none."""
    return {".csv": FileForm.CSV, ".parquet": FileForm.ARROW}.get(path.suffix.lower(), FileForm.NDJSON)


def write_scored(batches: Iterable[Columns], path: Path, form: FileForm) -> int:
    """Write batches of columns and return how many cases they held; the file appears whole or not at all."""
    write = {FileForm.NDJSON: _ndjson, FileForm.CSV: _csv, FileForm.ARROW: _parquet}[form]
    return _whole(path, lambda unfinished: write(batches, unfinished))


def write_lines(batches: Iterable[Columns], path: Path, headings: Mapping[str, str]) -> int:
    """Write columns that are known beforehand as CSV, batch by batch, under these headings; whole or not at all."""
    return _whole(path, lambda unfinished: _lines(batches, unfinished, headings))


def _whole(path: Path, write: Callable[[Path], int]) -> int:
    unfinished = path.with_name(f".{path.name}.unfinished")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        count = write(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _ndjson(batches: Iterable[Columns], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in _rows(batches):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def _csv(batches: Iterable[Columns], path: Path) -> int:
    parts = list(batches)
    return _lines(parts, path, {name: name for name in _names(parts)})


def _lines(batches: Iterable[Columns], path: Path, headings: Mapping[str, str]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings.values())
        for row in _rows(batches):
            writer.writerow([_cell(row.get(name)) for name in headings])
            count += 1
    return count


def _parquet(batches: Iterable[Columns], path: Path) -> int:
    """Write one table; cases of a stage without some score have it empty."""
    tables = [pa.table({name: _array(column) for name, column in part.items()}) for part in batches]
    table = pa.concat_tables(tables, promote_options="permissive") if tables else pa.table({})
    pq.write_table(table, path)
    return int(table.num_rows)


def _rows(batches: Iterable[Columns]) -> Iterator[dict[str, object]]:
    for part in batches:
        names, columns = list(part), [column.tolist() for column in part.values()]
        for values in zip(*columns, strict=True):
            yield {name: _plain(value) for name, value in zip(names, values, strict=True)}


def _names(parts: Iterable[Columns]) -> list[str]:
    return list(dict.fromkeys(name for part in parts for name in part))


def _array(column: npt.NDArray[np.generic]) -> pa.Array:
    if column.dtype != object:
        return pa.array(column, from_pandas=True)
    return pa.array([_text(value) if isinstance(value, dict) else value for value in column.tolist()])


def _plain(value: object) -> object:
    """Return a value as JSON holds it: what is not a number is nothing."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _cell(value: object) -> object:
    return safe(_text(value) if isinstance(value, dict) else value)


def _text(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False)
