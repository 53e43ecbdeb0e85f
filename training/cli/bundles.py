"""Verbs about bundles of models: train, evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import verb


@verb
def train(
    stage: Annotated[str | None, typer.Option(help="A|B，默认两者 / both by default")] = None,
    scores: Annotated[
        list[str] | None, typer.Option("--score", help="只训练这个分数，可重复 / only this score")
    ] = None,
    min_cases: Annotated[int | None, typer.Option(min=1, help="最少案件数 / fewest cases")] = None,
    from_run: Annotated[
        str | None, typer.Option(help="重复一次运行并核对哈希 / repeat a run and compare the hash")
    ] = None,
) -> None:
    """训练、校准并登记模型包 / train and calibrate a bundle and record it.

    退出码 / exit: 0 完成 (done), 1 重复的结果与原来不同 (a repeated run gave another bundle).

    Example: fenliu train --stage A --score ability --set booster.trees=200
    """


@verb
def evaluate(
    model: Annotated[str, typer.Argument(help="模型包：路径、运行名、latest、champion / which bundle")] = "latest",
    gates: Annotated[Path | None, typer.Option(help="关口文件 / gates file")] = None,
) -> None:
    """在较晚时期评估模型包，与基线比较 / measure a bundle on a later period beside baselines.

    退出码 / exit: 0 通过 (passed), 1 有关口未通过 (a gate failed).

    Example: fenliu evaluate latest --format json
    """
