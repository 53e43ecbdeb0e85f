"""Builders for the docket: commands run in this process, day lists and team files as a court writes them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from features.clock import SHANGHAI
from tests.builders_teams import FILE, write_file
from training.commands import docket
from training.commands.session import Session
from training.console import Console, Form
from training.provenance import Home

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=SHANGHAI)
HEADINGS = (
    "案件编号",
    "程序",
    "案由类别",
    "涉民生",
    "法定期限",
    "收到日期",
    "名额价值",
    "归并组",
    "原承办团队",
    "回避人员",
)
ASSIGN: dict[str, Any] = {
    "day": NOW.date(), "stage": "A", "model": "none", "rules": None, "since": None, "until": None, "loads": None,
    "decided": None, "on_hand": None, "utility": None, "batch_settings": None, "prices": True,
}  # fmt: skip
BATCHES: dict[str, Any] = {
    "stage": "A", "model": "none", "rules": None, "since": None, "until": None, "on_hand": None,
    "one_applicant": False, "batch_settings": None, "trends": None, "by": "applicant",
}  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """What came of a command: its exit status and what it wrote to stdout and stderr."""

    status: int
    out: str
    err: str


def lines(path: Path, *rows: Sequence[str], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8") -> Path:
    """Write a list; short rows are filled up with empty cells."""
    full = [[*row, *[""] * (len(headings) - len(row))] for row in (headings, *rows)]
    path.write_text("".join(",".join(row) + "\n" for row in full), encoding=encoding)
    return path


def assigned(
    folder: Path, source: Path, *, seed: int = 7, form: Form = Form.JSON, teams: str = FILE, **options: Any
) -> Ran:
    """Run `fenliu assign` on a source, with the usual team file, into assigned.csv of the folder."""
    session, told = _session(folder, "assigned.csv", seed=7, form=form, **_shared(options))
    status = docket.assign(session, source=source, teams=write_file(folder, teams), **(ASSIGN | options))
    return Ran(status, *told())


def grouped(folder: Path, source: Path, *, seed: int = 7, form: Form = Form.JSON, **options: Any) -> Ran:
    """Run `fenliu batches` on a source into groups.csv of the folder."""
    session, told = _session(folder, "groups.csv", seed=seed, form=form, **_shared(options))
    status = docket.batches(session, source=source, **(BATCHES | options))
    return Ran(status, *told())


def verified(folder: Path, record: Path, sha256: str | None = None) -> Ran:
    """Run `fenliu verify-draws`."""
    session, told = _session(folder, "-", seed=0, form=Form.JSON)
    return Ran(docket.verify_draws(session, record=record, sha256=sha256), *told())


def _shared(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options.pop(name) for name in ("force", "dry_run") if name in options}


def _session(folder: Path, out: str, *, seed: int, form: Form, **shared: Any) -> tuple[Session, Any]:
    streams = io.StringIO(), io.StringIO()
    console = Console(form=form, progress=False, out=streams[0], err=streams[1])
    session = Session(console=console, home=Home(folder), now=NOW, seed=seed, out=folder / out, **shared)
    return session, lambda: [stream.getvalue() for stream in streams]
