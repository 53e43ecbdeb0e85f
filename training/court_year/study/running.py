"""The order of a study's work, its workers, and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from training.console import Console
from training.court_year.study.plan import ORACLE, StudyPlan
from training.court_year.study.work import (
    PRICED,
    PRICES,
    judge_price,
    measure_consequences,
    plan_teams,
    run_seed,
)
from training.parallel import Task, Workers


def run_study(folder: Path, *, jobs: int, console: Console) -> None:
    """Do whatever of a study is not done yet; every finished piece stays, so that a stopped study goes on."""
    plan = StudyPlan.read(folder)
    priced = [name for name in plan.policies if name in PRICED]
    knowing: list[Task] = [(measure_consequences, (folder,))] if ORACLE in plan.policies else []
    prices: list[Task] = [(judge_price, (folder, name, price)) for name in priced for price in PRICES]
    teams: list[Task] = [(plan_teams, (folder, name)) for name in plan.policies]
    seeds: list[Task] = [(run_seed, (folder, number)) for number in range(plan.seeds)]
    _do(knowing, ("测算各道后果", "measuring consequences"), jobs=jobs, console=console)
    _do(prices, ("以上一年选定工时价", "choosing the price of an hour"), jobs=jobs, console=console)
    _do(teams, ("以上一年配置团队", "planning teams"), jobs=jobs, console=console)
    _do(seeds, ("推演", "running seeds"), jobs=jobs, console=console)


def _do(tasks: Sequence[Task], words: tuple[str, str], *, jobs: int, console: Console) -> None:
    """Do tasks side by side; the first that fails stops the others."""
    if not tasks:
        return
    with console.step(*words, total=len(tasks)) as advance, Workers(min(jobs, len(tasks))) as workers:
        for _ in workers.each(tasks):
            advance()
