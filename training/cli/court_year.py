"""Verb `fenliu court-year`: a court's year in simulation, under one policy after the other."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import verb


@verb
def court_year(
    *,
    policies: Annotated[
        str | None,
        typer.Option("--policies", help="做法代号，逗号分隔；默认全部 / names, comma between; all by default"),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="种子数 / seeds")] = 20,
    model: Annotated[str, typer.Option(help="模型包 / which bundle")] = "latest",
    rules: Annotated[Path | None, typer.Option(help="分流所用的本院规则表 / the court's rule table for Fenliu")] = None,
    utility: Annotated[Path | None, typer.Option(help="效用设定 / utility setting")] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="本年首日 / first day of the year")
    ] = None,
    rules_on: Annotated[
        datetime | None,
        typer.Option(
            "--rules-on",
            formats=["%Y-%m-%d"],
            help="按该日施行的规则推演全程 / the day whose rules are tried all along",
        ),
    ] = None,
    late_days: Annotated[
        float, typer.Option(min=0, max=365, help="迟延立案检验的天数 / days for the late filing check")
    ] = 60.0,
    late_seeds: Annotated[int, typer.Option(min=0, help="迟延立案检验的种子数 / seeds for that check")] = 5,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="并行进程数 / processes")] = 2,
) -> None:
    """推演法院的一年：各种做法收到同样的申请，比较指标 / simulate a court's year under policies side by side.

    学习按价值分流需要带决定记录的历史数据（--data，默认 FENLIU_HOME 的历史）；没有时略去该做法。
    中断后对同一 --out 再运行即续算 / run again with the same --out to resume.

    退出码 / exit: 0 完成 (done), 1 有报告口径的指标因迟延立案而改善 (a reported indicator improved by late filing).

    Example: fenliu court-year --seeds 3 --policies one_judge,amount,asset,fenliu,oracle --set per_year=2000
    """
