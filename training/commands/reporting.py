"""What `fenliu report` does."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from training.commands.session import DONE, Session, free_output, load_bundle, refusing_bad_data
from training.errors import CommandError
from training.recording import record_report, recording_aside, registry_of
from training.reporting.record import Record
from training.reporting.writing import KINDS, written
from training.rule_tools.tables.opening import open_table
from training.run_folder import Grounds, write_run


def report(session: Session, *, model: str, kind: str, rules: Path | None) -> int:
    """Write a report about a bundle from what is on record."""
    if kind not in KINDS:
        zh = f"--kind 应为 {'、'.join(KINDS)} 之一，收到 {kind!r}"
        raise CommandError("USAGE", zh, f"--kind takes one of {', '.join(KINDS)}, got {kind!r}")
    folder = session.home.find_bundle(model)
    with refusing_bad_data():
        table = open_table(rules)
    record = Record.of(session.home, folder, load_bundle(folder), rules=table, at=session.now)
    if session.dry_run:
        session.console.note(f"将生成 {folder.name} 的 {kind}", f"would write {kind} of {folder.name}")
        return DONE
    with session.home.begun_run("report", session.now) as run:
        name = f"{kind}.{session.console.lang}.html"
        result = written(record, kind, free_output(session, run, session.out, name=name), session.console.lang)
        write_run(
            run, result, Grounds(options={"model": str(folder), "kind": kind}, tables={"rules": table}),
            console=session.console,
        )  # fmt: skip
    session.console.show(result)
    registry = registry_of(session.home, session.settings())
    if registry is not None:
        recording_aside(session.console, partial(record_report, registry, record.bundle, run=run))
    return DONE
