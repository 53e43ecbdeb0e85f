"""Strict records read from a mapping file: unknown keys are refused with the nearest known one, types are exact."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, field, fields
from datetime import date, time
from types import MappingProxyType
from typing import Any, TypeVar

T = TypeVar("T")
Read = Callable[[object, str], Any]


class MappingError(ValueError):
    """A mapping file that cannot be used: where in the file, what is wrong, and what would be right."""

    def __init__(self, code: str, where: str, zh: str, en: str) -> None:
        self.code = code
        self.where = where
        self.zh = f"映射文件 {where}：{zh}"
        self.en = f"mapping file, {where}: {en}"
        self.hint = "键名表见 docs/own-data.zh.md / every key is listed in docs/own-data.md"
        super().__init__(f"[{code}] {self.zh} / {self.en}")


def key(read: Read, default: object = MISSING) -> Any:  # noqa: ANN401 - stands for the declared type
    """Declare a key with its reader; a mutable default is given as a factory."""
    if callable(default):
        return field(default_factory=default, metadata={"read": read})
    return field(metadata={"read": read}) if default is MISSING else field(default=default, metadata={"read": read})


def _wrong(where: str, value: object, zh: str, en: str) -> MappingError:
    return MappingError("MAPPING_TYPE", where, f"须为{zh}，实为 {value!r}", f"must be {en}, found {value!r}")


def text(value: object, where: str) -> str:
    """Read a text."""
    if not isinstance(value, str):
        raise _wrong(where, value, "文字", "a text")
    return value


def flag(value: object, where: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise _wrong(where, value, " true 或 false", "true or false")
    return value


def whole(value: object, where: str) -> int:
    """Read a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(where, value, "整数", "a whole number")
    return value


def number(value: object, where: str) -> float:
    """Read a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(where, value, "数字", "a number")
    return float(value)


def scalar(value: object, where: str) -> str:
    """Read a constant as the text it would be in a source file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | date):
        return str(value)
    raise _wrong(where, value, "单个值", "a single value")


def clock(value: object, where: str) -> str:
    """Read a time of day."""
    try:
        return time.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise _wrong(where, value, " HH:MM", "HH:MM") from error


def table(value: object, where: str) -> dict[str, object]:
    """Read a table of keys."""
    if not isinstance(value, dict):
        raise _wrong(where, value, "一节（表）", "a table")
    return value


def texts(value: object, where: str) -> tuple[str, ...]:
    """Read one text or a list of them."""
    return tuple(scalar(item, where) for item in (value if isinstance(value, list) else [value]))


def pairs(value: object, where: str) -> Mapping[str, str]:
    """Read a table of texts."""
    return MappingProxyType({str(name): scalar(item, f"{where}.{name}") for name, item in table(value, where).items()})


def choice(*allowed: str) -> Read:
    """Return a reader of one of these texts."""

    def read(value: object, where: str) -> object:
        if value not in allowed:
            zh = f"只能是 {'、'.join(allowed)}，实为 {value!r}"
            raise MappingError("MAPPING_VALUE", where, zh, f"must be one of {', '.join(allowed)}, found {value!r}")
        return value

    return read


def record(kind: type[T]) -> Callable[[object, str], T]:
    """Return a reader of one declared record."""
    return lambda value, where: build(kind, table(value, where), where)


def records(kind: type[T]) -> Callable[[object, str], Mapping[str, T]]:
    """Return a reader of named records."""

    def read(value: object, where: str) -> Mapping[str, T]:
        named = ((str(name), item, f"{where}.{name}") for name, item in table(value, where).items())
        return MappingProxyType({name: build(kind, table(item, place), place) for name, item, place in named})

    return read


def list_of(kind: type[T]) -> Callable[[object, str], tuple[T, ...]]:
    """Return a reader of one record or a list of them."""

    def read(value: object, where: str) -> tuple[T, ...]:
        items = value if isinstance(value, list) else [value]
        places = [f"{where}[{i}]" for i in range(len(items))]
        return tuple(build(kind, table(item, place), place) for item, place in zip(items, places, strict=True))

    return read


def build(kind: type[T], data: dict[str, object], where: str) -> T:
    """Build a declared record; a key that is not declared is refused with the nearest one that is."""
    declared: dict[str, Field[Any]] = {
        f.metadata.get("key", f.name): f
        for f in fields(kind)  # type: ignore[arg-type]
        if "read" in f.metadata
    }
    for name in data:
        if name not in declared:
            raise _unknown(name, declared, where)
    absent = [k for k, f in declared.items() if k not in data and f.default is MISSING and f.default_factory is MISSING]
    if absent:
        raise MappingError("MAPPING_MISSING_KEY", where, f"缺少键 {absent[0]}", f"key {absent[0]} is missing")
    inside = f"{where}." if where else ""
    return kind(**{f.name: f.metadata["read"](data[k], inside + k) for k, f in declared.items() if k in data})


def _unknown(name: str, declared: Iterable[str], where: str) -> MappingError:
    near = difflib.get_close_matches(str(name), declared, n=1)
    known = ", ".join(declared)
    zh = f"没有键 {name!r}" + (f"，是否指 {near[0]}？" if near else "") + f"；可用：{known}"
    en = f"no key {name!r}" + (f", did you mean {near[0]}?" if near else "") + f"; known: {known}"
    return MappingError("MAPPING_UNKNOWN_KEY", where or "（顶层）", zh, en)
