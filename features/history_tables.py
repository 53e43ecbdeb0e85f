"""What each history table may hold: its columns, their Arrow types, and what an empty cell means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.known import OBSERVED, Array
from features.register import Field, Register

FORMAT = "fenliu-history/1"
"""Written in `meta.json`; another format is refused, never guessed at."""

TABLES = ("cases", "queries", "events", "decisions", "debtors")
"""The tables of a history; `cases` and `events` must be there, the others may be absent."""

BESIDE = ("marks",)
"""Tables that the export of the service writes for people who look into a model; no training reads them."""

REQUIRED_TABLES = ("cases", "events")

ZONE = "Asia/Shanghai"
INSTANT = pa.timestamp("us", tz=ZONE)
SHANGHAI_MICROSECONDS = 8 * 3600 * 1_000_000
DAY_MICROSECONDS = 86_400 * 1_000_000

_ENUM = pa.dictionary(pa.int32(), pa.string())
_FIXED: Mapping[str, Mapping[str, pa.DataType]] = MappingProxyType(
    {
        "events": {
            "case_id": pa.string(), "at": INSTANT, "recorded_at": INSTANT, "kind": _ENUM, "amount": pa.float64(),
            "source": pa.string(), "mode": _ENUM,
        },
        "decisions": {
            "case_id": pa.string(), "at": INSTANT, "stage": pa.string(), "lane": pa.string(), "by": pa.string(),
            "rule_ids": pa.string(), "propensity": pa.float64(), "model": pa.string(), "ruleset": pa.string(),
            "reason": pa.string(),
        },
        "debtors": {"case_id": pa.string(), "id_token": pa.string(), "type": pa.string()},
        "marks": {
            "case_id": pa.string(), "at": INSTANT, "advised_at": INSTANT, "stage": pa.string(), "model": pa.string(),
            "kind": _ENUM, "score": pa.string(), "reason": pa.string(), "feature": pa.string(),
            "other_case_id": pa.string(),
        },
    },
)  # fmt: skip
_NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cases": ("case_id", "court_code", "received_at"),
        "queries": ("case_id", "query_at"),
        "events": ("case_id", "at", "recorded_at", "kind"),
        "decisions": ("case_id", "at", "stage", "lane"),
        "debtors": ("case_id", "id_token"),
    },
)
_MOMENTS: Mapping[str, str] = MappingProxyType({"cases": "PAL", "queries": "FU"})


@dataclass(frozen=True)
class SchemaFault:
    """One thing wrong with a table's shape: its error code, where, and both wordings."""

    code: str
    table: str
    column: str
    zh: str
    en: str


def arrow_type(field: Field) -> pa.DataType:
    """Return the Arrow type in which a registered field is written."""
    return {
        "bool": pa.bool_(), "int": pa.int32(), "ordinal": pa.int32(), "float": pa.float64(), "decimal": pa.float64(),
        "date": pa.date32(), "datetime": INSTANT, "enum": _ENUM, "set": _ENUM,
    }.get(field.type, pa.string())  # fmt: skip


def needed(table: str) -> tuple[str, ...]:
    """Return the columns without which a table cannot be used."""
    return _NEEDED[table]


def fields_of(table: str, register: Register) -> dict[str, Field]:
    """Return the registered fields that a table may carry; outcomes and enforcement facts never."""
    moments = _MOMENTS.get(table, "")
    return {f.name: f for f in register.fields if f.known_at in moments and f.known_at and f.type != "list"}


def schema_of(table: str, register: Register, *, only: Iterable[str] | None = None) -> pa.Schema:
    """Return the schema in which a table is written, all columns or `only` some of them, in a fixed order."""
    known = _known_types(table, register)
    wanted = set(known) if only is None else set(only)
    return pa.schema([(name, kind) for name, kind in known.items() if name in wanted])


def faults(table: str, schema: pa.Schema, register: Register) -> tuple[SchemaFault, ...]:
    """Return what is wrong with a table's columns; empty when the table can be read.

    A width may differ (int64 for int32, plain strings for a dictionary); the
    kind may not: an instant without a zone is not an instant.
    """
    known = _known_types(table, register)
    missing = [_missing(table, name) for name in needed(table) if name not in schema.names]
    forbidden = [
        _forbidden(table, register[name])
        for name in schema.names
        if name in register and name not in known and register[name].known_at in "EO"
    ]
    unknown = [
        _unknown(table, name)
        for name in schema.names
        if name not in known and not (name in register and register[name].known_at in "EO")
    ]
    wrong = [
        _wrong(table, name, schema.field(name).type, known[name])
        for name in schema.names
        if name in known and _kind(schema.field(name).type) != _kind(known[name]) and not _free(name, schema)
    ]
    return tuple(missing + forbidden + unknown + wrong)


def days(values: pa.ChunkedArray | pa.Array) -> Array:
    """Return dates or instants as days since 1970-01-01 00:00 Shanghai, NaN where empty."""
    if pa.types.is_date(values.type):
        return _numbers(values.cast(pa.date32()).cast(pa.int32()))
    micros = _numbers(values.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()))
    return (micros + SHANGHAI_MICROSECONDS) / DAY_MICROSECONDS


def columns_of_field(field: Field, values: pa.ChunkedArray) -> dict[str, npt.NDArray[np.generic]]:
    """Return the numeric columns of one field, in the one representation that features read.

    Raises
    ------
    UnknownCodeError
        An enum or set holds a code that the register does not list.
    """
    if field.type == "enum":
        return {field.name: _code_index(field, values)}
    if field.type == "set":
        return _members(field, values)
    if field.type in ("date", "datetime"):
        return {field.name: days(values)}
    if field.type in ("string", "text"):
        return {field.name: texts(values)}
    return {field.name: _numbers(values)}


class UnknownCodeError(ValueError):
    """A column holds a code that the register does not allow; carries the field and how many rows."""

    def __init__(self, field: str, count: int) -> None:
        self.field = field
        self.count = count
        super().__init__(f"{field}：{count} 行的取值不在字段登记表内 / {count} rows hold a code that is not registered")


def texts(values: pa.ChunkedArray | pa.Array) -> npt.NDArray[np.generic]:
    """Return strings as an object array, None where empty."""
    return np.array(values.cast(pa.string()).to_pylist() or [], dtype=object)


def _numbers(values: pa.ChunkedArray | pa.Array) -> Array:
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    plain = values.cast(pa.float64())
    filled: Array = pc.fill_null(plain, float("nan")).to_numpy()
    return np.ascontiguousarray(filled, dtype=np.float64)


def _code_index(field: Field, values: pa.ChunkedArray) -> Array:
    """Look each code up in the register's order; the dictionary is looked up once, not each row."""
    plain = values.cast(pa.string())
    index = pc.index_in(plain, value_set=pa.array(field.codes, pa.string()))
    strangers = int(pc.sum(pc.and_(pc.is_valid(plain), pc.is_null(index))).as_py() or 0)
    if strangers:
        raise UnknownCodeError(field.name, strangers)
    return _numbers(index)


def _members(field: Field, values: pa.ChunkedArray) -> dict[str, npt.NDArray[np.generic]]:
    """Spread a set of codes joined by a slash over one yes/no column for each code; "" is the empty set."""
    joined = values.cast(pa.string())
    given = _numbers(pc.is_valid(joined))
    texts_of = {text: set(text.split("/")) - {""} for text in pc.unique(joined).to_pylist() if text is not None}
    strange = [text for text, codes in texts_of.items() if codes - set(field.codes)]
    if strange:
        count = int(pc.sum(pc.is_in(joined, value_set=pa.array(strange, pa.string()))).as_py())
        raise UnknownCodeError(field.name, count)
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for code in field.codes:
        holders = pa.array([text for text, codes in texts_of.items() if code in codes], pa.string())
        column = _numbers(pc.is_in(joined, value_set=holders))
        columns[f"{field.name}.{code}"] = np.where(given == 1.0, column, np.nan)
    return columns


def _known_types(table: str, register: Register) -> dict[str, pa.DataType]:
    if table in _FIXED:
        return dict(_FIXED[table])
    known: dict[str, pa.DataType] = {"case_id": pa.string()}
    for name, field in fields_of(table, register).items():
        known[name] = arrow_type(field)
        known[name + OBSERVED] = INSTANT
    if table == "cases":
        known |= {"applicant_token": pa.string(), "clerk": pa.string(), "watermark": pa.string()}
    return known


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_boolean(kind):
        return "bool"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_timestamp(kind):
        return "instant" if kind.tz else "instant without a zone"
    return "number" if pa.types.is_integer(kind) or pa.types.is_floating(kind) else str(kind)


def _free(name: str, schema: pa.Schema) -> bool:
    """Whether the column's type does not matter: wholly empty columns, and observation dates given as dates."""
    kind = schema.field(name).type
    return pa.types.is_null(kind) or (name.endswith(OBSERVED) and pa.types.is_date(kind))


def _missing(table: str, column: str) -> SchemaFault:
    return SchemaFault(
        "DATA_MISSING_COLUMN", table, column, f"缺少列 {column}（{table}.parquet）",
        f"column {column} is missing ({table}.parquet)",
    )  # fmt: skip


def _unknown(table: str, column: str) -> SchemaFault:
    return SchemaFault(
        "DATA_UNKNOWN_COLUMN", table, column, f"{table}.parquet 中的列 {column} 不属于此表，也未声明为扩展字段",
        f"column {column} does not belong in {table}.parquet and is not a declared extension",
    )  # fmt: skip


def _forbidden(table: str, field: Field) -> SchemaFault:
    return SchemaFault(
        "DATA_OUTCOME_COLUMN", table, field.name, f"{table}.parquet 中的列 {field.name} 是执行或结果信息，只能写成事件",
        f"column {field.name} in {table}.parquet is an enforcement or outcome fact and may only be an event",
    )  # fmt: skip


def _wrong(table: str, column: str, found: pa.DataType, wanted: pa.DataType) -> SchemaFault:
    return SchemaFault(
        "DATA_WRONG_TYPE", table, column, f"列 {column}（{table}.parquet）的类型应为 {wanted}，实为 {found}",
        f"column {column} ({table}.parquet) must be {wanted}, found {found}",
    )  # fmt: skip
