"""The draft of a court's rule table: the suggested values from a day to come, for a person to sign or to throw away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from models.rules.loading import Draft, Values, draft_text, own_texts, unsigned
from training.provenance import write_whole
from training.rule_tools.tables.opening import open_table
from training.suggesting.suggestion import Suggestion
from training.suggesting.trials import UNUSED

MARK = "模拟数据，不得用于办案 / simulated data, not for real cases"
_CHECK = (
    "签署人核对证据（同目录上级的 report.md）",
    "Whoever signs checks the evidence (report.md beside this folder)",
)
_TITLE = ("建议参数草案（未签署）", "draft of suggested parameters (unsigned)")


def write_draft(found: Suggestion, folder: Path, *, version: str, notes: Mapping[str, str]) -> Path:
    """Write the draft, with the court's files that it extends beside it, and open it as any table is opened.

    Raises
    ------
    CommandError
        RULES_REJECTED: the draft would not be a table within the law.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in own_texts(found.table.texts):
        write_whole(folder / name, text)
    path = folder / f"{version}.toml"
    write_whole(path, text_of(found, version=version, notes=notes))
    open_table(path)
    return path


def text_of(found: Suggestion, *, version: str, notes: Mapping[str, str]) -> str:
    """Return the text of the draft; `notes` say beside each value where it comes from."""
    asked, table = found.asked, found.table
    lines = [
        f"{name} = {_number(value)}{_comment(notes, name)}"
        for name, value in sorted(found.values.items())
        if value != UNUSED
    ]
    remarks = (MARK,) if asked.history.simulated else ()
    draft = Draft(court=table.court, version=version, title=_TITLE, comments=unsigned(*_CHECK, *remarks))
    return draft_text(draft, [Values(version=version, day=asked.on, lines=lines)], texts=table.texts)


def _comment(notes: Mapping[str, str], name: str) -> str:
    return f"    # {notes[name]}" if name in notes else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.12g}"
