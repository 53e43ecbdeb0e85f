"""In what two cases are the same and in what they differ, in the words of the field register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from features.causes import cause_name
from features.english import english_of
from features.register import Field, Privacy, Register

Pair = tuple[str, str]
"""Chinese and English words."""

COMPARED: Final = (
    "cause_code", "claim_amount", "applicant_type", "debtor_type", "basis_type", "n_debtors", "default_judgment",
    "served_by_notice", "paid_before", "preserved", "collateral_type", "phone_provided", "address_confirmed",
    "dishonest_now", "voluntary_n", "livelihood",
)  # fmt: skip
"""Facts that a judge compares, the weightiest first; of these only what the register does not class as personal."""

CLOSE: Final = Decimal("1.25")
"""Sums whose larger is at most so many times the smaller are called alike."""


@dataclass(frozen=True)
class Points:
    """What is the same, and what differs (with the other case's value)."""

    same: tuple[Pair, ...]
    different: tuple[Pair, ...]


def points_of(own: Mapping[str, Any], other: Mapping[str, Any], register: Register) -> Points:
    """Compare two cases as they are kept; a fact that is unknown in either is neither same nor different."""
    same: list[Pair] = []
    different: list[Pair] = []
    for name in COMPARED:
        if own.get(name) is None or other.get(name) is None or register[name].privacy is not Privacy.NONE:
            continue
        field = register[name]
        if _alike(name, own, other):
            same.append((field.zh, field.en))
        else:
            different.append(_said(field, other))
    return Points(tuple(same), tuple(different))


def _alike(name: str, own: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if name == "cause_code":
        return cause_name(own) == cause_name(other)
    if name in {"claim_amount", "paid_before"}:
        low, high = sorted((Decimal(str(own[name])), Decimal(str(other[name]))))
        return high == low or (low > 0 and high <= low * CLOSE)
    return bool(own[name] == other[name])


def _said(field: Field, other: Mapping[str, Any]) -> Pair:
    zh, en = _value(field, other)
    return f"{field.zh}：{zh}", f"{field.en.replace('_', ' ')}: {en}"


def _value(field: Field, other: Mapping[str, Any]) -> Pair:
    value = other[field.name]
    if field.name == "cause_code":
        name = cause_name(other) or str(value)
        return name, name
    if field.type == "bool":
        return ("是", "yes") if value else ("否", "no")
    if field.type == "decimal":
        shown = f"{Decimal(str(value)):,.2f}"
        return f"{shown} 元", f"{shown} yuan"
    if field.codes:
        return field.zh_of(str(value)), english_of(str(value))
    return str(value), str(value)
