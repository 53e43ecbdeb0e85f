"""What `fenliu simulate`, `import` and `validate` do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from training import presenting
from training.commands.session import DONE, Session, refusing_bad_data
from training.errors import CommandError
from training.history import History
from training.importing import import_history
from training.provenance import write_json
from training.simulate import CourtSettings
from training.simulate import simulate as simulate_courts
from training.validation.findings import Severity
from training.validation.validate import validate as validate_history


def simulate(session: Session, *, n: int, courts: int, start: date | None, end: date | None, scenario: str) -> int:
    """Write a synthetic court's history."""
    out = session.out or session.home.history
    if (out / "meta.json").exists() and not session.force:
        raise CommandError("EXISTS", f"{out} 已有历史数据", f"{out} holds a history")
    seed = 1 if session.seed is None else session.seed
    usual = CourtSettings()
    first, last = start or usual.start, end or usual.end
    followed = max(usual.observed_until, last)
    try:
        asked = replace(
            usual, n=n, seed=seed, courts=courts, scenario=scenario, start=first, end=last, observed_until=followed
        )
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
    with refusing_bad_data(), session.console.step("导入", "importing", total=4) as advance:
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
    with refusing_bad_data():
        report = validate_history(History.open(session.history))
    session.console.show(presenting.of_validation(report))
    if rejects is not None:
        write_json(rejects, report.to_json())
    return report.exit_code(fail_on=severity)


def _severity(name: str) -> Severity:
    if name not in (Severity.ERROR, Severity.WARN):
        raise CommandError(
            "USAGE", f"--fail-on 应为 error 或 warn，收到 {name!r}", f"--fail-on takes error or warn, got {name!r}"
        )
    return Severity(name)


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
