"""What `fenliu tune` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from training.commands.session import (
    DONE,
    Session,
    begun_before,
    refusing_bad_data,
    resumable,
    stages_of,
    taking_away_if_empty,
)
from training.errors import CommandError
from training.history import History
from training.parallel import Workers
from training.recording import recording_aside, registry_of, trial_record, tuning_record
from training.registry import Registry
from training.run_folder import Grounds, write_run
from training.tuning.judging import newest_folds
from training.tuning.plan import PLAN, SearchPlan, SharedJudge
from training.tuning.results import TuningResults
from training.tuning.search import BATCH, JOURNAL, Search
from training.tuning.trials import Budget, Tried


def tune(
    session: Session,
    *,
    stage: str | None,
    scores: Sequence[str] | None,
    trials: int,
    minutes: int | None,
    resume: str | None,
    jobs: int,
) -> int:
    """Search for better settings of the trees, or go on searching, and write the best ones down."""
    budget = Budget(trials, None if minutes is None else timedelta(minutes=minutes))
    with refusing_bad_data():
        begun = _resumed(session, resume) if resume else _begun(session, stage, scores, budget)
        if begun is None:
            return DONE
        folds = len(newest_folds(begun.history, begun.settings))
        search, jobs = Search(begun.folder, begun.settings), min(jobs, BATCH)
        with (
            resumable("tune", begun.folder),
            _recorded(session, begun, again=resume is not None) as record,
            session.console.step("调参", "tuning", total=trials) as advance,
            Workers(jobs) as workers,
        ):

            def told(tried: Tried) -> None:
                recording_aside(session.console, lambda: record(tried))
                advance()

            for _ in search.tried:
                advance()
            judge = SharedJudge(begun.folder, workers, jobs)
            search.run(judge, budget, folds=folds, told=told)
            return _report(session, begun, search)


def _begun(session: Session, stage: str | None, scores: Sequence[str] | None, budget: Budget) -> SearchPlan | None:
    settings = session.settings().only(stages_of(stage), scores)
    history = History.open(session.history)
    if session.dry_run:
        session.console.note(f"将试 {budget.trials} 组设置", f"would try {budget.trials} settings")
        return None
    newest_folds(history, settings)  # refuses before anything is written
    if (registry := registry_of(session.home, settings)) is not None:
        registry.check()
    folder = session.out or session.home.new_run("tune", session.now)
    if (folder / JOURNAL).exists():
        raise CommandError(
            "EXISTS", f"{folder} 已有调参记录，用 --resume 续做", f"{folder} holds a search: --resume it"
        )
    with taking_away_if_empty(folder):
        begun = SearchPlan.begin(folder, settings, history)
    session.console.note(
        f"调参记录：{folder}；中断后用 --resume 续做", f"search: {folder}; if broken off, go on with --resume"
    )
    return begun


def _resumed(session: Session, name: str) -> SearchPlan:
    """Return the search that a person means: a folder, a run, or the latest."""
    return SearchPlan.read(begun_before(session, "tune", name, plan=PLAN))


@contextmanager
def _recorded(session: Session, begun: SearchPlan, *, again: bool) -> Iterator[Callable[[Tried], None]]:
    """Yield what records a trial under the run of this search; nothing where MLflow is switched off."""
    registry = registry_of(session.home, begun.settings)
    if registry is None:
        yield _nothing
        return
    registry.check()
    whole = tuning_record(begun.settings, begun.history, run=begun.folder)
    with registry.running(whole, again=again) as parent:
        yield lambda tried: _trial(registry, begun, tried, parent)


def _trial(registry: Registry, begun: SearchPlan, tried: Tried, parent: str) -> None:
    registry.record(trial_record(begun.settings, tried), parent=parent)


def _nothing(_tried: Tried) -> None:
    """Record nothing."""


def _report(session: Session, begun: SearchPlan, search: Search) -> int:
    results = TuningResults(search.tried, search.best, session.console.lang, simulated=begun.history.simulated)
    result = results.result(begun.folder)
    grounds = Grounds(options={"settings": begun.settings.document()}, history=begun.history)
    write_run(begun.folder, result, grounds, console=session.console, title=("调参", "tuning"))
    best = results.write_best(begun.folder)
    session.console.show(result)
    session.console.note(f"最好的设置：fenliu train --config {best}", f"best settings: fenliu train --config {best}")
    session.console.note(f"运行记录：{begun.folder}", f"run: {begun.folder}")
    return DONE
