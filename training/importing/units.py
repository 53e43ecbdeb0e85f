"""Units in which a source may give a value, and the factor to the unit of the register."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from features.register import Field

_MONEY: Mapping[str, str] = MappingProxyType(
    {"元": "1", "yuan": "1", "万元": "10000", "wan": "10000", "千元": "1000", "亿元": "100000000", "角": "0.1",
     "分": "0.01", "fen": "0.01"},
)  # fmt: skip
_TIME: Mapping[str, str] = MappingProxyType(
    {"日": "1", "天": "1", "days": "1", "周": "7", "weeks": "7", "月": "30.4375", "months": "30.4375", "年": "365.25",
     "years": "365.25"},
)  # fmt: skip
_SHARE: Mapping[str, str] = MappingProxyType({"%": "0.01", "percent": "0.01"})
_REGISTERED: Mapping[str, tuple[Mapping[str, str], str]] = MappingProxyType(
    {
        "CNY": (_MONEY, "1"),
        "CNY 10k": (_MONEY, "10000"),
        "CNY/month": (_MONEY, "1"),
        "day": (_TIME, "1"),
        "year": (_TIME, "365.25"),
        "0-1": (_SHARE, "1"),
        "ratio": (_SHARE, "1"),
    },
)
"""Unit of the register -> the source units that convert to it, and its own size in their scale."""


def allowed_units(field: Field) -> tuple[str, ...]:
    """Return the source units that can be given for a field; empty when it has only its own."""
    table, _ = _REGISTERED.get(field.unit, ({}, "1"))
    return tuple(table)


def factor(unit: str, field: Field) -> Decimal:
    """Return what a source number is multiplied by; without a unit it is already in the register's own.

    Raises
    ------
    KeyError
        The unit does not convert to the field's.
    """
    table, size = _REGISTERED.get(field.unit, ({}, "1"))
    return Decimal(table[unit]) / Decimal(size) if unit else Decimal(1)
