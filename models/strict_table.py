"""Strict reading of a court's settings files: every fault is named, with its place, what stood there and what may."""

from __future__ import annotations

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from features.characters import LINES

Table = Mapping[str, Any]
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a settings file, in both languages; never a person's data."""

    file: str
    place: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.file} {self.place}：{self.zh} / {self.en}"


class SettingsError(ValueError):
    """A settings file cannot be used; carries every fault found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("；".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass
class Reading:
    """One file while it is read: its faults are collected, so that a person sees all of them at once.

    Every method returns a usable value even after a fault; `check` raises at
    the end, before anybody uses what was read.
    """

    file: str
    faults: list[Fault] = field(default_factory=list)

    def document(self, text: str) -> Table:
        """Return the file's table: JSON where the name ends in .json, else TOML."""
        try:
            found = json.loads(text, object_pairs_hook=_once) if self.file.endswith(".json") else tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            self.fault("-", f"无法解析：{_in_chinese(str(error))}", f"cannot be parsed: {error}")
            return {}
        if not isinstance(found, dict):
            self.fault("-", "最外层应为一张表", "the top level must be a table")
            return {}
        return found

    def fault(self, place: str, zh: str, en: str) -> None:
        """Note one fault."""
        self.faults.append(Fault(self.file, place, zh, en))

    def check(self) -> None:
        """Raise SettingsError when anything was wrong."""
        if self.faults:
            raise SettingsError(self.faults)

    def only(self, place: str, row: Table, known: AbstractSet[str]) -> None:
        """Note every key that is not known."""
        for key in sorted(set(row) - known):
            allowed = "、".join(sorted(known))
            self.fault(place, f"不认识的键 {key!r}，可用：{allowed}", f"unknown key {key!r}; known: {allowed}")

    def format(self, row: Table, wanted: str) -> None:
        """Note a file of another format."""
        if row.get("format") != wanted:
            found = written(row.get("format"))
            self.fault("-", f"format 应为 {wanted!r}，实为 {found}", f"the format must be {wanted!r}")

    def text(self, place: str, row: Table, key: str, *, default: str | None = None) -> str:
        """Return a text that is not empty; without a default it has to be there."""
        if key not in row and default is not None:
            return default
        value = row.get(key)
        if not isinstance(value, str) or not value.strip():
            self.fault(place, f"{key!r} 缺失或不是文字", f"{key!r} is missing or no text")
            return ""
        if not is_plain(value):
            self.fault(place, f"{key!r} 含看不见的字符，请重新输入", f"{key!r} holds characters that do not show")
        return value

    def texts(self, place: str, row: Table, key: str) -> tuple[str, ...]:
        """Return a list of texts, each once; an absent key is an empty list."""
        value = row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            self.fault(place, f"{key!r} 应为文字的列表", f"{key!r} takes a list of texts")
            return ()
        if len(set(value)) < len(value):
            self.fault(place, f"{key!r} 有重复项", f"{key!r} repeats itself")
        return tuple(value)

    def codes(self, place: str, row: Table, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Return a list of allowed codes, each once."""
        found = self.texts(place, row, key)
        for one in sorted(set(found) - set(allowed)):
            known = "、".join(allowed)
            self.fault(place, f"{key!r} 不认识 {one!r}，可用：{known}", f"{key!r} knows no {one!r}; allowed: {known}")
        return tuple(one for one in found if one in allowed)

    def number(
        self, place: str, row: Table, key: str, *, least: float, most: float, default: float | None = None
    ) -> float:
        """Return a finite number within limits."""
        value = row.get(key, default)
        if value is None:
            self.fault(place, f"缺少 {key!r}", f"{key!r} is missing")
            return least
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.fault(place, f"{key!r} 应为数字，实为 {written(value)}", f"{key!r} takes a number, got {value!r}")
            return least
        if not least <= value <= most:
            zh = f"{key!r} 应在 {least:g} 与 {most:g} 之间，实为 {value:g}"
            self.fault(place, zh, f"{key!r} lies between {least:g} and {most:g}, got {value:g}")
            return least
        return float(value)

    def flag(self, place: str, row: Table, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = row.get(key, default)
        if not isinstance(value, bool):
            self.fault(place, f"{key!r} 应为 true 或 false，实为 {written(value)}", f"{key!r} takes true or false")
            return default
        return value

    def day(self, place: str, row: Table, key: str, *, default: date | None = None) -> date:
        """Return a date: a TOML date, or its ISO text in JSON; without a default it has to be there."""
        value = row.get(key, default)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str) and (found := _iso(value)) is not None:
            return found
        zh = f"{key!r} 应为日期（如 2026-11-01），实为 {written(value)}"
        self.fault(place, zh, f"{key!r} takes a date such as 2026-11-01, got {value!r}")
        return date.min

    def span(self, place: str, row: Table, *, default: date | None = None) -> tuple[date, date | None]:
        """Return the days of `from` and `until`, the latter no longer included and None where it is open."""
        first = self.day(place, row, "from", default=default)
        until = self.day(place, row, "until") if "until" in row else None
        if until is not None and until <= first:
            zh = f"until {until} 应晚于 from {first}（until 当日已不含）"
            self.fault(place, zh, f"until {until} must be after from {first}; that day is no longer included")
        return first, until

    def choice(self, place: str, row: Table, key: str, options: type[Choice]) -> Choice | None:
        """Return one of a few codes, or None after a fault."""
        value = row.get(key)
        if isinstance(value, str) and value in set(options):
            return options(value)
        known = "、".join(options)
        zh = f"{key!r} 应为 {known} 之一，实为 {written(value)}"
        self.fault(place, zh, f"{key!r} is one of {known}, got {value!r}")
        return None

    def table(self, place: str, row: Table, key: str) -> Table:
        """Return a table of its own; an absent key is an empty one."""
        found = row.get(key, {})
        if not isinstance(found, dict):
            self.fault(place, f"{key!r} 应为一张表", f"{key!r} takes a table")
            return {}
        return found

    def tables(self, place: str, row: Table, key: str) -> list[Table]:
        """Return a list of tables; an absent key is an empty list."""
        found = row.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.fault(place, f"{key!r} 应写作 [[{key}]]", f"{key!r} is written [[{key}]]")
            return []
        return found


def written(value: object) -> str:
    """Return a value as a clerk would find it in the file."""
    if value is None:
        return "未写"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else repr(value)


def is_plain(text: str) -> bool:
    """Whether every character of a text can be seen: marks that turn or hide what stands around them cannot."""
    return _UNSEEN.search(text) is None


_UNSEEN = re.compile(f"[{LINES}]")


_PLACE = re.compile(r"line (\d+),? column (\d+)")
_PARSER_ZH = (
    ("Invalid date", "日期不存在或写法有误"),
    ("Cannot overwrite", "同一个键写了两次"),
    ("Cannot declare", "同一张表写了两次"),
    ("Cannot mutate", "同一张表写了两次"),
    ("Illegal character", "有不允许的字符"),
    ("Unterminated string", "引号没有成对"),
    ("Unclosed", "括号没有成对"),
    ("Expected", "括号、引号、等号或换行有缺漏"),
    ("Invalid value", "值的写法有误：文字须加引号"),
    ("Invalid statement", "这一行不是“键 = 值”，也不是表头"),
    ("Unescaped", "反斜线的写法有误"),
    ("recursion", "嵌套过深"),
)
"""How the parsers of TOML and JSON begin to complain, and what that means."""


def _in_chinese(complaint: str) -> str:
    """Return what a parser complains of in Chinese, with line and column where it names them."""
    found = _PLACE.search(complaint)
    where = f"第 {found[1]} 行第 {found[2]} 列，" if found else "文件末尾，" if "end of document" in complaint else ""
    return where + next((zh for begins, zh in _PARSER_ZH if begins in complaint), "写法不合格式")


class Entry(NamedTuple):
    """How one figure of a setting is worded, its unit, and the limits within which it makes sense."""

    zh: str
    en: str
    unit: str
    least: float
    most: float


@dataclass(frozen=True)
class Line:
    """One figure of a setting as it is printed: in words, with its unit, and whether the court set it itself."""

    name: str
    zh: str
    en: str
    value: float
    unit: str
    assumption: bool


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A setting made of figures: who set it, every value by name, and which of them are the court's own."""

    version: str
    set_by: str
    values: Mapping[str, float]
    own: frozenset[str]

    @property
    def sha256(self) -> str:
        """The fingerprint of version and values."""
        lines = (f"{name}={value!r}" for name, value in sorted(self.values.items()))
        return hashlib.sha256("\n".join((self.version, *lines)).encode()).hexdigest()

    def lines(self, entries: Mapping[str, Entry]) -> tuple[Line, ...]:
        """Return every figure in words; one that the court did not set itself is an assumption."""
        return tuple(
            Line(name, one.zh, one.en, self.values[name], one.unit, assumption=name not in self.own)
            for name, one in entries.items()
        )


def read_figures(shipped: tuple[str, str], own: Path | None, entries: Mapping[str, Entry], wanted: str) -> Figures:
    """Return the shipped figures (name and text of the file), with a court's own where its file names them.

    Raises
    ------
    SettingsError
        A file has an unknown key, a value that is no number or out of range,
        or another format than `wanted`; it carries every fault.
    """
    base = _figures(*shipped, entries, wanted)
    if own is None:
        return Figures(version=base.version, set_by=base.set_by, values=base.values, own=frozenset())
    court = _figures(own.name, own.read_text(encoding="utf-8"), entries, wanted)
    both = MappingProxyType({**base.values, **court.values})
    return Figures(version=court.version, set_by=court.set_by, values=both, own=frozenset(court.values))


def _figures(file: str, text: str, entries: Mapping[str, Entry], wanted: str) -> Figures:
    reading = Reading(file)
    top = reading.document(text)
    reading.format(top, wanted)
    reading.only("-", top, frozenset({"format", "version", "set_by", "values"}))
    given = reading.table("-", top, "values")
    reading.only("values", given, frozenset(entries))
    values = {
        name: reading.number("values", given, name, least=one.least, most=one.most)
        for name, one in entries.items()
        if name in given
    }
    version, set_by = reading.text("-", top, "version"), reading.text("-", top, "set_by")
    reading.check()
    return Figures(version=version, set_by=set_by, values=values, own=frozenset())


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object; JSON itself would silently keep the last of two equal keys."""
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"键重复 / repeated key {twice[0]!r}"
        raise ValueError(msg)
    return dict(pairs)


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-01") else None
    except ValueError:
        return None
