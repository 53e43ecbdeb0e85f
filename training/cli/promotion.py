"""Verbs about which bundle answers: promote, rollback, ledger."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import showing_verb

By = Annotated[str | None, typer.Option(envvar="FENLIU_USER", help="姓名，默认本机账户 / who; the account by default")]
Demo = Annotated[bool, typer.Option("--demo", help="同意仅作演示 / consent to a demonstration")]


@showing_verb
def promote(
    model: Annotated[str | None, typer.Argument(help="模型包 / which bundle")] = None,
    *,
    reason: Annotated[str | None, typer.Option(help="理由，记入台账 / why; kept in the ledger")] = None,
    by: By = None,
    to: Annotated[str, typer.Option(help="champion")] = "champion",
    sign: Annotated[bool, typer.Option("--sign", help="作为另一人签署已提出的申请 / sign an open request")] = False,
    at: Annotated[
        datetime | None,
        typer.Option("--at", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], help="不早于此时发布 / not before"),
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="执行到时的发布，供定时任务 / carry out what is due")] = False,
    pending: Annotated[bool, typer.Option("--pending", help="列出待签署、待发布的 / list what waits")] = False,
    gates: Annotated[Path | None, typer.Option(help="另加的关口文件 / further gates")] = None,
    expect: Annotated[str | None, typer.Option(help="现用模型包须为此名 / name of the present champion")] = None,
    demo: Demo = False,
) -> None:
    """核验并发布模型包，写入台账 / verify a bundle, make it the one that answers, and keep it in the ledger.

    本院 FENLIU_HOME/promotion.toml 要求两人签署的，一人提出、另一人以 --sign 签署。

    退出码 / exit: 0 已发布 (done), 1 关口未通过 (a gate failed), 2 用法 (usage), 3 模型包损坏 (damaged),
    4 找不到 (not found), 5 待签署、被锁或现用模型包已变 (approval, lock, champion changed).

    Example: fenliu promote latest --reason "第二季度重训" --dry-run
    """


@showing_verb
def rollback(
    *,
    reason: Annotated[str, typer.Option(help="理由，记入台账 / why; kept in the ledger")],
    to: Annotated[str | None, typer.Option(help="曾经现用的，默认上一个 / a former champion")] = None,
    by: By = None,
    demo: Demo = False,
) -> None:
    """退回曾经现用的模型包：核验、记台账、换指针，一步完成 / let a former champion answer again.

    退出码 / exit: 0 已退回 (done), 3 模型包损坏 (damaged), 4 没有可退回的 (none),
    5 被锁或已是现用 (locked, or champion already).

    Example: fenliu rollback --reason "新模型误差变大"
    """


@showing_verb
def ledger() -> None:
    """列出各模型包自何时至何时现用、由谁决定、理由和关口 / who answered when, by whose decision, and why.

    Example: fenliu ledger --format csv
    """
