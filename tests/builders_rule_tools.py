"""Court tables for the rule tools: the shipped one with some words changed, more rules, or later parameters."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from models.rules.table import RuleTable

STATUTE, COURT = (text for _, text in RuleTable.load().texts)

SMALL_CLAIMS = """
[[rule]]
id = "K01"
kind = "block_urge"
stages = "A"
zh = "小额案件直接立案"
en = "small claims are filed at once"
basis = "本院规则 2027-01"
in_force_from = 2022-01-01
on_unknown = "block_urge"

[[rule.condition]]
id = "K01.1"
test = "below"
field = "claim_amount"
params = { value = 50000 }
met = ["标的额 {value} 元，小额案件直接立案", "small claim of {value} yuan: filed at once"]
not_met = ["标的额 {value} 元，非小额案件", "claim of {value} yuan: not small"]
"""
"""A court's own rule: claims below 50,000 yuan are not urged."""


def changed(text: str, *changes: tuple[str, str]) -> str:
    """Return a text with some words replaced; words that are not there are a fault of the test."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def court(*changes: tuple[str, str], more: str = "") -> str:
    """Return the shipped court table with some words replaced and further text at its end."""
    return changed(COURT, *changes) + more


def table(*changes: tuple[str, str], more: str = "", statute: str = STATUTE) -> RuleTable:
    """Return the table of such a text."""
    return RuleTable.of([("statutory.toml", statute), ("court.toml", court(*changes, more=more))])


def later(day: str, *changes: tuple[str, str]) -> str:
    """Return the shipped court table with a second set of parameters from a day on, some of their words replaced."""
    start = COURT.index("[[parameters]]")
    end = COURT.index("# ----", start)
    first = COURT[start:end]
    begins = "in_force_from = 2022-01-01"
    second = changed(first, ('version = "2026-11"', f'version = "{day}"'), (begins, f"in_force_from = {day}"), *changes)
    return COURT[:start] + changed(first, (begins, f"{begins}\nuntil = {day}")) + second + COURT[end:]


def later_table(day: str, *changes: tuple[str, str]) -> RuleTable:
    """Return the table of such a text."""
    return RuleTable.of([("statutory.toml", STATUTE), ("court.toml", later(day, *changes))])


LOW_MARK = ("willingness_threshold = 0.50", "willingness_threshold = 0.25")
"""A mark that scores of a small bundle reach often enough for tests to see urging."""


def written(folder: Path, text: str, name: str = "court.toml") -> Path:
    """Write a text into a folder and return the file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@cache
def shipped() -> RuleTable:
    """Return the shipped table."""
    return RuleTable.load()
