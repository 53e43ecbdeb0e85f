"""`fenliu-serve migrate`: the database in the shape that this program writes."""

from __future__ import annotations

from typing import Annotated

import typer

from serving.cli.options import Home, part, run, settings_of


def migrate(
    to: Annotated[str, typer.Option(help="版本，如 0006；默认最新 / version; the newest by default")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="允许退回，会删除表 / permit going down, which drops tables")
    ] = False,
    home: Home = None,
) -> None:
    """建立或升级数据库并核定服务角色的权限（以属主角色）/ create or upgrade the database with the owner's role.

    SQLite 在服务启动时自动升级；PostgreSQL 须先运行本命令。
    退出码 / exit codes: 0 完成 (done), 2 设置 (settings), 6 数据库 (database).

    Example: fenliu-serve migrate
    """
    settings = settings_of(home=home)
    run(lambda: part("upkeep").migrate(settings, to=to, force=force, say=typer.echo))
