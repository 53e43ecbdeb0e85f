"""`fenliu-serve migrate`, `backup`, `restore`: the database in shape, in safety, and back again."""

from __future__ import annotations

from pathlib import Path
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
    run(lambda: part("upkeep.migration").migrate(settings, to=to, force=force, say=typer.echo))


def backup(
    file: Annotated[Path, typer.Argument(help="新备份文件 / new file")],
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 / replace an existing file")] = False,
    home: Home = None,
) -> None:
    """备份到一个文件，服务可照常运行；不含密钥 / back up the database while the service runs, without the keys.

    文件经完整性与审计链核验后才出现。SQLite 与 PostgreSQL 的备份格式相同。
    退出码 / exit codes: 0 完成 (done), 2 设置 (settings), 3 文件 (file), 6 数据库 (database).

    Example: fenliu-serve backup /backup/fenliu-20261122.db
    """
    settings = settings_of(home=home)
    run(lambda: part("upkeep.backing_up").backup(settings, file, force=force, say=typer.echo))


def restore(
    file: Annotated[Path, typer.Argument(help="备份文件 / a backup")],
    force: Annotated[bool, typer.Option("--force", help="替换现有记录 / replace the present record")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只核验备份 / check the backup only")] = False,
    home: Home = None,
) -> None:
    """从备份恢复数据库：先核验，整体替换，不留半成品 / restore the database: checked first, all or nothing.

    须先放回原来的密钥文件。PostgreSQL 须设置 FENLIU_DATABASE_OWNER。
    退出码 / exit codes: 0 完成 (done), 2 设置 (settings), 3 备份不可用 (bad backup), 6 数据库 (database).

    Example: fenliu-serve restore /backup/fenliu-20261122.db --dry-run
    """
    settings = settings_of(home=home)
    run(lambda: part("upkeep.restoring").restore(settings, file, force=force, dry_run=dry_run, say=typer.echo))
