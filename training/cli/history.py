"""Verbs about a court's history: simulate, import, validate."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import showing_verb, verb


@verb
def simulate(
    *,
    n: Annotated[int, typer.Option("--n", min=1, help="案件数 / cases")] = 30_000,
    courts: Annotated[int, typer.Option("--court", help="法院数 / courts", min=1, max=12)] = 10,
    start: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="首日 / first day")] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="末日 / last day")] = None,
    scenario: Annotated[str, typer.Option(help="情景 / scenario")] = "base",
) -> None:
    """造一个模拟法院的历史数据 / simulate a court's history.

    Example: fenliu simulate --n 20000 --seed 1
    """


@verb
def import_(
    source: Annotated[list[Path], typer.Argument(help="源文件或目录 / source files or folders")],
    mapping: Annotated[Path, typer.Option(help="映射文件 / mapping file")],
    key_file: Annotated[Path | None, typer.Option(help="证件号加密密钥 / key for identity numbers")] = None,
) -> None:
    """按映射文件导入本院数据 / import a court's own export.

    Example: fenliu import --mapping docs/mappings/court-export.toml docs/mappings --out .fenliu/history
    """


@showing_verb
def validate(
    fail_on: Annotated[str, typer.Option(help="error|warn")] = "error",
    rejects: Annotated[Path | None, typer.Option(help="把发现写入文件 / write findings to a file")] = None,
) -> None:
    """检查历史数据：范围、日期、泄漏、个人信息 / check a history.

    退出码 / exit: 0 通过 (sound), 1 有警告 (warnings, with --fail-on warn), 3 有错误 (errors).

    Example: fenliu validate --data .fenliu/history --fail-on warn
    """
