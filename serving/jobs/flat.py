"""Cases in flat tables: a row of columns becomes the request it stands for, by the field register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from features.register import Field, Register

ENVELOPE: Final = ("application_id", "court_code", "stage", "as_of", "schema_version")
"""Columns of the request itself; every other column is a field of the case."""

_ALSO_SPOKEN: Final[Mapping[str, str]] = MappingProxyType(
    {"案由": "cause_code", "阶段": "stage", "评分时点": "as_of", "数据格式版本": "schema_version"}
)
_YES: Final = frozenset({"true", "1", "yes", "是"})
_NO: Final = frozenset({"false", "0", "no", "否"})


def name_of(heading: str, register: Register) -> str:
    """Return the field that a column's heading means: its name, or its Chinese name in the register."""
    text = heading.strip()
    return _spoken(register).get(text, text)


@lru_cache(maxsize=4)
def _spoken(register: Register) -> Mapping[str, str]:
    return MappingProxyType({**{field.zh: field.name for field in register.fields}, **_ALSO_SPOKEN})


def request_of(row: Mapping[str, object], register: Register) -> dict[str, object]:
    """Return the request that a row stands for; empty cells are unknown facts and are left out.

    Cells are text, or values of their own kind. What cannot be read is passed
    on as it is, for the case's own reader to refuse with its place.
    """
    given = {name: value for name, value in row.items() if value is not None and value != ""}
    facts = {name: _fact(value, register, name) for name, value in given.items() if name not in ENVELOPE}
    return {**{name: _spelt(given[name]) for name in ENVELOPE if name in given}, "case": facts}


def _fact(value: object, register: Register, name: str) -> object:
    if name not in register:
        return _spelt(value)
    field = register[name]
    return _from_text(value, field) if isinstance(value, str) else _typed(value, field)


def _from_text(text: str, field: Field) -> object:
    word = text.strip()
    if field.type == "bool":
        return True if word.lower() in _YES else False if word.lower() in _NO else word
    if field.type in {"int", "ordinal"}:
        return int(word) if word.lstrip("+-").isdigit() and word.isascii() else word
    if field.type == "float":
        try:
            return float(word)
        except ValueError:
            return word
    if field.type == "set":
        return [part for part in word.split("/") if part]
    return word


def _typed(value: object, field: Field) -> object:
    if field.type == "decimal" and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{Decimal(str(value)):.2f}" if Decimal(str(value)).is_finite() else str(value)
    if field.type == "set" and isinstance(value, Iterable):
        return [str(one) for one in value]
    return _spelt(value)


def _spelt(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
