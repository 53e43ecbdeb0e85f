"""What `fenliu backtest` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from training.backtesting.findings import findings
from training.backtesting.plan import Fold, plan_folds, plan_one_model
from training.backtesting.record import PLAN, Backtest
from training.backtesting.results import BacktestResults
from training.backtesting.running import run_pieces
from training.commands.session import (
    DONE,
    GATE_FAILED,
    Session,
    begun_before,
    refusing_bad_data,
    resumable,
    stages_of,
    taking_away_if_empty,
)
from training.config import Settings
from training.errors import CommandError
from training.history import History
from training.recording import record_backtest, recording_aside, registry_of
from training.run_folder import Grounds, write_run

Planned = Callable[[History, Settings], tuple[Settings, tuple[Fold, ...]]]


def backtest(
    session: Session,
    *,
    stage: str | None,
    scores: Sequence[str] | None,
    start: date | None,
    one_model: bool,
    resume: str | None,
    jobs: int,
) -> int:
    """Learn as of one day after another, or go on with what was begun, and report what came of it."""
    planned = partial(plan_one_model if one_model else _plan, start=start)
    with refusing_bad_data():
        begun = _resumed(session, resume) if resume else _begun(session, stage, scores, planned)
        if begun is None:
            return DONE
        with resumable("backtest", begun.folder):
            try:
                run_pieces(begun, jobs=jobs, console=session.console)
            except CommandError:
                begun.forget()
                raise
            return _report(session, begun)


def _plan(history: History, settings: Settings, *, start: date | None) -> tuple[Settings, tuple[Fold, ...]]:
    return settings, plan_folds(history, settings, start=start)


def _begun(session: Session, stage: str | None, scores: Sequence[str] | None, planned: Planned) -> Backtest | None:
    """Plan a new backtest and write the plan; None where nothing is to be done."""
    settings = session.settings().only(stages_of(stage), scores)
    history = History.open(session.history)
    settings, folds = planned(history, settings)
    origins = "、".join(str(fold.origin) for fold in folds)
    names = "、".join(one.name for one in settings.backtest.candidates)
    if session.dry_run:
        session.console.note(f"将回测 {names}，训练截至 {origins}", f"would backtest {names} as of {origins}")
        return None
    registry = registry_of(session.home, settings)
    if registry is not None:
        registry.check()
    folder = session.out or session.home.new_run("backtest", session.now)
    if (folder / PLAN).exists():
        zh, en = f"{folder} 已有回测，用 --resume 续算", f"{folder} holds a backtest; go on with --resume"
        raise CommandError("EXISTS", zh, en)
    with taking_away_if_empty(folder):
        made = Backtest.begin(folder, settings, folds, history=session.history, sha256=history.data_sha256())
    session.console.note(
        f"回测记录：{folder}；中断后用 --resume 续算", f"backtest: {folder}; if broken off, go on with --resume"
    )
    return made


def _resumed(session: Session, name: str) -> Backtest:
    """Return the backtest that a person means: a folder, a run, or the latest.

    Raises
    ------
    CommandError
        NOT_FOUND: there is none; DATA_REJECTED: the history is not the one it began with.
    """
    found = Backtest.resume(begun_before(session, "backtest", name, plan=PLAN))
    history = History.open(Path(found.plan["history"]))
    if history.data_sha256() != found.plan["history_sha256"]:
        zh = f"{history.path} 与回测开始时的数据不同，须重新回测"
        raise CommandError("DATA_REJECTED", zh, f"{history.path} is not the data that the backtest began with")
    done, whole = len(tuple(found.pieces)) - len(found.missing), len(tuple(found.pieces))
    session.console.note(f"已完成 {done}/{whole}，续算其余", f"{done} of {whole} are done; the rest follows")
    return found


def _report(session: Session, begun: Backtest) -> int:
    """Write the report of the run, record it, and tell what is not good enough."""
    run, settings, console = begun.folder, begun.settings, session.console
    history = History.open(Path(begun.plan["history"]))
    results = BacktestResults(begun, findings(begun), console.lang, simulated=history.simulated)
    result = results.result(run)
    drawn = results.pictures(run / "plots") if settings.evaluation.plots else []
    grounds = Grounds(options={"settings": settings.document()}, history=history)
    write_run(run, result, grounds, console=console, title=("回测", "backtest"), pictures=drawn)
    console.show(result)
    registry = registry_of(session.home, settings)
    if registry is not None:
        recording_aside(console, lambda: record_backtest(registry, results, run=run))
    failed = list(results.failures())
    for text in failed:
        console.warn(f"未通过：{text.zh}", f"failed: {text.en}")
    console.note(f"运行记录：{run}", f"run: {run}")
    return GATE_FAILED if failed else DONE
