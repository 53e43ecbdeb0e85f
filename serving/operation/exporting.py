"""`fenliu-serve export` and `outcomes`: the record goes out as history, and outcomes come in from a file."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from models.bundle import load_verified
from serving.door.problems import ProblemError
from serving.history.export import HistoryExport
from serving.model_life import load_current
from serving.model_life.standing import register_of
from serving.opening import now, operator
from serving.operation.opened import opened
from serving.record.opening import open_outcomes
from serving.record.outcomes import OutcomeFileError
from serving.routes.outcomes import events_of
from serving.settings import Settings

Say = Callable[[str], None]

MOST_ROWS: Final = 1_000_000
MOST_SHOWN: Final = 20
"""Faults of a file that are printed."""


def export_history(settings: Settings, out: Path, *, say: Say) -> None:
    """Write the record as a history folder.

    Raises
    ------
    FileExistsError
        There is something at that place already.
    StoreUnavailableError
        The record could not be read.
    """
    life = load_current(settings.bundles, load=load_verified)
    extensions = () if life.bundle is None else tuple(life.bundle.extensions)
    with opened(settings) as (store, keys):
        found = HistoryExport(store, keys, register_of(life.bundle), extensions).write(out, origin=operator(), at=now())
    rows = "，".join(f"{name} {count}" for name, count in found.rows.items())
    say(f"已导出至 {out}：{rows}（已删除而未导出 {found.erased} 件）/ exported; {found.erased} erased cases left out")


def take_outcomes(settings: Settings, file: Path, *, say: Say) -> None:
    """Take in a file of events (.csv, or a JSON object a line) as one report: all of it or nothing.

    The same file again leads to the same receipt: its content is its key.

    Raises
    ------
    OutcomeFileError
        Some line makes no sense; the lines are named, nothing was taken in.
    StoreUnavailableError
        Nothing was taken in.
    """
    rows = list(_lines(file))
    key = f"file-{hashlib.sha256(file.read_bytes()).hexdigest()}"
    with opened(settings) as (store, keys):
        try:
            events = events_of({"events": rows}, most=MOST_ROWS)
            found = open_outcomes(store, keys, clock=now).report(events, key=key, origin=operator())
        except ProblemError as error:
            raise _refused(file, error) from None
    count = len(found.events)
    if found.replayed:
        say(f"此前已入档 {count} 项，回执 {found.id} / {count} events were on record before, receipt {found.id}")
    else:
        say(f"已入档 {count} 项，回执 {found.id} / {count} events are on record, receipt {found.id}")


def _lines(file: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            if file.suffix.lower() == ".csv":
                for row in csv.DictReader(lines, strict=True):
                    yield {name: value for name, value in row.items() if value != ""}
            else:
                yield from (json.loads(line) for line in lines if line.strip())
    except (ValueError, csv.Error):
        msg = f"{file.name} 不是 UTF-8 的 CSV 或逐行 JSON / neither CSV nor JSON lines in UTF-8"
        raise OutcomeFileError(msg) from None


def _refused(file: Path, error: ProblemError) -> OutcomeFileError:
    """Return the fault of a file with the places of its events, never their contents."""
    lines = [f"{file.name}：{len(error.errors)} 处不符合要求，全部未入档 / faults; nothing was taken in"]
    for one in error.errors[:MOST_SHOWN]:
        place, _, field = str(one["pointer"]).removeprefix("/events/").partition("/")
        where = f"第 {int(place) + 1} 项 {field}" if place.isdigit() else "文件"
        lines.append(f"  {where}：{one['message']} / {one['message_en']}")
    return OutcomeFileError("\n".join(lines))
