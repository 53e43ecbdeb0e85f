"""`fenliu-serve retention`, `person` and `hold`: what the operator does for people's rights."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

from serving.control.forms import reason_of
from serving.door.problems import ProblemError
from serving.door.strict_json import written
from serving.opening import now, operator
from serving.operation.opened import opened
from serving.people.opening import open_people
from serving.people.retention import Retention, periods_of
from serving.repositories.retention import RetentionStore
from serving.settings import Settings, SettingsError

Say = Callable[[str], None]


def retain(settings: Settings, *, dry_run: bool, say: Say) -> None:
    """Erase what is due, or say what would be.

    Raises
    ------
    StoreUnavailableError
        The store could not be read or written.
    """
    periods = periods_of(settings)
    if not (periods.advice or periods.jobs):
        say("未设保存期限，什么都不删除；见 FENLIU_RETENTION_ADVICE_DAYS / no period is set, nothing is erased")
        return
    with opened(settings) as (store, keys):
        work = Retention(RetentionStore(store, keys), periods, now)
        due = work.due()
        say(
            f"到期：建议 {due['advice']} 件，作业明细 {due['job_rows']} 行；因保全或复核未结而保留 {due['held']} 件 / "
            f"due: {due['advice']} answers, {due['job_rows']} lines; kept under hold or review: {due['held']}"
        )
        if dry_run:
            say("试运行，未删除 / dry run, nothing was erased")
            return
        done = work.run(origin=operator())
    rows = "，".join(f"{name} {count}" for name, count in done.items()) or "0"
    say(f"已删除：{rows} / erased; see the deletion log and the audit trail")


def export_person(settings: Settings, out: Path, *, number: str | None, token: str | None, say: Say) -> None:
    """Write everything about one person into a new file that nobody else can read.

    Raises
    ------
    SettingsError
        Not exactly one of number and token was given.
    FileExistsError
        There is such a file already.
    StoreUnavailableError
        The store could not be read.
    """
    with opened(settings) as (store, keys):
        people = open_people(store, keys, clock=now)
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                found = people.export.export(identity_number=number, token=token, origin=operator())
                file.write(written(found))
        except BaseException:
            out.unlink()
            raise
    cases = len(list(found["cases"]))  # type: ignore[call-overload]
    say(f"已导出 {cases} 件案件 / exported {cases} cases; {out}")


def place_hold(settings: Settings, case: tuple[str, str], *, until: date | None, reason: str, say: Say) -> None:
    """Hold a case.

    Raises
    ------
    SettingsError
        There is no such case, or the hold would be over already.
    """
    with opened(settings) as (store, keys):
        asked = {"court_code": case[0], "application_id": case[1], "until": until, "reason": reason_of(reason)}
        try:
            row = open_people(store, keys, clock=now).holding.place(asked, origin=operator())
        except ProblemError as error:
            raise _refused(error) from None
    say(f"已保全 {row['id']} / held")


def lift_hold(settings: Settings, hold_id: str, *, reason: str, say: Say) -> None:
    """Lift a hold.

    Raises
    ------
    SettingsError
        There is no such hold.
    """
    with opened(settings) as (store, keys):
        try:
            open_people(store, keys, clock=now).holding.lift(hold_id, reason_of(reason), origin=operator())
        except ProblemError as error:
            raise _refused(error) from None
    say(f"已解除 {hold_id} / lifted")


def _refused(error: ProblemError) -> SettingsError:
    found = error.problem
    return SettingsError(f"{found.zh}：{found.way_out} / {found.en}: {found.way_out_en}")
