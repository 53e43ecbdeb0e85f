"""What the verbs of `fenliu rules` do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from models.bundle import Bundle
from models.rules.loading.shipped import FAST_FIRST
from training.commands.policies import load_utility, unseen
from training.commands.session import (
    DONE,
    REJECTED,
    Session,
    free_file,
    free_output,
    load_bundle,
    refusing_bad_data,
    stages_of,
)
from training.errors import CommandError
from training.history import History
from training.policy_value.open_cases import Period, Reading
from training.provenance import write_whole
from training.rule_tools.replay.replaying import Replay
from training.rule_tools.replay.runs import RunOf, conflict_run, replay_run
from training.rule_tools.replay.scope import Scope, courts_of
from training.rule_tools.tables import results
from training.rule_tools.tables.checking import check_files
from training.rule_tools.tables.differences import differences
from training.rule_tools.tables.effects import Effect
from training.rule_tools.tables.opening import open_table
from training.rule_tools.tables.showing import in_force
from training.suggesting.evidence import Asked
from training.suggesting.places import places_of
from training.suggesting.run import write_suggestion
from training.suggesting.suggestion import STEPS
from training.suggesting.suggestion import suggest as find_suggestion


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
            result = replay_run(
                RunOf(session.console, history, asked, run),
                out=free_output(session, run, session.out, name="changed.csv"),
            )
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
    table, bundle = open_table(file), _scoring(session, model)
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


def suggest(
    session: Session,
    *,
    rules: Path | None,
    model: str,
    utility: Path | None,
    teams: Path | None,
    places: Sequence[str] | None,
    since: date | None,
    until: date | None,
    court: Sequence[str] | None,
    on: date | None,
) -> int:
    """Try thresholds on past cases, and write the best of them as a draft with its evidence."""
    table, bundle = open_table(rules), _scoring(session, model)
    today, settings, worth = session.now.date(), session.settings(), load_utility(utility)
    first = _first_day(on, today)
    with refusing_bad_data():
        history = History.open(session.history)
        period = Period(unseen(session.console, bundle, since), until, courts_of(history, table, asked=court))
        horizon = settings.policy_value.horizon_days
        how = Reading(rules=table, horizon=horizon, hours=worth.amounts, labels=settings.labels, period=period)
        room = places_of(teams, places, today)
        if session.dry_run:
            session.console.note(f"将在 {history.path} 上试算", f"would try thresholds on {history.path}")
            return DONE
        asked = Asked(
            history=history, how=how, bundle=bundle, settings=settings, utility=worth, places=room, on=first,
            form=open_table(Path(FAST_FIRST)) if table.texts == open_table(None).texts else table,
        )  # fmt: skip
        with session.home.begun_run("rules-suggest", session.now) as run:
            with session.console.step("试算", "trying", total=STEPS) as advance:
                found = find_suggestion(asked, advance)
            options = {"model": bundle.about.name, **period.options()}
            result, draft = write_suggestion(found, run, console=session.console, options=options, day=today)
            _copy_draft(session, draft)
    session.console.show(result)
    session.console.note(f"草案：{draft}", f"draft: {draft}")
    session.console.note(f"运行记录：{run}", f"run: {run}")
    return DONE


def _first_day(on: date | None, today: date) -> date:
    """Return the first day of the draft: the one asked for, which must be to come, else that of next month."""
    if on is not None and on <= today:
        zh = f"--on 应为今天（{today}）以后的日期，收到 {on}"
        raise CommandError("USAGE", zh, f"--on must be after today ({today}), got {on}")
    return on or date(today.year + today.month // 12, today.month % 12 + 1, 1)


def _copy_draft(session: Session, draft: Path) -> None:
    """Copy the draft to where it was asked for."""
    if session.out is None:
        return
    write_whole(free_file(session.out, force=session.force), draft.read_text(encoding="utf-8"))


def _scoring(session: Session, model: str) -> Bundle:
    """Return the bundle whose scores are asked about; `none` has none to ask about."""
    if model == "none":
        zh = "--model 须为模型包：没有分值，就没有可比较的"
        raise CommandError("USAGE", zh, "--model must name a bundle: without scores there is nothing to compare")
    return load_bundle(session.home.find_bundle(model))


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
