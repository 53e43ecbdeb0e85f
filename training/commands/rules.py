"""What the verbs of `fenliu rules` do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from models.bundle import Bundle
from training.commands.session import DONE, REJECTED, Session, load_bundle, refusing_bad_data, stages_of
from training.errors import CommandError
from training.history import History
from training.rule_tools.replay.replaying import Replay
from training.rule_tools.replay.runs import RunOf, conflict_run, replay_run
from training.rule_tools.replay.scope import Scope, courts_of
from training.rule_tools.tables import results
from training.rule_tools.tables.checking import check_files
from training.rule_tools.tables.differences import differences
from training.rule_tools.tables.effects import Effect
from training.rule_tools.tables.opening import open_table
from training.rule_tools.tables.showing import in_force


def check(session: Session, *, files: Sequence[Path], on: date | None) -> int:
    """List every fault of every file, and what sound court files make stricter than the law."""
    checked = check_files(files, on=on or session.now.date())
    session.console.show(results.of_check(checked, session.console.lang))
    return REJECTED if any(one.faults for one in checked) else DONE


def show(session: Session, *, file: Path | None, on: date | None, rule: str | None, brief: bool) -> int:
    """Show what is in force on a day, in words."""
    shown = in_force(open_table(file), on or session.now.date(), rule=rule)
    session.console.show(results.of_show(shown, session.console.lang, conditions=not brief))
    return DONE


def diff(session: Session, *, old: Path, new: Path) -> int:
    """Show what changed between two tables, in words."""
    before, after = open_table(old), open_table(new)
    changes = differences(before, after)
    session.console.show(results.of_diff(before, after, changes, session.console.lang))
    today = session.now.date()
    past = [one for one in changes if one.effect is not Effect.NEUTRAL and one.start is not None and one.start < today]
    if past:
        zh = f"{len(past)} 处变化自今天以前的日期起施行：规则按收到之日适用，已收到的申请再次评估时会受影响"
        en = f"{len(past)} changes start before today: applications received since then would be judged by them"
        session.console.note(zh, en)
    return DONE


def replay(
    session: Session,
    *,
    new: Path,
    old: Path | None,
    model: str | None,
    stage: str | None,
    since: date | None,
    until: date | None,
    court: Sequence[str] | None,
    on: date | None,
) -> int:
    """Show what past cases would have got under another table, and list those that would have got another lane."""
    before, after = open_table(old), open_table(new)
    with refusing_bad_data():
        history = History.open(session.history)
        courts = courts_of(history, before, after, asked=court)
        scope = Scope(stages=tuple(stages_of(stage)), since=since, until=until, courts=courts, on=on)
        asked = Replay(before, after, scope, bundle=_bundle(session, model))
        if session.dry_run:
            session.console.note(f"将回放 {history.path}", f"would replay {history.path}")
            return DONE
        with session.home.begun_run("rules-replay", session.now) as run:
            result = replay_run(RunOf(session.console, history, asked, run), out=_free(session, run))
    session.console.show(result)
    session.console.note(
        f"改变分流的案件名单：{result.document['changed_file']}",
        f"list of changed cases: {result.document['changed_file']}",
    )
    session.console.note(f"运行记录：{run}", f"run: {run}")
    return DONE


def conflicts(
    session: Session,
    *,
    file: Path | None,
    model: str,
    stage: str | None,
    since: date | None,
    until: date | None,
    court: Sequence[str] | None,
) -> int:
    """Show, rule by rule, the cases in which rule and score disagree, and what came of them."""
    table, bundle = open_table(file), load_bundle(session.home.find_bundle(model))
    with refusing_bad_data():
        history = History.open(session.history)
        courts = courts_of(history, table, asked=court)
        scope = Scope(stages=tuple(stages_of(stage)), since=since, until=until, courts=courts)
        asked = Replay(table, table, scope, bundle=bundle)
        if session.dry_run:
            session.console.note(f"将统计 {history.path}", f"would look at {history.path}")
            return DONE
        with session.home.begun_run("rules-conflicts", session.now) as run:
            result = conflict_run(RunOf(session.console, history, asked, run), bundle, session.settings())
    session.console.show(result)
    session.console.note(f"运行记录：{run}", f"run: {run}")
    return DONE


def _free(session: Session, run: Path) -> Path:
    """Return where the list of changed cases goes; what is there already stays unless told otherwise."""
    out = session.out or run / "changed.csv"
    if out.exists() and not session.force:
        raise CommandError("EXISTS", f"{out} 已存在", f"{out} exists")
    return out


def _bundle(session: Session, model: str | None) -> Bundle | None:
    """Return the bundle asked for, else the latest; where there is none, rules answer alone, and that is said."""
    if model == "none":
        return None
    try:
        return load_bundle(session.home.find_bundle(model or "latest"))
    except CommandError as error:
        if model is not None or error.refusal.code != "NOT_FOUND":
            raise
    session.console.note("没有模型包，只按规则回放", "there is no bundle: the rules answer alone")
    return None
