"""Verb that tries models on the past, as of one day after another."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from training.cli.verb import verb


@verb
def backtest(
    *,
    stage: Annotated[str | None, typer.Option(help="A|B，默认两者 / both by default")] = None,
    scores: Annotated[
        list[str] | None, typer.Option("--score", help="只回测这个分数，可重复 / only this score")
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="最早的训练截止日 / earliest day to learn as of"),
    ] = None,
    one_model: Annotated[
        bool, typer.Option("--one-model", help="只训练一次，看它一年内逐期表现 / learn once and look at it for a year")
    ] = False,
    resume: Annotated[
        str | None, typer.Option(help="续算：运行名、目录或 latest / go on with a run, a folder or the latest")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="并行进程数 / processes")] = 2,
) -> None:
    """滚动回测：逐期只用当时已知的训练，看以后各期 / learn as of one day after another and look what came of it.

    列出各期损失、模型老化、按当时所知选择候选的遗憾；候选和期数见配置 [backtest]。
    --one-model 只训练最早一期的现有设置，其余不做。
    With --one-model the settings as they are are learned once, as of the oldest day, and nothing else is done.
    Losses by period, ageing, and the regret of choosing by what was known then; see [backtest] of the settings.

    退出码 / exit: 0 完成 (done), 1 有一期不胜过常数或老化太快 (not good enough), 3 数据不够或结果未成熟 (not ripe).

    Example: fenliu backtest --stage A --score ability --jobs 2
    """
