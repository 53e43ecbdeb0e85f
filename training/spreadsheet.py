"""Cells that a spreadsheet takes as text: nothing that people or courts wrote is ever run as a formula."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet run a cell; such text gets an apostrophe in front."""


def safe(value: object) -> object:
    """Return a value as a cell may hold it: empty for None, text that cannot be taken for a formula."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
