"""Verb that searches for better settings."""

from __future__ import annotations

from typing import Annotated

import typer

from training.cli.verb import verb


@verb
def tune(
    *,
    stage: Annotated[str | None, typer.Option(help="A|B，默认两者 / both by default")] = None,
    scores: Annotated[list[str] | None, typer.Option("--score", help="只看这个分数，可重复 / this score only")] = None,
    trials: Annotated[int, typer.Option(min=1, max=10_000, help="共试多少组 / trials in all")] = 40,
    minutes: Annotated[
        int | None, typer.Option("--timeout", min=1, help="本次最多多少分钟 / minutes for this call")
    ] = None,
    resume: Annotated[
        str | None, typer.Option(help="续做：运行名、目录或 latest / go on with a run, a folder or the latest")
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=1, max=4, help="并行进程数，不改变结果 / processes; results stay the same")
    ] = 1,
) -> None:
    """在滚动各期上试不同的树设置，落后的提前放弃，写出最好的 / search the settings of the trees on rolling folds.

    第一组是现有设置；搜索范围见配置 [tuning]。每组在 MLflow 中各有记录；中断后续做。
    每四组一批，一批试完才据以选下一批，所以 --jobs 不改变结果。
    The first trial is the settings as they are; the space is [tuning]. Every trial is recorded in MLflow.
    Four trials are begun together and learned from together, so that --jobs changes nothing but the time.

    退出码 / exit: 0 完成 (done), 3 案件太少或结果未成熟 (too few or not ripe), 6 MLflow 无法使用 (store unreachable).

    Example: fenliu tune --stage B --trials 30 --timeout 60
    """
