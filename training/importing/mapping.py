"""The mapping file: how a court's export becomes a history; parsed strictly, explained key by key."""

# ruff: noqa: RUF009 - strict.key returns a dataclass field

from __future__ import annotations

import codecs
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import yaml

from features.events import CLOSE_MODES, EVENT_KINDS
from features.register import Register, load_register
from training.importing import strict_record as strict
from training.importing.strict_record import MappingError
from training.importing.units import allowed_units

FORMAT = "fenliu-mapping/1"


def _value(value: object, where: str) -> Value:
    """Read where one value comes from; a bare text is the name of a source column."""
    return strict.build(Value, {"column": value} if isinstance(value, str) else strict.table(value, where), where)


def _values(value: object, where: str) -> Mapping[str, Value]:
    return MappingProxyType({str(k): _value(v, f"{where}.{k}") for k, v in strict.table(value, where).items()})


@dataclass(frozen=True, kw_only=True)
class Value:
    """Where one value comes from, and how its text is read."""

    column: str = strict.key(strict.text, "")
    const: str | None = strict.key(strict.scalar, None)
    unit: str = strict.key(strict.text, "")
    values: Mapping[str, str] = strict.key(strict.pairs, dict)
    other: str | None = strict.key(strict.text, None)
    format: tuple[str, ...] = strict.key(strict.texts, ())
    null_values: tuple[str, ...] = strict.key(strict.texts, ())
    true: tuple[str, ...] = strict.key(strict.texts, ("true", "1", "是"))
    false: tuple[str, ...] = strict.key(strict.texts, ("false", "0", "否"))
    separator: str = strict.key(strict.text, "/")
    remove: tuple[str, ...] = strict.key(strict.texts, ())
    part: str = strict.key(strict.choice("year", "quarter", "month", "weekday", "day", "hour"), "")
    clock: str = strict.key(strict.clock, "")
    observed_at: Value | None = strict.key(_value, None)
    on_error: str = strict.key(strict.choice("refuse", "blank"), "refuse")
    required: bool = strict.key(strict.flag, False)  # noqa: FBT003

    def __post_init__(self) -> None:
        """Refuse a value with no origin, or with two."""
        if bool(self.column) == (self.const is not None):
            zh, en = "column 与 const 须恰有其一", "give either column or const, and only one of them"
            raise MappingError("MAPPING_VALUE", self.column or "const", zh, en)


@dataclass(frozen=True, kw_only=True)
class Extension(Value):
    """A court's own field: how it is read, and what the register and the pages need to know of it."""

    type: str = strict.key(strict.choice("bool", "int", "float", "decimal", "date", "enum"))
    stage: str = strict.key(strict.choice("A", "B"))
    zh: str = strict.key(strict.text)
    en: str = strict.key(strict.text)
    pull: str = strict.key(strict.choice("up", "down", "none"), "none")
    group: str = strict.key(strict.choice("履行意愿", "财产", "债务", "程序", "案件"), "案件")
    codes: tuple[str, ...] = strict.key(strict.texts, ())
    codes_zh: tuple[str, ...] = strict.key(strict.texts, ())
    since: str = strict.key(strict.text, "")
    measure: str = strict.key(strict.choice("happened", "open", "days_since", "count", "amount", "sum"), "")
    until: str = strict.key(strict.text, "")

    def __post_init__(self) -> None:
        """Ask no column of a field of landmark rows: it is measured from events."""
        if not self.measure:
            super().__post_init__()

    def all_codes(self) -> tuple[str, ...]:
        """Return the allowed codes: the declared ones, or the targets of the value map in their order."""
        named = [*self.values.values(), *([self.other] if self.other else [])]
        return self.codes or tuple(dict.fromkeys(named))


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A test on one source column; all that are given must hold. Texts are compared exactly."""

    column: str = strict.key(strict.text)
    equals: tuple[str, ...] | None = field(default=None, metadata={"read": strict.texts, "key": "in"})
    differs: tuple[str, ...] | None = field(default=None, metadata={"read": strict.texts, "key": "not_in"})
    present: bool | None = strict.key(strict.flag, None)
    since: str | None = field(default=None, metadata={"read": strict.scalar, "key": "from"})
    before: str | None = strict.key(strict.scalar, None)
    format: tuple[str, ...] = strict.key(strict.texts, ())


def _encoding(value: object, where: str) -> str:
    """Read the name of a text encoding that Python knows."""
    name = strict.text(value, where)
    try:
        known = codecs.lookup(name)._is_text_encoding  # noqa: SLF001 - the library's own mark; open() asks it too
    except (LookupError, ValueError):
        known = False
    if not known:
        zh = f"没有文字编码 {name!r}；常见的有 utf-8-sig、gb18030、utf-16"
        en = f"there is no text encoding {name!r}; common ones are utf-8-sig, gb18030, utf-16"
        raise MappingError("MAPPING_VALUE", where, zh, en)
    return name


def _delimiter(value: object, where: str) -> str:
    """Read the one sign that stands between the cells of a line."""
    sign = strict.text(value, where)
    if len(sign) != 1 or sign in '\r\n"\0':
        zh = f"分隔符须为单个字符（如 , ; 或制表符 \\t），实为 {sign!r}"
        en = f"a delimiter is one sign such as , ; or the tab \\t, found {sign!r}"
        raise MappingError("MAPPING_VALUE", where, zh, en)
    return sign


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """A file or sheet, how it is written, and which of its columns names the case."""

    file: str = strict.key(strict.text, "")
    format: str = strict.key(strict.choice("csv", "excel", "parquet"), "csv")
    sheet: str = strict.key(strict.text, "")
    header_row: int = strict.key(strict.whole, 1)
    encoding: str = strict.key(_encoding, "utf-8-sig")
    delimiter: str = strict.key(_delimiter, ",")
    key: str = strict.key(strict.text)
    null_values: tuple[str, ...] = strict.key(strict.texts, ())
    keep: tuple[Condition, ...] = strict.key(strict.list_of(Condition), ())


@dataclass(frozen=True, kw_only=True)
class JoinedFile(SourceFile):
    """A further file: `one` row a case (its columns join the case) or `many` (for events, queries, debtors)."""

    join: str = strict.key(strict.choice("one", "many"), "many")


@dataclass(frozen=True, kw_only=True)
class Source(SourceFile):
    """The main file, one row a case, and the files that go with it."""

    tables: Mapping[str, JoinedFile] = strict.key(strict.records(JoinedFile), dict)


@dataclass(frozen=True, kw_only=True)
class Time:
    """The clock of the source, and the forms its dates take beside ISO 8601."""

    zone: str = strict.key(strict.text, "Asia/Shanghai")
    formats: tuple[str, ...] = strict.key(strict.texts, ())


@dataclass(frozen=True, kw_only=True)
class Cases:
    """The fields of an application, and the applicant's join key."""

    fields: Mapping[str, Value] = strict.key(_values)
    applicant: Value | None = strict.key(_value, None)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened. Without a kind it is a fact for landmark rows and is not written."""

    kind: str = strict.key(strict.choice(*EVENT_KINDS), "")
    table: str = strict.key(strict.text, "")
    at: Value = strict.key(_value)
    recorded_at: Value | None = strict.key(_value, None)
    lag_days: float | None = strict.key(strict.number, None)
    amount: Value | None = strict.key(_value, None)
    source: Value | None = strict.key(_value, None)
    mode: Value | None = strict.key(_value, None)
    when: tuple[Condition, ...] = strict.key(strict.list_of(Condition), ())
    on_error: str = strict.key(strict.choice("refuse_case", "skip"), "refuse_case")


@dataclass(frozen=True, kw_only=True)
class Queries:
    """The first network query of a filed case and what it found."""

    table: str = strict.key(strict.text, "")
    query_at: Value = strict.key(_value)
    filed_at: Value | None = strict.key(_value, None)
    fields: Mapping[str, Value] = strict.key(_values, dict)


@dataclass(frozen=True, kw_only=True)
class Debtors:
    """Who owes: join keys only. Raw numbers become tokens under the court's key."""

    table: str = strict.key(strict.text, "")
    id: Value = strict.key(_value)
    type: Value | None = strict.key(_value, None)


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """Which lane each case was given, when and by whom; what the value of a policy is worked out from."""

    table: str = strict.key(strict.text, "")
    at: Value = strict.key(_value)
    stage: Value = strict.key(_value)
    lane: Value = strict.key(_value)
    by: Value | None = strict.key(_value, None)
    rule_ids: Value | None = strict.key(_value, None)
    propensity: Value | None = strict.key(_value, None)
    model: Value | None = strict.key(_value, None)
    ruleset: Value | None = strict.key(_value, None)


def _until(value: object, where: str) -> Mapping[str, str]:
    """Read one last day for every court ("*"), or one for each."""
    return strict.pairs(value if isinstance(value, dict) else {"*": value}, where)


@dataclass(frozen=True, kw_only=True)
class Observation:
    """The last day on which outcomes were observed: a date, a date for each court, or a column's latest."""

    until: Mapping[str, str] = strict.key(_until, dict)
    column: str = strict.key(strict.text, "")


@dataclass(frozen=True, kw_only=True)
class Landmarks:
    """A panel: one row for each case and calendar landmark at which the case was still at risk."""

    every: str = strict.key(strict.choice("month", "quarter", "year"), "month")
    start: str = field(metadata={"read": strict.text, "key": "from"})
    start_days: int = field(default=0, metadata={"read": strict.whole, "key": "from_days"})
    last_days: int = field(metadata={"read": strict.whole, "key": "to_days"})
    ended_by: tuple[str, ...] = strict.key(strict.texts)
    one_in: int = strict.key(strict.whole, 1)
    fields: Mapping[str, Extension] = strict.key(strict.records(Extension), dict)


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """A whole mapping file."""

    format: str = strict.key(strict.choice(FORMAT))
    source: Source = strict.key(strict.record(Source))
    time: Time = strict.key(strict.record(Time), Time)
    cases: Cases = strict.key(strict.record(Cases))
    extensions: Mapping[str, Extension] = strict.key(strict.records(Extension), dict)
    events: Mapping[str, Event] = strict.key(strict.records(Event), dict)
    queries: Queries | None = strict.key(strict.record(Queries), None)
    debtors: Debtors | None = strict.key(strict.record(Debtors), None)
    decisions: Decisions | None = strict.key(strict.record(Decisions), None)
    observation: Observation = strict.key(strict.record(Observation))
    landmarks: Landmarks | None = strict.key(strict.record(Landmarks), None)


def load_mapping(path: Path) -> Mapped:
    """Read and check a mapping file, TOML or YAML.

    Raises
    ------
    MappingError
        The file is not there or not readable, a key is unknown or missing, or
        a field, table or event that it speaks of does not exist.
    """
    mapped = strict.build(Mapped, _parse(path), "")
    register = load_register()
    for name, value in mapped.cases.fields.items():
        _check_field(name, f"cases.fields.{name}", register, "PAL", value)
    for name, value in (mapped.queries.fields if mapped.queries else {}).items():
        _check_field(name, f"queries.fields.{name}", register, "FU", value)
    for name, extension in mapped.extensions.items():
        _check_extension(name, f"extensions.{name}", extension)
    _check_events(mapped)
    _check_landmarks(mapped)
    _check_decisions(mapped)
    absent = [name for name in ("received_at", "court_code") if name not in mapped.cases.fields]
    if absent and not (mapped.landmarks and absent == ["received_at"]):
        zh, en = f"必须映射 {absent[0]}", f"{absent[0]} must be mapped"
        raise MappingError("MAPPING_MISSING_KEY", "cases.fields", zh, en)
    return mapped


def _parse(path: Path) -> dict[str, object]:
    if not path.is_file():
        raise MappingError("MAPPING_NOT_FOUND", path.name, "文件不存在", "there is no such file")
    try:
        text = path.read_text(encoding="utf-8")
        data = yaml.safe_load(text) if path.suffix in {".yaml", ".yml"} else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, yaml.YAMLError, UnicodeDecodeError) as error:
        zh = f"不是有效的 TOML/YAML（中文键名须加引号）：{error}"
        en = f"not valid TOML or YAML (quote keys that are not ASCII): {error}"
        raise MappingError("MAPPING_SYNTAX", path.name, zh, en) from error
    return strict.table(data, path.name)


def _check_field(name: str, where: str, register: Register, moments: str, value: Value) -> None:
    """Refuse a field that is not registered, or that belongs to another moment."""
    if name not in register:
        near = difflib.get_close_matches(name, [f.name for f in register.fields], n=1)
        zh = "字段登记表没有此字段" + (f"，是否指 {near[0]}？" if near else "") + "；本院自有字段写在 [extensions.x_…]"
        en = "no such registered field" + (f", did you mean {near[0]}?" if near else "") + "; declare own ones as x_"
        raise MappingError("MAPPING_UNKNOWN_FIELD", where, zh, en)
    if register[name].known_at not in moments:
        moment = register[name].known_at
        zh = f"该字段的可知时点是 {moment}，此处只能用 {'/'.join(moments)}；执行与结果信息写成 [events]"
        en = f"this field is known at {moment}, only {'/'.join(moments)} may stand here; outcomes are [events]"
        raise MappingError("MAPPING_WRONG_MOMENT", where, zh, en)
    if value.unit and value.unit not in allowed_units(register[name]):
        allowed = "/".join(allowed_units(register[name])) or "—"
        zh = f"单位 {value.unit!r} 不可换算；可用：{allowed}"
        en = f"unit {value.unit!r} does not convert; known: {allowed}"
        raise MappingError("MAPPING_VALUE", where, zh, en)
    codes = register[name].codes
    strange = [code for code in value.values.values() if code and codes and code not in codes]
    if strange:
        allowed = "/".join(codes)
        zh, en = f"值 {strange[0]!r} 不在 {allowed} 之内", f"value {strange[0]!r} is not one of {allowed}"
        raise MappingError("MAPPING_VALUE", where, zh, en)


def _check_extension(name: str, where: str, extension: Extension) -> None:
    if not name.startswith("x_"):
        raise MappingError("MAPPING_VALUE", where, "扩展字段名须以 x_ 开头", "extension names start with x_")
    if extension.type == "enum" and not extension.all_codes():
        raise MappingError("MAPPING_MISSING_KEY", where, "枚举须给出 codes 或 values", "an enum needs codes or values")


def _check_decisions(mapped: Mapped) -> None:
    if mapped.decisions is None:
        return
    _check_table_name(mapped, mapped.decisions.table, "decisions.table")
    if mapped.landmarks is not None:
        zh, en = "观察日数据没有分流决定，不能与 [landmarks] 并用", "landmark rows have no decisions"
        raise MappingError("MAPPING_VALUE", "decisions", zh, en)


def _check_events(mapped: Mapped) -> None:
    for name, event in mapped.events.items():
        _check_table_name(mapped, event.table, f"events.{name}.table")
        mode = event.mode
        modes = set() if mode is None else {*mode.values.values(), *((mode.const,) if mode.const else ())}
        strange = modes - {*CLOSE_MODES, ""}
        if strange:
            allowed = "/".join(CLOSE_MODES)
            zh, en = f"结案方式 {min(strange)!r} 不在 {allowed} 之内", f"{min(strange)!r} is not one of {allowed}"
            raise MappingError("MAPPING_VALUE", f"events.{name}.mode", zh, en)
        if event.kind == "close" and mode is None:
            zh, en = "close 事件须给出 mode（结案方式）", "a close event needs mode"
            raise MappingError("MAPPING_MISSING_KEY", f"events.{name}", zh, en)
    for place, table in (("queries", mapped.queries), ("debtors", mapped.debtors)):
        _check_table_name(mapped, table.table if table else "", f"{place}.table")


def _check_table_name(mapped: Mapped, table: str, where: str) -> None:
    many = [name for name, file in mapped.source.tables.items() if file.join == "many"]
    if table and table not in many:
        zh = f'没有 join = "many" 的表 {table!r}；已声明：{"、".join(many) or "无"}'
        raise MappingError("MAPPING_VALUE", where, zh, f"no table {table!r} joined as many; declared: {many}")


def _check_landmarks(mapped: Mapped) -> None:
    if mapped.landmarks is None:
        return
    for name, measured in mapped.landmarks.fields.items():
        _check_extension(name, f"landmarks.fields.{name}", measured)
        _check_event_name(mapped, measured.since, f"landmarks.fields.{name}.since")
        if measured.measure == "open":
            _check_event_name(mapped, measured.until, f"landmarks.fields.{name}.until")
        if not measured.measure:
            zh, en = "缺少键 measure", "key measure is missing"
            raise MappingError("MAPPING_MISSING_KEY", f"landmarks.fields.{name}", zh, en)
    for name in (mapped.landmarks.start, *mapped.landmarks.ended_by):
        _check_event_name(mapped, name, "landmarks")


def _check_event_name(mapped: Mapped, name: str, where: str) -> None:
    if name not in mapped.events:
        known = ", ".join(mapped.events)
        zh, en = f"没有事件 {name!r}；已声明：{known}", f"there is no event {name!r}; declared: {known}"
        raise MappingError("MAPPING_VALUE", where, zh, en)
