"""The source files of an import: found, read, joined by the case key, and filtered by the mapping's conditions."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.history_tables import INSTANT, days
from training.importing.converting import Converter
from training.importing.mapping import Condition, JoinedFile, Mapped, SourceFile, Value
from training.importing.reading import DataRejectedError, Sheet, read_sheet
from training.importing.rejects import Rejects

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sources:
    """The main sheet, one line a case, and the sheets with many lines a case.

    `keys` are all case keys of the main file, those included that the mapping
    leaves out: a payment of a case that is not wanted is not a stranger.
    `lines` counts every line of it that is not blank, whatever became of it.
    """

    main: Sheet
    many: Mapping[str, Sheet]
    paths: tuple[Path, ...]
    left_out: int
    keys: pa.Array
    lines: int

    def sheet(self, table: str) -> Sheet:
        """Return the main sheet for "", else the named one."""
        return self.many[table] if table else self.main


def read_sources(mapped: Mapped, given: Sequence[Path], converter: Converter, rejects: Rejects) -> Sources:
    """Read all source files of a mapping, refuse lines without a usable key, and keep those that it asks for.

    Raises
    ------
    DataRejectedError
        A file is missing or not readable, or a mapped column is not in it.
    """
    pool = [path for place in given for path in (sorted(place.iterdir()) if place.is_dir() else [place])]
    tables = mapped.source.tables
    taken = {path for spec in tables.values() for path in _matching(spec, pool)}
    used = dict.fromkeys(_found(mapped.source, "source", [path for path in pool if path not in taken]))
    main = _read(mapped.source, list(used), rejects)
    many: dict[str, Sheet] = {}
    for name, spec in tables.items():
        paths = _found(spec, f"source.tables.{name}", pool)
        used |= dict.fromkeys(paths)
        sheet = _read(spec, paths, rejects)
        if spec.join == "one":
            main = _join(main, _unique(sheet, spec.key, rejects), name, keys=(mapped.source.key, spec.key))
        else:
            _check_columns(sheet, [spec.key])
            many[name] = sheet
    _check_columns(main, [mapped.source.key])
    for table, column in references(mapped):
        _check_columns(many[table] if table else main, [column])
    keep = holds(mapped.source.keep, main, converter)
    chosen = _unique(main.where(keep), mapped.source.key, rejects)
    kept = {name: s.where(holds(tables[name].keep, s, converter)) for name, s in many.items()}
    keys = main.columns[mapped.source.key].combine_chunks()
    lines = len(main) + len(main.misshapen)
    return Sources(chosen, kept, tuple(used), int((~keep).sum()), keys, lines)


def references(mapped: Mapped) -> Iterator[tuple[str, str]]:
    """Yield each source column that the mapping reads, with the table it stands in ("" is the main one)."""
    yield from (("", column) for column in _columns(mapped.cases))
    yield from (("", column) for extension in mapped.extensions.values() for column in _columns(extension))
    yield from (("", condition.column) for condition in mapped.source.keep)
    for name, spec in mapped.source.tables.items():
        yield from ((name, condition.column) for condition in spec.keep if spec.join == "many")
    for event in mapped.events.values():
        yield from ((event.table, column) for column in _columns(event))
    for section in (mapped.queries, mapped.debtors, mapped.decisions):
        if section is not None:
            yield from ((section.table, column) for column in _columns(section))
    if mapped.observation.column:
        yield "", mapped.observation.column


def unmapped(mapped: Mapped, sources: Sources) -> dict[str, list[str]]:
    """Return the columns of each sheet that the mapping does not read."""
    read = set(references(mapped))
    keys = {"": mapped.source.key} | {name: spec.key for name, spec in mapped.source.tables.items()}
    sheets = {"": sources.main, **sources.many}
    return {
        table or "main": [c for c in sheet.columns.column_names if (table, c) not in read and c != keys[table]]
        for table, sheet in sheets.items()
    }


def texts(sheet: Sheet, value: Value) -> pa.ChunkedArray:
    """Return the source text of a value: its column, or its constant on every line."""
    if value.const is not None:
        return pa.chunked_array([pa.repeat(pa.scalar(value.const, pa.string()), len(sheet))])
    return sheet.columns[value.column]


def holds(conditions: Sequence[Condition], sheet: Sheet, converter: Converter) -> Flags:
    """Return which lines meet all conditions."""
    met = np.ones(len(sheet), dtype=np.bool_)
    for condition in conditions:
        met &= _holds(condition, sheet.columns[condition.column], converter)
    return met


def _holds(condition: Condition, column: pa.ChunkedArray, converter: Converter) -> Flags:
    present = np.asarray(pc.is_valid(column).to_numpy(), dtype=np.bool_)
    met = np.ones(len(column), dtype=np.bool_)
    if condition.present is not None:
        met &= present == condition.present
    if condition.equals is not None:
        met &= _among(column, condition.equals)
    if condition.differs is not None:
        met &= ~_among(column, condition.differs)
    for limit, side in ((condition.since, 1.0), (condition.before, -1.0)):
        if limit is not None:
            met &= _beside(condition, column, limit, converter) * side >= (0.0 if side > 0 else 1e-9)
    return met


def _among(column: pa.ChunkedArray, listed: Sequence[str]) -> Flags:
    return np.asarray(pc.is_in(column, value_set=pa.array(listed, pa.string())).to_numpy(), dtype=np.bool_)


def _beside(condition: Condition, column: pa.ChunkedArray, limit: str, converter: Converter) -> npt.NDArray[np.float64]:
    """Return by how many days each date of the column follows the limit; NaN where it is not a date."""
    value = Value(column=condition.column, format=condition.format)
    at, edge = (days(converter.instant(value, texts).array(INSTANT)) for texts in (column, pa.array([limit])))
    return at - float(edge[0])


def _columns(record: object) -> Iterator[str]:
    """Yield every source column named anywhere inside a part of the mapping."""
    if isinstance(record, Value | Condition) and record.column:
        yield record.column
    parts: list[object] = []
    if is_dataclass(record):
        parts = [getattr(record, f.name) for f in fields(record)]
    elif isinstance(record, Mapping):
        parts = list(record.values())
    elif isinstance(record, tuple):
        parts = list(record)
    for part in parts:
        yield from _columns(part)


def _matching(spec: SourceFile, pool: Sequence[Path]) -> list[Path]:
    return [path for path in pool if spec.file and fnmatch.fnmatchcase(path.name, spec.file)]


def _found(spec: SourceFile, where: str, pool: Sequence[Path]) -> list[Path]:
    """Return the files of one part of the mapping: those its `file` names, or the only one there is."""
    found = _matching(spec, pool) if spec.file else list(pool)
    if not found or (not spec.file and len(found) > 1):
        names = "、".join(path.name for path in pool)
        zh = f"[{where}] file = {spec.file!r} 应指向一个源文件；给出的有：{names or '无'}"
        en = f"[{where}] file = {spec.file!r} must name a source file; given: {names or 'none'}"
        raise DataRejectedError("DATA_NO_SOURCE", zh, en)
    return found


def _read(spec: SourceFile, paths: Sequence[Path], rejects: Rejects) -> Sheet:
    """Read one or several files of the same columns, and empty the cells that the mapping calls empty."""
    sheets = [read_sheet(spec, path) for path in paths]
    first = sheets[0].columns.column_names
    for path, sheet in zip(paths, sheets, strict=True):
        if sorted(sheet.columns.column_names) != sorted(first):
            zh = f"{path.name} 的列与 {paths[0].name} 不同"
            en = f"the columns of {path.name} and {paths[0].name} differ"
            raise DataRejectedError("DATA_COLUMNS_DIFFER", zh, en)
    whole = Sheet(
        pa.concat_tables([sheet.columns.select(first) for sheet in sheets]),
        np.concatenate([sheet.row for sheet in sheets]),
        np.concatenate([sheet.file for sheet in sheets]),
        tuple(line for sheet in sheets for line in sheet.misshapen),
    )
    rejects.misshapen(whole)
    if not spec.null_values:
        return whole
    empty = pa.array(spec.null_values, pa.string())
    columns = [pc.if_else(pc.is_in(column, value_set=empty), None, column) for column in whole.columns.columns]
    return Sheet(pa.table(columns, names=first), whole.row, whole.file, whole.misshapen)


def _check_columns(sheet: Sheet, names: Sequence[str]) -> None:
    present = sheet.columns.column_names
    absent = [name for name in names if name not in present]
    if absent:
        shown = "、".join(present[:60])
        zh = f"源文件没有列 {absent[0]}；现有：{shown}"
        en = f"the source has no column {absent[0]}; it has: {shown}"
        raise DataRejectedError("DATA_MISSING_COLUMN", zh, en, hint="列名须与表头逐字相同 / exactly as in the header")


def _unique(sheet: Sheet, key: str, rejects: Rejects) -> Sheet:
    """Refuse lines without a key, and all but the first of those that repeat one."""
    _check_columns(sheet, [key])
    keys = sheet.columns[key]
    absent = np.asarray(pc.is_null(keys).to_numpy(), dtype=np.bool_)
    rejects.line(sheet, absent, "KEY_MISSING", key)
    codes = np.asarray(pc.fill_null(keys.combine_chunks().dictionary_encode().indices, -1).to_numpy(), dtype=np.int64)
    first = np.zeros(len(codes), dtype=np.bool_)
    first[np.unique(codes, return_index=True)[1]] = True
    rejects.line(sheet, ~first & ~absent, "KEY_DUPLICATE", key)
    return sheet.where(first & ~absent)


def _join(main: Sheet, other: Sheet, name: str, *, keys: tuple[str, str]) -> Sheet:
    """Add the columns of a one-line-a-case sheet to the main one, named `table.column`."""
    _check_columns(main, [keys[0]])
    place = pc.index_in(main.columns[keys[0]], value_set=other.columns[keys[1]].combine_chunks())
    return main.joined({f"{name}.{column}": other.columns[column].take(place) for column in other.columns.column_names})


def case_rows(sheet: Sheet, key: str, cases: pa.Array) -> Rows:
    """Return the case row of each line of a many-lines sheet, -1 where there is no such case."""
    place = pc.index_in(sheet.columns[key], value_set=cases)
    return np.asarray(pc.fill_null(place, -1).to_numpy(), dtype=np.int64)


__all__ = ["JoinedFile", "Sources", "case_rows", "holds", "read_sources", "references", "texts", "unmapped"]
