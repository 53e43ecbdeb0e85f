"""What a run leaves behind: figures, the report as shown, what was said on the way, and where all of it came from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from features.history_tables import TABLES
from models.rules.table import RuleTable
from training.console import Console, Form, Result
from training.history import History
from training.page import SIMULATED, page, picture, tables_of
from training.provenance import code_version, file_sha256, lock_sha256, write_json, write_whole

READ = ("meta.json", *(f"{name}.parquet" for name in TABLES))
"""Files of a history that a run over past cases reads."""


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """Where the figures of a run come from: the options of the command, the history and the rule tables it read."""

    options: Mapping[str, object]
    history: History | None = None
    tables: Mapping[str, RuleTable] = field(default_factory=dict)


def write_run(
    run: Path,
    result: Result,
    grounds: Grounds,
    *,
    console: Console,
    title: tuple[str, str] = ("运行报告", "report of a run"),
    pictures: Sequence[Path] = (),
) -> None:
    """Write metrics.json, report.md, report.html, log.jsonl, the tables under their names, and config.lock.json."""
    history = grounds.history
    write_json(run / "metrics.json", result.document)
    found = {} if history is None else {name: history.path / name for name in READ if (history.path / name).is_file()}
    hashes = {name: file_sha256(path) for name, path in found.items()}
    lock = {"options": grounds.options, "history_sha256": hashes, "code_version": code_version()}
    write_json(run / "config.lock.json", lock | {"lock_sha256": lock_sha256()})
    for side, table in grounds.tables.items():
        (run / side).mkdir()
        for name, text in table.texts:
            write_whole(run / side / name, text)
    simulated = history is not None and history.simulated
    write_report(run, result, console=console, title=title, pictures=pictures, simulated=simulated)


def write_report(
    run: Path,
    result: Result,
    *,
    console: Console,
    title: tuple[str, str],
    pictures: Sequence[Path] = (),
    simulated: bool,
) -> None:
    """Write report.md, report.html with the pictures in it, and log.jsonl."""
    lang = console.lang
    with (run / "report.md").open("w", encoding="utf-8") as file:
        Console(lang=lang, form=Form.MD, out=file).show(result)
    drawn = [picture(path) for path in pictures if path.suffix == ".svg"]
    mark = lang.say(*SIMULATED) if simulated else ""
    write_whole(run / "report.html", page(lang.say(*title), [*tables_of(result, lang), *drawn], lang=lang, mark=mark))
    write_whole(run / "log.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in console.heard))
