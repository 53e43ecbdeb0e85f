"""What `fenliu monitor` does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from training.commands.session import DONE, GATE_FAILED, Session, load_bundle, refusing_bad_data
from training.history import History
from training.monitoring.alarms import Level, alarms
from training.monitoring.monitoring import Watch
from training.monitoring.results import MonitorResults
from training.monitoring.watched import Window
from training.provenance import write_json
from training.recording import record_monitoring, recording_aside, registry_of
from training.rule_tools.tables.opening import open_table
from training.run_folder import Grounds, write_run


def monitor(session: Session, *, model: str, since: date | None, alert: Path | None, rules: Path | None) -> int:
    """Watch a bundle on the newest cases, say what is wrong, and leave an alarm file for schedulers."""
    folder = session.home.find_bundle(model)
    session = replace(session, config=session.config or session.home.config_of(folder))
    settings, bundle, table = session.settings(), load_bundle(folder), open_table(rules)
    if session.dry_run:
        session.console.note(f"将监测 {folder.name}", f"would watch {folder.name}")
        return DONE
    with refusing_bad_data(), session.home.begun_run("monitor", session.now, out=session.out) as run:
        history = History.open(session.history)
        window = Window.of(bundle, history, settings, since=since)
        found = Watch(bundle, history, table, settings, window).run(console=session.console)
        raised = alarms(found, settings.monitor)
        results = MonitorResults(found, raised, session.console.lang)
        result = results.result({"run": str(run), "at": session.now.isoformat()})
        options = {"model": str(folder), "since": since, "settings": settings.document()}
        grounds = Grounds(options=options, history=history, tables={"rules": table})
        for one in raised:
            if one.level is Level.ALARM:
                session.console.warn(f"{one.place}：{one.words.zh}", f"{one.place}: {one.words.en}")
        write_run(run, result, grounds, console=session.console, title=("模型监测", "a model watched"))
    if alert is not None:
        document = results.document()
        kept = {key: document[key] for key in ("status", "bundle", "bundle_sha256", "window", "alarms", "data")}
        write_json(alert, kept | {"at": session.now.isoformat(), "run": str(run)})
    session.console.show(result)
    registry = registry_of(session.home, settings)
    if registry is not None:
        recording_aside(session.console, partial(record_monitoring, registry, found, raised, run=run))
    session.console.note(f"运行记录：{run}", f"run: {run}")
    return GATE_FAILED if any(one.level is Level.ALARM for one in raised) else DONE
