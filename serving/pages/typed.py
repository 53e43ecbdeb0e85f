"""What somebody typed into a form, as a request holds it: 3.8万元 is 38000.00, 物业服务合同纠纷 is its number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from features.causes import causes_on
from features.register import Field

_AMOUNT: Final = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)(万?)元?")
_GROUPS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?(万?元?)")
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COUNT: Final = re.compile(r"\d{1,9}")
_NUMBER: Final = re.compile(r"\d{1,9}(\.\d{1,6})?")
_MYRIAD: Final = 10_000


def typed_of(field: Field, text: str) -> object:
    """Return what was typed into a field as a request holds it; what is no such value stays a text and is refused."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if field.type == "bool":
        return {"true": True, "false": False}.get(text, text)
    if field.type == "float":
        return float(plain) if _NUMBER.fullmatch(plain) else text
    if field.type == "int":
        return int(plain) if _COUNT.fullmatch(plain) else text
    if field.type == "decimal":
        return _amount(plain) or text
    return _day(plain) or text if field.type == "date" else text


def _amount(text: str) -> str:
    """Return an amount in yuan and cents; empty where it is none, or would lose what stands beyond the cents."""
    written = text.replace(" ", "")
    if _GROUPS.fullmatch(written):
        written = written.replace(",", "")
    found = _AMOUNT.fullmatch(written)
    if found is None:
        return ""
    yuan = Decimal(found[1]) * (_MYRIAD if found[2] else 1)
    cents = yuan.quantize(Decimal("0.01"))
    return str(cents) if cents == yuan else ""


def _day(text: str) -> str:
    """Return a day as 2025-07-30, however its parts were parted; empty where there is no such day."""
    found = _DAY.fullmatch(text.replace(" ", ""))
    try:
        return "" if found is None else date(*map(int, found.groups())).isoformat()
    except ValueError:
        return ""


def with_cause_number(case: Mapping[str, object], *, today: date) -> dict[str, object]:
    """Return a case whose cause, where its name was typed, is the number in the list in force for its basis."""
    found = dict(case)
    typed = found.get("cause_code")
    if isinstance(typed, str):
        name = unicodedata.normalize("NFKC", typed).strip()
        day = str(found.get("basis_effective_date") or today.isoformat())
        numbers = {cause: number for number, cause in causes_on(_known_day(day) or today).items()}
        found["cause_code"] = numbers.get(name, numbers.get(f"{name}纠纷", name))
    return found


def _known_day(text: str) -> date | None:
    written = _day(text)
    return date.fromisoformat(written) if written else None
