"""`fenliu-serve check`: whether the service can start here."""

from __future__ import annotations

import typer

from serving.cli.options import Home, part, settings_of


def check(home: Home = None) -> None:
    """检查能否启动：密钥、存储、规则、模型 / check keys, store, rules and model.

    退出码 / exit codes: 0 可以启动 (can start), 1 模型损坏 (damaged model), 2 设置 (settings), 6 存储 (store).

    Example: fenliu-serve check
    """
    settings = settings_of(home=home)
    part("logs").configure("error")
    raise typer.Exit(part("checking").check(settings, typer.echo))
