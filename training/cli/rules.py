"""Verbs of `fenliu rules`: what a rule table says, what is wrong with it, and what it would have done."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import verb

On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="日期 / day")]


@verb
def check(
    files: Annotated[list[Path], typer.Argument(help="规则表文件 / rule tables")],
    on: On = None,
) -> None:
    """检查规则表，逐项列出错误 / list everything wrong with rule tables.

    退出码 / exit: 0 可以使用 (may be used), 3 有错误 (faults were found).

    Example: fenliu rules check court.toml
    """
