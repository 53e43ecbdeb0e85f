"""What somebody typed into a form, as a request holds it: amounts, days, numbers and ticks."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

from features.register import Field
from features.spellings import SpellingError, amount_of

_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COUNT: Final = re.compile(r"\d{1,9}")
_NUMBER: Final = re.compile(r"\d{1,9}(\.\d{1,6})?")


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
        return _amount(plain)
    return _day(plain) or text if field.type == "date" else text


def _amount(text: str) -> str:
    """Return an amount; what cannot be read for certain stays as it is, and is refused in the words of the form."""
    try:
        return amount_of(text) or text
    except SpellingError:
        return text


def _day(text: str) -> str:
    """Return a day as 2025-07-30, however its parts were parted; empty where there is no such day."""
    found = _DAY.fullmatch(text.replace(" ", ""))
    try:
        return "" if found is None else date(*map(int, found.groups())).isoformat()
    except ValueError:
        return ""
