"""What a run over past cases leaves behind: figures, the report as shown, the tables, and where all of it came from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from features.history_tables import TABLES
from models.rules.table import RuleTable
from training.console import Console, Form, Lang, Result
from training.history import History
from training.provenance import code_version, file_sha256, write_json, write_whole

READ = ("meta.json", *(f"{name}.parquet" for name in TABLES))
"""Files of a history that a run over past cases reads."""


def write_run(
    run: Path,
    result: Result,
    history: History,
    *,
    tables: Mapping[str, RuleTable],
    lang: Lang,
    options: Mapping[str, object],
) -> None:
    """Write metrics.json, report.md, the tables under their names, and config.lock.json."""
    write_json(run / "metrics.json", result.document)
    hashes = {name: file_sha256(history.path / name) for name in READ if (history.path / name).is_file()}
    write_json(run / "config.lock.json", {"options": options, "history_sha256": hashes, "code_version": code_version()})
    for side, table in tables.items():
        (run / side).mkdir()
        for name, text in table.texts:
            write_whole(run / side / name, text)
    with (run / "report.md").open("w", encoding="utf-8") as file:
        Console(lang=lang, form=Form.MD, out=file).show(result)
