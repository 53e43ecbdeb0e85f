"""A court's history: its tables, opened and checked, and what was known about each case at its own moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features import history_tables as tables
from features.columns import complete
from features.events import CLOSE_MODES, EVENT_KINDS
from features.extensions import ExtensionField
from features.known import OBSERVED, Array, Known
from features.lists import LISTS
from features.register import Register, Stage, load_register
from training.history import urging
from training.history.event_log import EventLog
from training.history.fingerprint import fingerprint

Column = npt.NDArray[np.generic]
Rows = npt.NDArray[np.int64]

URGING = ("urge_start", "urge_reached", "urge_promise_date", "urge_result", "urge_paid")
"""Urging facts: always worked out from the events known at the time, never read from a table."""


class HistoryError(ValueError):
    """A history directory that cannot be used: its error code, both wordings, and the way out."""

    def __init__(self, code: str, zh: str, en: str, *, hint: str = "") -> None:
        self.code = code
        self.zh = zh
        self.en = en
        self.hint = hint
        super().__init__(f"[{code}] {zh} / {en}")


@dataclass(frozen=True)
class History:
    """The history tables of one directory; each table is read when it is first asked for."""

    path: Path
    meta: Mapping[str, object]
    register: Register
    extensions: tuple[ExtensionField, ...]
    held: Mapping[str, pa.Table] | None = None

    @classmethod
    def of_tables(cls, held: Mapping[str, pa.Table], *, observed_until: Mapping[str, str]) -> History:
        """Return a simulated history that is held in memory and was never written; absent tables are empty."""
        meta = {"format": tables.FORMAT, "simulated": True, "observed_until": dict(observed_until)}
        return cls(Path("memory"), meta, load_register(), (), held)

    @classmethod
    def open(cls, path: Path) -> History:
        """Open a directory and check the shape of every table before any of them is used.

        Raises
        ------
        HistoryError
            The directory, a table or a column is missing, unknown or of the
            wrong type; the message names it.
        """
        meta = _read_meta(path)
        listed = meta.get("extensions")
        extensions = tuple(ExtensionField.from_json(item) for item in listed) if isinstance(listed, list) else ()
        register = load_register().extended(extension.field for extension in extensions)
        for table in tables.TABLES:
            _check_table(path / f"{table}.parquet", table, register)
        return cls(path, meta, register, extensions)

    @property
    def simulated(self) -> bool:
        """Whether the cases came out of the simulator and belong to no court."""
        return bool(self.meta["simulated"])

    @property
    def case_count(self) -> int:
        """How many applications there are; nothing is read for it."""
        return int(pq.read_metadata(self.path / "cases.parquet").num_rows)

    @cached_property
    def cases(self) -> pa.Table:
        """One row for each application."""
        return self._table("cases")

    @cached_property
    def queries(self) -> pa.Table:
        """The first network query of each filed case; a second answer for the same case is left out."""
        table = self._table("queries")
        order = pc.sort_indices(table, [("case_id", "ascending"), ("query_at", "ascending")])
        ids = pc.take(table["case_id"], order).to_numpy()
        first = np.ones(len(ids), dtype=bool)
        first[1:] = ids[1:] != ids[:-1]
        return table.take(np.sort(order.to_numpy()[first]))

    @property
    def later_queries(self) -> int:
        """How many query answers were left out because an earlier one exists for the case."""
        return int(self._table("queries").num_rows - self.queries.num_rows)

    @cached_property
    def events(self) -> pa.Table:
        """Everything that happened, as written."""
        return self._table("events")

    @cached_property
    def decisions(self) -> pa.Table:
        """Routing decisions, as logged."""
        return self._table("decisions")

    @cached_property
    def debtors(self) -> pa.Table:
        """The debtors of each case: join keys only."""
        return self._table("debtors")

    @cached_property
    def case_ids(self) -> Column:
        """The key of each case row."""
        return tables.texts(self.cases["case_id"])

    @cached_property
    def courts(self) -> Column:
        """The court code of each case row."""
        return tables.texts(self.cases["court_code"])

    @cached_property
    def received_at(self) -> Array:
        """When each application was received, in days."""
        return tables.days(self.cases["received_at"])

    @cached_property
    def queried_at(self) -> Array:
        """When each case's first query was answered, in days; NaN where there was none."""
        place = self._query_row
        at = np.full(len(place), np.nan)
        at[place >= 0] = tables.days(self.queries["query_at"])[place[place >= 0]]
        return at

    @cached_property
    def observed_until(self) -> Array:
        """The end of follow-up of each case's court, in days: the midnight after its last observed day."""
        ends = self.meta["observed_until"]
        by_court = {court: _day(text) + 1.0 for court, text in ends.items()} if isinstance(ends, dict) else {}
        names, place = np.unique(self.courts.astype(str), return_inverse=True)
        missing = [name for name in names if name not in by_court]
        if missing:
            raise _error(
                "DATA_NO_FOLLOW_UP_END", f"meta.json 的 observed_until 缺少法院 {missing[0]}",
                f"observed_until in meta.json does not name court {missing[0]}",
            )  # fmt: skip
        return np.array([by_court[name] for name in names], dtype=np.float64)[place]

    @cached_property
    def log(self) -> EventLog:
        """The events as arrays; events of unknown cases are an error, not a loss."""
        table = self.events
        row = self.rows_of(table["case_id"], table="events")
        at, recorded_at = tables.days(table["at"]), tables.days(table["recorded_at"])
        order = np.lexsort((recorded_at, at, row))
        mode = table["mode"] if "mode" in table.column_names else pa.nulls(table.num_rows, pa.string())
        return EventLog(
            row[order], at[order], recorded_at[order],
            self._codes("kind", table["kind"], EVENT_KINDS)[order],
            self._codes("mode", mode, CLOSE_MODES)[order],
            _optional(table, "amount", np.nan).astype(np.float64)[order],
            _optional(table, "source", None)[order],
        )  # fmt: skip

    def rows_of(self, case_ids: pa.ChunkedArray, *, table: str) -> Rows:
        """Return the case row of each key.

        Raises
        ------
        HistoryError
            A key belongs to no case, or a case is there twice.
        """
        keys = self.cases["case_id"].cast(pa.string()).combine_chunks()
        return places(case_ids, among=keys, table=table)

    def known(self, stage: Stage, rows: Rows | None = None) -> tuple[Known, dict[str, Column], Rows]:
        """Return what was known of each case at its own moment, all its columns, and the case rows.

        At stage A the moment is the receipt of the application, at stage B the
        first network query; cases without a query have no row at stage B.
        Values observed later are blank in both, and so are public lists of an
        unknown day, so nothing derived from them can carry them in.
        """
        wanted = np.arange(self.cases.num_rows, dtype=np.int64) if rows is None else rows.astype(np.int64)
        columns = self._columns("cases", wanted)
        as_of = self.received_at[wanted]
        if stage is Stage.B:
            query_row = self._query_row[wanted]
            wanted, columns = wanted[query_row >= 0], {k: v[query_row >= 0] for k, v in columns.items()}
            columns |= self._columns("queries", query_row[query_row >= 0])
            as_of = columns["query_at"].astype(np.float64)
            columns |= {name: values[wanted] for name, values in self._urging.items()}
        columns["application_id"] = self.case_ids[wanted]
        columns = complete(_blank_late(columns, as_of), len(wanted), self.register, stage)
        return Known.cut(columns, as_of=as_of, stage=stage, register=self.register), columns, wanted

    def data_sha256(self) -> str:
        """Return a hash of what the tables say, whatever files, chunks or encodings they are stored in."""
        return fingerprint(self.meta, {name: self._table(name) for name in tables.TABLES})

    @cached_property
    def _query_row(self) -> Rows:
        """Return the row of the queries table for each case, -1 where there was no query."""
        place = np.full(self.cases.num_rows, -1, dtype=np.int64)
        place[self.rows_of(self.queries["case_id"], table="queries")] = np.arange(self.queries.num_rows)
        return place

    @cached_property
    def _urging(self) -> dict[str, Array]:
        """Return the urging facts that were known when the first query was answered."""
        as_of = self.queried_at
        claim = self._field("cases", "claim_amount") if "claim_amount" in self.cases.column_names else as_of * np.nan
        return urging.facts(self.log.known_at(as_of), len(as_of), claim, self.register)

    def _columns(self, table: str, rows: Rows) -> dict[str, Column]:
        """Return the columns of a table's registered fields and their observation instants, at the given rows."""
        whole = self.cases if table == "cases" else self.queries
        columns: dict[str, Column] = {}
        for name, field in tables.fields_of(table, self.register).items():
            if name not in whole.column_names or name in URGING:
                continue
            columns |= {key: column[rows] for key, column in self._spread(table, name).items()}
            if name + OBSERVED in whole.column_names:
                columns[field.name + OBSERVED] = tables.days(whole[name + OBSERVED])[rows]
        return columns

    def _field(self, table: str, name: str) -> Array:
        return self._spread(table, name)[name].astype(np.float64)

    def _spread(self, table: str, name: str) -> dict[str, Column]:
        whole = self.cases if table == "cases" else self.queries
        try:
            return tables.columns_of_field(self.register[name], whole[name])
        except tables.UnknownCodeError as error:
            zh, _, en = str(error).partition(" / ")
            hint = "先运行 fenliu validate / run fenliu validate first"
            code = "DATA_UNKNOWN_CODE"
            raise HistoryError(code, f"{table}.parquet {zh}", f"{table}.{name}: {en}", hint=hint) from error

    def _codes(self, name: str, values: pa.ChunkedArray, codes: tuple[str, ...]) -> npt.NDArray[np.int64]:
        """Return indices into `codes`, -1 where empty; an unlisted code is an error."""
        plain = values.cast(pa.string())
        index = pc.index_in(plain, value_set=pa.array(codes, pa.string()))
        strange = int(pc.sum(pc.and_(pc.is_valid(plain), pc.is_null(index))).as_py() or 0)
        if strange:
            zh = f"events.parquet 的列 {name} 有 {strange} 行取值不在允许范围内"
            raise _error("DATA_UNKNOWN_CODE", zh, f"{strange} rows of events.parquet hold an unknown {name}")
        return np.asarray(pc.fill_null(index, -1).to_numpy(), dtype=np.int64)

    def _table(self, name: str) -> pa.Table:
        if self.held is not None:
            return self.held.get(name, tables.schema_of(name, self.register).empty_table())
        file = self.path / f"{name}.parquet"
        if not file.exists():
            return tables.schema_of(name, self.register).empty_table()
        return pq.read_table(file)


def places(case_ids: pa.ChunkedArray, *, among: pa.Array, table: str) -> Rows:
    """Return the place of each key of a table among the cases' keys.

    Raises
    ------
    HistoryError
        A key belongs to no case, or a case is there twice.
    """
    twice = len(among) - len(pc.unique(among))
    if twice:
        zh, en = f"cases.parquet 有 {twice} 行案件编号重复", f"{twice} rows of cases.parquet repeat a case_id"
        raise _error("DATA_DUPLICATE_CASE", zh, en)
    place = pc.index_in(case_ids.cast(pa.string()), value_set=among)
    if place.null_count:
        zh = f"{table}.parquet 有 {place.null_count} 行不属于任何案件"
        raise _error("DATA_ORPHAN_ROW", zh, f"{place.null_count} rows of {table}.parquet belong to no case")
    return np.asarray(place.to_numpy(), dtype=np.int64)


def _read_meta(path: Path) -> dict[str, object]:
    """Read `meta.json`, which says what the directory is, before anything else is believed."""
    file = path / "meta.json"
    if not file.is_file():
        zh, en = f"{path.name} 不是历史数据目录：没有 meta.json", f"{path.name} is no history: it has no meta.json"
        raise _error("DATA_NO_HISTORY", zh, en)
    try:
        meta = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _error("DATA_META_BROKEN", "meta.json 不是有效的 JSON", "meta.json is not valid JSON") from error
    found = meta.get("format") if isinstance(meta, dict) else None
    if found != tables.FORMAT:
        zh, en = f"格式应为 {tables.FORMAT}，实为 {found!r}", f"the format must be {tables.FORMAT}, found {found!r}"
        raise _error("DATA_FORMAT", zh, en)
    absent = [key for key in ("simulated", "observed_until") if key not in meta]
    if absent:
        raise _error("DATA_META_BROKEN", f"meta.json 缺少 {absent[0]}", f"meta.json lacks {absent[0]}")
    return dict(meta)


def _check_table(file: Path, table: str, register: Register) -> None:
    if not file.exists():
        if table in tables.REQUIRED_TABLES:
            raise _error("DATA_MISSING_TABLE", f"缺少 {file.name}", f"{file.name} is missing")
        return
    try:
        schema = pq.read_schema(file)
    except pa.ArrowInvalid as error:
        zh, en = f"{file.name} 不是完整的 Parquet 文件", f"{file.name} is not a whole Parquet file"
        raise _error("DATA_TABLE_BROKEN", zh, en) from error
    found = tables.faults(table, schema, register)
    if found:
        more = f"（另有 {len(found) - 1} 处）" if len(found) > 1 else ""
        rest = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise _error(found[0].code, found[0].zh + more, found[0].en + rest)


def _error(code: str, zh: str, en: str) -> HistoryError:
    return HistoryError(code, zh, en, hint="见 docs/own-data.zh.md / see docs/own-data.md")


def _day(text: object) -> float:
    try:
        return float((date.fromisoformat(str(text)) - date(1970, 1, 1)).days)
    except ValueError as error:
        zh = f"observed_until 须为 YYYY-MM-DD，实为 {text!r}"
        raise _error("DATA_META_BROKEN", zh, f"observed_until must be YYYY-MM-DD, found {text!r}") from error


def _optional(table: pa.Table, name: str, absent: object) -> Column:
    if name not in table.column_names:
        return np.full(table.num_rows, absent, dtype=object if absent is None else np.float64)
    if absent is None:
        return tables.texts(table[name])
    return np.asarray(pc.fill_null(table[name].cast(pa.float64()), float("nan")).to_numpy())


def _blank_late(columns: Mapping[str, Column], as_of: Array) -> dict[str, Column]:
    """Blank each value that was observed after its row's moment, and what stands in a list of an unknown day."""
    kept = dict(columns)
    for name, column in columns.items():
        fact = name.partition(".")[0]
        seen_at = columns.get(fact + OBSERVED)
        if name.endswith(OBSERVED) or (seen_at is None and fact not in LISTS):
            continue
        seen = np.full(len(as_of), np.nan) if seen_at is None else seen_at.astype(np.float64)
        late = ~(seen <= as_of) if fact in LISTS else seen > as_of
        kept[name] = np.where(late, np.array(None) if column.dtype == object else np.nan, column)
    return kept
