"""What `fenliu train` and `evaluate` do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from features.register import Stage
from models.promotion.plan import evaluation_path
from training import presenting
from training.commands.session import (
    DONE,
    GATE_FAILED,
    Session,
    load_bundle,
    refusing_bad_data,
    stages_of,
)
from training.config import Settings, load_gates
from training.console import Console
from training.errors import CommandError
from training.evaluation.evaluate import evaluate as evaluate_bundle
from training.evaluation.report import Evaluation
from training.evaluation.showing.pictures import Drawing, draw
from training.evaluation.showing.results import of_evaluation, with_details
from training.history import History
from training.learning.train import Trained
from training.learning.train import train as train_bundle
from training.provenance import new_folder, write_json
from training.recording import record_evaluation, record_training, recording_aside, registry_of
from training.run_folder import write_report
from training.validation.findings import Severity
from training.validation.validate import validate as validate_history


def train(
    session: Session,
    *,
    stage: str | None,
    scores: Sequence[str] | None,
    min_cases: int | None,
    from_run: str | None = None,
) -> int:
    """Fit the asked models of the asked stages into a bundle, and record the run; or repeat an earlier run."""
    if from_run is not None:
        return _repeat(session, from_run, changed=any((stage, scores, min_cases)))
    stages = stages_of(stage)
    settings = session.settings().only(stages, scores)
    if min_cases is not None:
        settings = replace(settings, min_cases=min_cases)
    _train(session, settings, stages, at=session.now)
    return DONE


def _repeat(session: Session, name: str, *, changed: bool) -> int:
    """Train with the settings and the instant of an earlier run, and say whether the bundle is the same, or why not."""
    if changed or session.config is not None or session.overrides or session.seed is not None:
        zh = "--from-run 沿用原运行的全部设定，不能与 --stage、--score、--min-cases、--config、--set、--seed 同用"
        en = "--from-run takes all settings of that run, without --stage, --score, --min-cases, --config, --set, --seed"
        raise CommandError("USAGE", zh, en)
    folder = session.home.find_bundle(name)
    config = session.home.config_of(folder)
    if config is None:
        raise CommandError("NOT_FOUND", f"{folder} 没有留下配置", f"no settings were kept with {folder}")
    old = load_bundle(folder)
    asked = replace(session, config=config).settings()
    # A file of settings is read over the defaults, whose other targets the run may not have had.
    targets = {
        str(stage): {name: target for name, target in asked.targets[stage].items() if name in models.scores}
        for stage, models in old.stages.items()
    }
    found = _train(session, replace(asked, targets=targets), list(old.stages), at=old.about.created_at)
    if found is None:
        return DONE
    trained, sha256 = found
    if sha256 == old.sha256:
        session.console.note(f"与原模型包相同：{sha256}", f"the same bundle as before: {sha256}")
        return DONE
    new = trained.bundle.about
    causes = {
        "历史数据不同 / other data": new.data_sha256 != old.about.data_sha256,
        "程序版本不同 / other program": new.code_version != old.about.code_version,
        "依赖不同 / other dependencies": new.lock_sha256 != old.about.lock_sha256,
    }
    why = "；".join(cause for cause, differs in causes.items() if differs) or "原因不明 / for no known reason"
    session.console.warn(f"与原模型包不同（{why}）：{sha256}", f"not the same bundle ({why}): {sha256}")
    return GATE_FAILED


def _train(
    session: Session, settings: Settings, stages: Sequence[Stage], *, at: datetime
) -> tuple[Trained, str] | None:
    """Train, keep and record a bundle; None where nothing was to be done."""
    with refusing_bad_data():
        history = History.open(session.history)
        registry = registry_of(session.home, settings)
        if session.dry_run:
            session.console.note(f"将训练阶段 {', '.join(stages)}", f"would train stages {', '.join(stages)}")
            return None
        if session.out is not None:
            new_folder(session.out, make=False)
        if registry is not None:
            registry.check()
        _refuse_unsound(history, session.console, accepted=settings.accept_errors)
        trained = train_bundle(history, settings, stages=stages, created_at=at, console=session.console)
    with session.home.begun_run("train", session.now, out=session.out) as run:
        folder = run / "bundle" / trained.bundle.about.name
        sha256 = trained.bundle.save(folder)
        write_json(run / "config.lock.json", settings.document())
        write_json(run / "metrics.json", presenting.document_of_training(trained, sha256))
    if registry is not None:
        session.console.note(f"模型包已保存：{folder}", f"bundle kept: {folder}")
        with session.console.step("登记到 MLflow", "recording in MLflow", total=len(trained.bundle.stages)) as advance:
            record_training(registry, trained, settings, run=run, sha256=sha256, advance=advance)
    result = presenting.of_training(trained, sha256, folder)
    title = (f"训练 {trained.bundle.about.name}", f"training of {trained.bundle.about.name}")
    write_report(run, result, console=session.console, title=title, simulated=history.simulated)
    session.console.show(result)
    return trained, sha256


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
    document = evaluation.document() | {"bundle": bundle.about.name, "bundle_sha256": bundle.sha256}
    document |= {"at": session.now.isoformat(), "history_sha256": history.data_sha256()}
    result = of_evaluation(evaluation, document, session.console)
    plots: list[Path] = []
    with session.home.begun_run("evaluate", session.now, out=session.out) as run:
        write_json(run / "metrics.json", document)
        write_json(run / "config.lock.json", settings.document())
        if settings.evaluation.plots:
            drawing = Drawing(bundle, settings.evaluation.capacity, run / "plots")
            plots = draw(evaluation, drawing, console=session.console)
        title = (f"模型包 {bundle.about.name} 的评估", f"evaluation of {bundle.about.name}")
        whole = with_details(result, evaluation, session.console)
        write_report(run, whole, console=session.console, title=title, pictures=plots, simulated=history.simulated)
        write_json(evaluation_path(session.home.path, bundle.sha256), document)
    if (registry := registry_of(session.home, settings)) is not None:
        recording_aside(session.console, lambda: record_evaluation(registry, evaluation, bundle, run=run))
    session.console.show(result)
    return _gates(session, evaluation, run, plots=len(plots))


def _gates(session: Session, evaluation: Evaluation, run: Path, *, plots: int) -> int:
    session.console.note(f"运行记录：{run}（图 {plots} 张）", f"run: {run} ({plots} plots)")
    for result in evaluation.gates:
        if not result.passed:
            zh = f"未通过：{result.score} {result.gate}：{result.found:.4g}，应 {result.asked}"
            session.console.warn(zh, f"failed: {result.score} {result.gate}: {result.found:.4g}, asked {result.asked}")
    return DONE if evaluation.passed else GATE_FAILED
