"""`fenliu-serve check`: whether the service can start here."""

from __future__ import annotations

import typer

from serving.cli.options import Home, part, settings_of


def check(home: Home = None) -> None:
    """检查能否启动：设置、密钥、存储、审计、规则、模型、时钟、磁盘、字体 / check everything that a start needs.

    退出码 / exit codes: 0 可以启动 (can start), 1 模型损坏 (damaged model), 2 设置、密钥、规则或时钟
    (settings, keys, rules, clock), 6 存储或磁盘 (store, disk).

    Example: fenliu-serve check
    """
    settings = settings_of(home=home)
    part("logs").configure("error")
    raise typer.Exit(part("checking").check(settings, typer.echo))
