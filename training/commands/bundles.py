"""What `fenliu train` and `evaluate` do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from training import presenting
from training.commands.session import (
    DONE,
    GATE_FAILED,
    Session,
    load_bundle,
    refusing_bad_data,
    stages_of,
)
from training.config import load_gates
from training.console import Console
from training.errors import CommandError
from training.evaluation.evaluate import evaluate as evaluate_bundle
from training.evaluation.report import Evaluation
from training.evaluation.showing.pictures import Drawing, draw
from training.evaluation.showing.results import of_evaluation, with_details
from training.history import History
from training.learning.train import train as train_bundle
from training.promotion.plan import evaluation_path
from training.provenance import write_json
from training.recording import record_evaluation, record_training, registry_of
from training.run_folder import write_report
from training.validation.findings import Severity
from training.validation.validate import validate as validate_history


def train(session: Session, *, stage: str | None, scores: Sequence[str] | None, min_cases: int | None) -> int:
    """Fit the asked models of the asked stages into a bundle, and record the run."""
    stages = stages_of(stage)
    settings = session.settings().only(stages, scores)
    if min_cases is not None:
        settings = replace(settings, min_cases=min_cases)
    with refusing_bad_data():
        history = History.open(session.history)
        registry = registry_of(session.home, settings)
        if session.dry_run:
            session.console.note(f"将训练阶段 {', '.join(stages)}", f"would train stages {', '.join(stages)}")
            return DONE
        if registry is not None:
            registry.check()
        _refuse_unsound(history, session.console, accepted=settings.accept_errors)
        trained = train_bundle(history, settings, stages=stages, created_at=session.now, console=session.console)
    run = session.home.new_run("train", session.now)
    folder = run / "bundle" / trained.bundle.about.name
    sha256 = trained.bundle.save(folder)
    write_json(run / "config.lock.json", settings.document())
    write_json(run / "metrics.json", presenting.document_of_training(trained, sha256))
    if registry is not None:
        with session.console.step("登记到 MLflow", "recording in MLflow", total=len(trained.bundle.stages)) as advance:
            record_training(registry, trained, settings, run=run, sha256=sha256, advance=advance)
    result = presenting.of_training(trained, sha256, folder)
    title = (f"训练 {trained.bundle.about.name}", f"training of {trained.bundle.about.name}")
    write_report(run, result, console=session.console, title=title, simulated=history.simulated)
    session.console.show(result)
    return DONE


def _refuse_unsound(history: History, console: Console, *, accepted: Sequence[str]) -> None:
    """Refuse to learn from a history in which an error was found that nobody has taken responsibility for."""
    with console.step("检查历史数据", "validating", total=1) as advance:
        report = validate_history(history)
        advance()
    errors = [one for one in report.findings if one.severity is Severity.ERROR and one.code not in accepted]
    if errors:
        places = "、".join(dict.fromkeys(f"{one.code} {one.table}.{one.column}" for one in errors[:5]))
        raise CommandError("DATA_REJECTED", f"{len(errors)} 处错误：{places}", f"{len(errors)} errors: {places}")


def evaluate(session: Session, *, model: str, gates: Path | None) -> int:
    """Measure a bundle on the later period, beside baselines, and hold it to its gates."""
    folder = session.home.find_bundle(model)
    session = replace(session, config=session.config or session.home.config_of(folder))
    settings = session.settings()
    if gates is not None:
        settings = replace(settings, gates=load_gates(gates))
    bundle = load_bundle(folder)
    with refusing_bad_data():
        history = History.open(session.history)
        evaluation = evaluate_bundle(bundle, history, settings, console=session.console)
    run = session.home.new_run("evaluate", session.now)
    document = evaluation.document() | {"bundle": bundle.about.name, "bundle_sha256": bundle.sha256}
    document |= {"at": session.now.isoformat(), "history_sha256": history.data_sha256()}
    write_json(run / "metrics.json", document)
    write_json(run / "config.lock.json", settings.document())
    plots: list[Path] = []
    if settings.evaluation.plots:
        drawing = Drawing(bundle, settings.evaluation.capacity, run / "plots")
        plots = draw(evaluation, drawing, console=session.console)
    write_json(evaluation_path(session.home, bundle.sha256), document)
    registry = registry_of(session.home, settings)
    if registry is not None:
        record_evaluation(registry, evaluation, bundle, run=run)
    result = of_evaluation(evaluation, document, session.console)
    title = (f"模型包 {bundle.about.name} 的评估", f"evaluation of {bundle.about.name}")
    whole = with_details(result, evaluation, session.console)
    write_report(run, whole, console=session.console, title=title, pictures=plots, simulated=history.simulated)
    session.console.show(result)
    return _gates(session, evaluation, run, plots=len(plots))


def _gates(session: Session, evaluation: Evaluation, run: Path, *, plots: int) -> int:
    session.console.note(f"运行记录：{run}（图 {plots} 张）", f"run: {run} ({plots} plots)")
    for result in evaluation.gates:
        if not result.passed:
            zh = f"未通过：{result.score} {result.gate}：{result.found:.4g}，应 {result.asked}"
            session.console.warn(zh, f"failed: {result.score} {result.gate}: {result.found:.4g}, asked {result.asked}")
    return DONE if evaluation.passed else GATE_FAILED
