"""What the verbs of `fenliu rules` do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from models.rules.table import RuleTable
from training.commands.session import DONE, REJECTED, Session
from training.console import Column, Result


def check(session: Session, *, files: Sequence[Path], on: date | None) -> int:
    """List every fault of the tables; `on` names a day on which rules must be in force."""
    faults = RuleTable.check(files)
    if not faults and on is not None:
        RuleTable.load(files).on(on)
    columns = (Column("file", "文件", "file"), Column("rule", "规则", "rule"), Column("what", "问题", "fault"))
    rows = [{"file": one.file, "rule": one.rule, "what": f"{one.zh} / {one.en}"} for one in faults]
    session.console.show(Result(columns, rows))
    return REJECTED if faults else DONE
