"""`fenliu-serve retention`, `person` and `hold`: erasing on time, exporting per person, holding cases."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from serving.cli.options import Home, part, run, settings_of

Why = Annotated[str, typer.Option("--reason", help="事由，加密存档 / why; kept on record, sealed")]

retention = typer.Typer(help="按期限删除存档内容 / erase content when its time is up.", no_args_is_help=True)
person = typer.Typer(help="按人导出所存信息 / export what is kept about one person.", no_args_is_help=True)
hold = typer.Typer(help="保全案件存档 / hold cases, so that nothing of them is erased.", no_args_is_help=True)


@retention.command("run")
def erase(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只统计，不删除 / count, erase nothing")] = False,
    home: Home = None,
) -> None:
    """删除已到期的内容并记入删除日志 / erase what is due; it is written into the deletion log.

    退出码 / exit codes: 0 完成 (done), 2 设置 (settings), 6 存储 (store).

    Example: FENLIU_RETENTION_ADVICE_DAYS=1095 fenliu-serve retention run --dry-run
    """
    settings = settings_of(home=home)
    part("logs").configure("error")
    run(lambda: part("operation.rights").retain(settings, dry_run=dry_run, say=typer.echo))


@person.command("export")
def export_person(
    out: Annotated[Path, typer.Argument(help="新文件 / a new file")],
    token: Annotated[
        str, typer.Option("--token", help="证件号标记；不写则询问证件号码 / asks for the number without it")
    ] = "",
    home: Home = None,
) -> None:
    """导出一人的全部存档；证件号码现场输入，不留在命令历史中 / export all about one person; the number is asked for.

    退出码 / exit codes: 0 完成 (done), 2 设置 (settings), 3 文件 (file), 6 存储 (store).

    Example: fenliu-serve person export person.json
    """
    settings = settings_of(home=home)
    part("logs").configure("error")
    number = None if token else typer.prompt("证件号码 / identity number", hide_input=True)
    work = part("operation.rights")
    run(lambda: work.export_person(settings, out, number=number, token=token or None, say=typer.echo))


@hold.command("set")
def place(
    court: Annotated[str, typer.Argument(help="法院代字 / court code")],
    application: Annotated[str, typer.Argument(help="申请编号 / application id")],
    reason: Why,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="截止日（含）/ last day")] = None,
    home: Home = None,
) -> None:
    """保全一件案件 / hold a case.

    退出码 / exit codes: 0 完成 (done), 2 案件或日期 (case or date), 6 存储 (store).

    Example: fenliu-serve hold set 浙1022 SQ20261120-0187 --reason "国家赔偿案件尚未审结"
    """
    settings = settings_of(home=home)
    part("logs").configure("error")
    day, work = None if until is None else until.date(), part("operation.rights")
    run(lambda: work.place_hold(settings, (court, application), until=day, reason=reason, say=typer.echo))


@hold.command("lift")
def lift(
    hold_id: Annotated[str, typer.Argument(help="保全编号 / id of the hold")], reason: Why, home: Home = None
) -> None:
    """解除保全 / lift a hold.

    退出码 / exit codes: 0 完成 (done), 2 无此保全 (no such hold), 6 存储 (store).

    Example: fenliu-serve hold lift HLD-20261120-000001 --reason "已审结"
    """
    settings = settings_of(home=home)
    part("logs").configure("error")
    run(lambda: part("operation.rights").lift_hold(settings, hold_id, reason=reason, say=typer.echo))
