"""Verb that holds two bundles against each other."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import verb


@verb
def compare(
    *,
    old: Annotated[str, typer.Argument(metavar="A", help="现用：路径、运行名、latest、champion / the old bundle")],
    new: Annotated[str, typer.Argument(metavar="B", help="候选 / the new bundle")],
    fail_on: Annotated[str, typer.Option(help="worse|not-better|never")] = "never",
    changed: Annotated[Path | None, typer.Option(help="改变分流的案件名单写到哪里 / where to write the list")] = None,
    rules: Annotated[Path | None, typer.Option(help="本院规则表 / the court's rule table")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="分流比对：收到日期自 / lanes: from")
    ] = None,
) -> None:
    """在两个模型包都没有学过的同一批案件上比较，并列出会改变分流的案件 / compare two bundles on the same unseen cases.

    差值的区间由按被执行人重抽样得出；区间含零的，结论为无法区分。
    Intervals of differences come from resampled debtors; one that holds zero decides nothing.

    退出码 / exit: 0 完成 (done), 1 未通过 --fail-on (worse), 3 案件太少 (too few cases), 4 找不到 (not found).

    Example: fenliu compare champion latest --fail-on worse
    """
