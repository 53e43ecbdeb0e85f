"""The draft of a court's rule table: the suggested values from a day to come, for a person to sign or to throw away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from models.rules.loading import shipped_default
from models.rules.loading.shipped import shipped_court
from models.rules.table import RuleTable
from training.provenance import write_whole
from training.rule_tools.tables.opening import open_table
from training.suggesting.suggestion import Suggestion
from training.suggesting.trials import UNUSED

HEAD = """\
# 草案，未签署，不得施行。签署人核对证据（同目录上级的 report.md）后填写签署人和日期，再交付使用。
# Draft, unsigned: not to be put into force. Whoever signs checks the evidence (report.md beside this folder) first.
# signed_by = ""     签署人
# signed_on = ""     签署日期
{mark}
format = "fenliu-rules/1"
scope = "court"
court = "{court}"
version = "{version}"
extends = "{base}"
title = ["建议参数草案（未签署）", "draft of suggested parameters (unsigned)"]

[[parameters]]
version = "{version}"
in_force_from = {day}

[parameters.values]
"""
MARK = "# 模拟数据，不得用于办案 / simulated data, not for real cases\n"


def write_draft(found: Suggestion, folder: Path, *, version: str, notes: Mapping[str, str]) -> Path:
    """Write the draft, with the court's files that it extends beside it, and open it as any table is opened.

    Raises
    ------
    CommandError
        RULES_REJECTED: the draft would not be a table within the law.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _own(found.table):
        write_whole(folder / name, text)
    path = folder / f"{version}.toml"
    write_whole(path, text_of(found, version=version, notes=notes))
    open_table(path)
    return path


def text_of(found: Suggestion, *, version: str, notes: Mapping[str, str]) -> str:
    """Return the text of the draft; `notes` say beside each value where it comes from."""
    asked = found.asked
    head = HEAD.format(
        mark=MARK if asked.history.simulated else "",
        court=found.table.court,
        version=version,
        base=base_of(found.table),
        day=asked.on.isoformat(),
    )
    lines = [
        f"{name} = {_number(value)}{_comment(notes, name)}"
        for name, value in sorted(found.values.items())
        if value != UNUSED
    ]
    return head + "\n".join(lines) + "\n"


def _comment(notes: Mapping[str, str], name: str) -> str:
    return f"    # {notes[name]}" if name in notes else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.12g}"


def base_of(table: RuleTable) -> str:
    """Return the name under which the draft extends the table that it changes."""
    name = table.texts[1][0]
    return "default" if name == shipped_default()[0] else name.removesuffix(".toml")


def _own(table: RuleTable) -> list[tuple[str, str]]:
    """Return the court's files that do not come with the program."""
    shipped = {shipped_default()[0]}
    return [
        (name, text)
        for name, text in table.texts[1:]
        if name not in shipped and shipped_court(name.removesuffix(".toml")) is None
    ]
