"""Verb that watches a model in use."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import verb


@verb
def monitor(
    *,
    model: Annotated[str, typer.Option(help="模型包 / which bundle")] = "champion",
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="自何日起，默认最近 90 日 / from; last 90 days")
    ] = None,
    alert: Annotated[Path | None, typer.Option(help="警报文件（JSON） / alarm file")] = None,
    rules: Annotated[Path | None, typer.Option(help="本院规则表 / the court's rule table")] = None,
) -> None:
    """监测现用模型：分布偏移、预计与实际表现、分流占比、改变建议的决定 / watch drift, performance, lanes, overrides.

    供定时任务调用：有警报时退出码 1，并写入 --alert 文件；已知原因的变化只列出，不报警。

    退出码 / exit: 0 无警报 (no alarm), 1 有警报 (alarm), 3 数据不能用 (data rejected), 4 找不到 (not found).

    Example: fenliu monitor --since 2026-09-01 --alert alarm.json
    """
