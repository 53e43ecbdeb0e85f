"""What each offline command does; the command line itself is in `cli.py`."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from features.register import Stage, load_register
from models.bundle import Bundle
from models.bundle.manifest import DamagedBundleError
from models.rules.rule import RuleTableError
from models.rules.table import RuleTable
from training import presenting
from training.config import Settings, load_gates, load_settings
from training.console import Console
from training.errors import CommandError, refusals
from training.evaluation.evaluate import Evaluation
from training.evaluation.evaluate import evaluate as evaluate_bundle
from training.history import History, HistoryError
from training.importing import import_history
from training.importing.reading import DataRejectedError
from training.importing.strict_record import MappingError
from training.learning.train import train as train_bundle
from training.promote import Request, evaluation_path, plan
from training.promote import promote as promote_bundle
from training.provenance import Home, write_json
from training.recording import record_evaluation, record_training, registry_of
from training.registry import ALIAS_CHAMPION
from training.scoring import Scorer
from training.scoring.input import Batch, Reject, batches_of_history, batches_of_lines
from training.scoring.output import form_of, write_scored
from training.simulate import CourtSettings
from training.simulate import simulate as simulate_courts
from training.validation.findings import Severity
from training.validation.validate import validate as validate_history

DONE, GATE_FAILED, REJECTED = 0, 1, 3


@dataclass(frozen=True)
class Session:
    """What every command is given: its voice, the home, the instant, and the options they share."""

    console: Console
    home: Home
    now: datetime
    config: Path | None = None
    overrides: tuple[str, ...] = ()
    seed: int | None = None
    data: Path | None = None
    out: Path | None = None
    dry_run: bool = False
    force: bool = False

    def settings(self) -> Settings:
        """Return the settings that the options ask for."""
        extra = () if self.seed is None else (f"seed={self.seed}",)
        return load_settings(self.config, (*self.overrides, *extra))

    @property
    def history(self) -> Path:
        """The history to work on."""
        return self.data or self.home.history


def simulate(session: Session, *, n: int, courts: int, start: date | None, end: date | None, scenario: str) -> int:
    """Write a synthetic court's history."""
    out = session.out or session.home.history
    if (out / "meta.json").exists() and not session.force:
        raise CommandError("EXISTS", f"{out} 已有历史数据", f"{out} holds a history")
    seed = 1 if session.seed is None else session.seed
    usual = CourtSettings()
    first, last = start or usual.start, end or usual.end
    try:
        asked = replace(usual, n=n, seed=seed, courts=courts, scenario=scenario, start=first, end=last)
    except ValueError as error:
        raise _as_usage(error) from error
    if session.dry_run:
        session.console.note(f"将写入 {out}：{asked}", f"would write {out}: {asked}")
        return DONE
    with session.console.step("造模拟法院", "simulating", total=100) as advance:
        summary = simulate_courts(out, asked, progress=_parts(advance, 100))
    session.console.show(presenting.of_summary(summary, out))
    return DONE


def import_(session: Session, *, mapping: Path, source: Sequence[Path], key_file: Path | None) -> int:
    """Turn a court's export into a history."""
    out = session.out or session.home.history
    if session.dry_run:
        session.console.note(f"将写入 {out}", f"would write {out}")
        return DONE
    with _refusing_bad_data(), session.console.step("导入", "importing", total=4) as advance:
        report = import_history(
            mapping,
            list(source),
            out,
            progress=_steps(advance),
            force=session.force,
            key_file=key_file,
        )
    session.console.show(presenting.of_import(report, out))
    return DONE


def validate(session: Session, *, fail_on: str, rejects: Path | None) -> int:
    """Check a history and list what was found."""
    severity = _severity(fail_on)
    with _refusing_bad_data():
        report = validate_history(History.open(session.history))
    session.console.show(presenting.of_validation(report))
    if rejects is not None:
        write_json(rejects, report.to_json())
    return report.exit_code(fail_on=severity)


def train(session: Session, *, stage: str | None, scores: Sequence[str] | None, min_cases: int | None) -> int:
    """Fit the asked models of the asked stages into a bundle, and record the run."""
    stages = _stages(stage)
    settings = session.settings().only(stages, scores)
    if min_cases is not None:
        settings = replace(settings, min_cases=min_cases)
    with _refusing_bad_data():
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
    session.console.show(presenting.of_training(trained, sha256, folder))
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
    session = replace(session, config=session.config or _locked_config(folder))
    settings = session.settings()
    if gates is not None:
        settings = replace(settings, gates=load_gates(gates))
    bundle = _load(folder)
    with _refusing_bad_data():
        history = History.open(session.history)
        evaluation = evaluate_bundle(bundle, history, settings, console=session.console)
    run = session.home.new_run("evaluate", session.now)
    document = evaluation.document() | {"bundle": bundle.about.name, "bundle_sha256": bundle.sha256}
    write_json(run / "metrics.json", document)
    write_json(run / "config.lock.json", settings.document())
    plots = []
    if settings.evaluation.plots:
        plots = presenting.plots_of(evaluation, bundle, run / "plots", console=session.console)
    write_json(evaluation_path(session.home, bundle.sha256), document)
    registry = registry_of(session.home, settings)
    if registry is not None:
        record_evaluation(registry, evaluation, bundle, run=run)
    session.console.show(presenting.of_evaluation(evaluation, document, session.console))
    return _gates(session, evaluation, run, plots=len(plots))


def promote(session: Session, *, model: str, reason: str, by: str | None, demo: bool) -> int:
    """Make a bundle the one that answers, if it passes."""
    request = Request(
        bundle=session.home.find_bundle(model), by=by or getpass.getuser(), reason=reason, at=session.now, demo=demo
    )
    planned = plan(session.home, request)
    if planned.failed:
        session.console.show(presenting.of_plan(planned, done=False))
        for name in planned.failed:
            session.console.warn(f"未通过：{name}", f"failed: {name}")
        return GATE_FAILED
    if not session.dry_run:
        promote_bundle(session.home, request, planned)
        registry = registry_of(session.home, session.settings())
        if registry is not None and registry.point(ALIAS_CHAMPION, planned.sha256) is None:
            session.console.warn("MLflow 中没有登记这个模型包", "the bundle is not registered in MLflow")
    session.console.show(presenting.of_plan(planned, done=not session.dry_run))
    return DONE


def score(session: Session, *, source: Path, model: str, stage: str, rules: Path | None, explain: int) -> int:
    """Score a file of cases, or a history, into a file."""
    out = session.out or Path("scores.ndjson")
    scorer = Scorer(bundle=_load(session.home.find_bundle(model)), rules=_rules(rules), explain=explain)
    rejects: list[Reject] = []
    with _refusing_bad_data(), session.console.step("评分", "scoring", total=1) as advance:
        batches = _batches(session, source, _stages(stage)[0], rejects)
        count = write_scored((scorer.score(batch) for batch in batches), out, form_of(out))
        advance()
    for reject in rejects[:20]:
        why = "; ".join(reject.reasons)
        session.console.warn(f"第 {reject.line} 行未评分：{why}", f"line {reject.line} was not scored: {why}")
    session.console.show(presenting.of_scoring(count, rejects, out, scorer.bundle))
    return REJECTED if rejects else DONE


def explain(session: Session, *, code: str) -> int:
    """Say what a code means and what to do about it."""
    found = refusals().get(code.upper())
    if found is None:
        raise CommandError("NOT_FOUND", f"没有代码 {code!r}", f"there is no code {code!r}")
    session.console.show(presenting.of_refusal(found))
    return DONE


def _severity(name: str) -> Severity:
    if name not in (Severity.ERROR, Severity.WARN):
        raise CommandError(
            "USAGE", f"--fail-on 应为 error 或 warn，收到 {name!r}", f"--fail-on takes error or warn, got {name!r}"
        )
    return Severity(name)


def _stages(name: str | None) -> list[Stage]:
    if name is None:
        return list(Stage)
    if name not in list(Stage):
        raise CommandError("USAGE", f"--stage 应为 A 或 B，收到 {name!r}", f"--stage takes A or B, got {name!r}")
    return [Stage(name)]


def _gates(session: Session, evaluation: Evaluation, run: Path, *, plots: int) -> int:
    session.console.note(f"运行记录：{run}（图 {plots} 张）", f"run: {run} ({plots} plots)")
    for result in evaluation.gates:
        if not result.passed:
            zh = f"未通过：{result.score} {result.gate}：{result.found:.4g}，应 {result.asked}"
            session.console.warn(zh, f"failed: {result.score} {result.gate}: {result.found:.4g}, asked {result.asked}")
    return DONE if evaluation.passed else GATE_FAILED


def _batches(session: Session, source: Path, stage: Stage, rejects: list[Reject]) -> Iterator[Batch]:
    if source.is_dir():
        return batches_of_history(source, stage)
    if not source.is_file():
        raise CommandError("NOT_FOUND", f"没有输入 {source}", f"no input {source}")
    return batches_of_lines(source, register=load_register(), now=session.now, rejects=rejects)


def _load(folder: Path) -> Bundle:
    try:
        return Bundle.load(folder)
    except DamagedBundleError as error:
        raise CommandError("BUNDLE_DAMAGED", f"{error.file}：{error.zh}", f"{error.file}: {error.en}") from error


def _rules(path: Path | None) -> RuleTable:
    try:
        return RuleTable.load(() if path is None else (path,))
    except RuleTableError as error:
        raise CommandError("CONFIG", f"规则表不能用：{error}", f"the rule table cannot be used: {error}") from error


def _locked_config(bundle: Path) -> Path | None:
    """Return the settings beside a trained bundle: it is measured by what it was trained with."""
    locked = bundle.parent.parent / "config.lock.json"
    return locked if locked.is_file() else None


@contextmanager
def _refusing_bad_data() -> Iterator[None]:
    """Turn what readers of data say into refusals of a command; their codes stay the same."""
    try:
        yield
    except (HistoryError, DataRejectedError, MappingError) as error:
        code = error.code if error.code in refusals() else "DATA_REJECTED"
        raise CommandError(code, error.zh, error.en) from error


def _as_usage(error: ValueError) -> CommandError:
    zh, _, en = str(error).partition(" / ")
    return CommandError("USAGE", zh, en or zh)


def _parts(advance: Callable[[], None], total: int) -> Callable[[int, int], None]:
    """Turn "done of all" into single steps of a bar with `total` parts."""
    shown = 0

    def told(done: int, everything: int) -> None:
        nonlocal shown
        while shown < total * done // max(everything, 1):
            advance()
            shown += 1

    return told


def _steps(advance: Callable[[], None]) -> Callable[[str, int, int], None]:
    def told(_step: str, done: int, _everything: int) -> None:
        if done:
            advance()

    return told
