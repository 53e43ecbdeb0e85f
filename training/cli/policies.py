"""Verb that says what a routing policy is worth, from decisions that were logged."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import verb


@verb
def policy_value(
    *,
    policies: Annotated[
        list[str] | None,
        typer.Argument(
            help="政策：fenliu、amount、asset、one_judge、oracle（仅模拟），或规则表文件、随附表名 / which policies"
        ),
    ] = None,
    stage: Annotated[str | None, typer.Option(help="A|B，默认两者 / both by default")] = None,
    model: Annotated[
        str | None,
        typer.Option(help="模型包，默认最近一个；none 只按规则 / bundle; latest by default, none: rules alone"),
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="本院规则表 / the court's rule table")] = None,
    utility: Annotated[Path | None, typer.Option(help="本院价值表 / the court's utility file")] = None,
    court: Annotated[list[str] | None, typer.Option("--court", help="只看此法院，可重复 / only this court")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="收到日期自 / received from")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="收到日期早于 / received before")
    ] = None,
) -> None:
    """用以往的分流决定估计一项分流政策的价值，与原做法、金额规则、一律精办比较 / value a policy from logged decisions.

    以往的决定说明不了的，不出具数字并说明原因。
    Where logged decisions cannot tell, no figure is given, and why is said.

    退出码 / exit: 0 已估计 (valued), 1 不足以估计 (overlap too poor), 3 数据不能用 (data rejected).

    Example: fenliu policy-value fenliu --stage A --data .fenliu/history
    """
