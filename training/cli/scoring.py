"""Verb that scores from file to file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import verb


@verb
def score(
    *,
    source: Annotated[Path, typer.Argument(help="历史数据目录，或每行一个请求体的文件 / history, or NDJSON of cases")],
    model: Annotated[str, typer.Option(help="模型包，none 只用规则 / bundle, none: rules alone")] = "champion",
    stage: Annotated[str, typer.Option(help="历史数据的阶段 A|B / stage for a history")] = "A",
    rules: Annotated[Path | None, typer.Option(help="本院规则表 / the court's rule table")] = None,
    explain: Annotated[int, typer.Option(min=0, max=20, help="每个分数的理由数 / reasons per score")] = 0,
) -> None:
    """不经服务，从文件到文件评分 / score from file to file, without a server.

    输出按扩展名：.csv、.parquet，其余为 NDJSON / the ending of --out decides the form.

    退出码 / exit: 0 全部评分 (all scored), 3 有未评分的行 (some lines were rejected).

    Example: fenliu score cases.ndjson -o scores.csv --explain 3
    """
