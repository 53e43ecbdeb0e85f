"""What `fenliu compare` does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from models.evidence import compared_path
from models.rules.rule import Text
from training.commands.session import (
    DONE,
    GATE_FAILED,
    Session,
    free_output,
    load_bundle,
    refusing_bad_data,
)
from training.comparing.comparison import Comparison
from training.comparing.comparison import compare as compare_bundles
from training.comparing.lane_changes import lane_changes
from training.comparing.results import ComparisonResults
from training.errors import CommandError
from training.evaluation.evaluate import periods_of
from training.history import History
from training.learning.split import day_of
from training.provenance import write_json
from training.recording import record_comparison, registry_of
from training.rule_tools.replay.replaying import Replay
from training.rule_tools.replay.scope import Scope, courts_of
from training.rule_tools.tables.opening import open_table
from training.run_folder import Grounds, write_run

FAIL_ON = ("never", "worse", "not-better")
NOT_BETTER = Text("没有一项指标更好", "no measure is better")


def compare(
    session: Session,
    *,
    old: str,
    new: str,
    fail_on: str,
    changed: Path | None,
    rules: Path | None,
    since: date | None,
) -> int:
    """Hold two bundles against each other, list the cases whose lane would change, and hold the new one to the gate."""
    if fail_on not in FAIL_ON:
        said = "、".join(FAIL_ON)
        zh = f"--fail-on 应为 {said} 之一，收到 {fail_on!r}"
        raise CommandError("USAGE", zh, f"--fail-on takes one of {', '.join(FAIL_ON)}, got {fail_on!r}")
    places = [session.home.find_bundle(name) for name in (old, new)]
    session = replace(session, config=session.config or session.home.config_of(places[1]))
    before, after = (load_bundle(place) for place in places)
    if session.dry_run:
        session.console.note(f"将比较 {places[0]} 与 {places[1]}", f"would compare {places[0]} with {places[1]}")
        return DONE
    with refusing_bad_data(), session.home.begun_run("compare", session.now) as run:
        history, settings, table = History.open(session.history), session.settings(), open_table(rules)
        out = free_output(session, run, changed or session.out, name="changed.csv")
        comparison = compare_bundles(before, after, history, settings, console=session.console)
        unseen = day_of(max(periods_of(one).test_from for one in (before, after)))
        scope = Scope(since=since or unseen, courts=courts_of(history, table, asked=None))
        replay = Replay(table, table, scope, bundle=before, challenger=after)
        lanes = lane_changes(replay, history, out=out, console=session.console)
        results = ComparisonResults(comparison, lanes, session.console.lang, simulated=history.simulated)
        result = results.result({"run": str(run)})
        options = {"old": str(places[0]), "new": str(places[1]), "settings": settings.document()}
        grounds = Grounds(options=options, history=history, tables={"rules": table})
        _remark(session, comparison)
        write_run(run, result, grounds, console=session.console, title=("模型包比较", "two bundles compared"))
    document = results.document() | {"at": session.now.isoformat()}
    write_json(compared_path(session.home.path, after.sha256), document)
    registry = registry_of(session.home, settings)
    if registry is not None:
        record_comparison(registry, comparison, run=run)
    session.console.show(result)
    return _held(session, results, run, fail_on)


def _remark(session: Session, comparison: Comparison) -> None:
    """Say what a reader of the table has to know beside it."""
    if comparison.old.sha256 == comparison.new.sha256:
        session.console.warn("两者是同一个模型包", "both are the same bundle")
    for names, zh, en in (
        (comparison.only_old, "候选没有的分数", "scores that the new bundle lacks"),
        (comparison.only_new, "现用没有的分数", "scores that the old bundle lacks"),
    ):
        if names:
            session.console.warn(f"{zh}：{'、'.join(names)}", f"{en}: {', '.join(names)}")


def _held(session: Session, results: ComparisonResults, run: Path, fail_on: str) -> int:
    """Hold the new bundle to the asked gate and name every failure; the run's place comes last."""
    comparison = results.comparison
    failed = list(results.failures()) if fail_on != "never" else []
    for text in failed:
        session.console.warn(f"未通过：{text.zh}", f"failed: {text.en}")
    if fail_on == "not-better" and not comparison.better:
        failed.append(NOT_BETTER)
        session.console.warn(f"未通过：{NOT_BETTER.zh}", f"failed: {NOT_BETTER.en}")
    session.console.note(f"运行记录：{run}", f"run: {run}")
    return GATE_FAILED if failed else DONE
