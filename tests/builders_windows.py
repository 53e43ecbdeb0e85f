"""Builders for tests of urging windows: windows that are signed, and tables that name later ones of their own."""

from __future__ import annotations

from datetime import date

from models.rules.loading import shipped_default
from models.rules.table import RuleTable
from models.rules.windows import SignedWindow

COURT = "浙1022"
BASE = RuleTable.load()


def signed(day: str, days: int, number: int = 1) -> SignedWindow:
    """Return a window that was signed."""
    return SignedWindow(day=date.fromisoformat(day), days=days, id=f"UW-20261120-{number:06d}")


def court_text(day: str, days: int, name: str = "own") -> tuple[str, str]:
    """Return a court's file over the shipped table with another window from a day on."""
    text = f"""
format = "fenliu-rules/1"
scope = "court"
court = "{COURT}"
version = "{name}"
extends = "default"
title = ["本院规则", "the court's rules"]
[[parameters]]
version = "{name}"
in_force_from = {day}
[parameters.values]
urging_days = {days}
"""
    return f"{name}.toml", text


def table(day: str, days: int) -> RuleTable:
    """Return the shipped table with another window from a day on."""
    return RuleTable.of([court_text(day, days), shipped_default()])


def days_on(found: RuleTable, *days: str) -> list[int]:
    """Return the window of some days."""
    return [int(found.on(date.fromisoformat(day)).number("urging_days")) for day in days]
