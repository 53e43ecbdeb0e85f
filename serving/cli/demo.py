"""`fenliu-serve demo`: the service at work on three sample applications."""

from __future__ import annotations

from typing import Annotated

import typer

from serving.cli.options import Home, Port, part, settings_of


def demo(
    url: Annotated[str, typer.Option(help="已在运行的服务地址 / address of a running service")] = "",
    port: Port = None,
    home: Home = None,
    once: Annotated[bool, typer.Option("--once", help="答完即停 / stop after the answers")] = False,
) -> None:
    """启动服务，发送三件示例申请并显示建议 / start a service, send three sample cases and show the advice.

    退出码 / exit codes: 0 完成 (done), 2 设置 (settings), 6 端口被占用或服务不可达 (port taken, service unreachable).

    Example: fenliu-serve demo --once
    """
    settings = settings_of(port=port, home=home)
    raise typer.Exit(part("demo").show(settings, url=url, once=once))
