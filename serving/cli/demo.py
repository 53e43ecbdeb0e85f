"""`fenliu-serve demo`: the service at work on three sample applications."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from serving.cli.options import Home, Port, part, refusing, settings_of


def demo(
    url: Annotated[str, typer.Option(help="已在运行的服务地址 / address of a running service")] = "",
    port: Port = None,
    home: Home = None,
    once: Annotated[bool, typer.Option("--once", help="答完即停 / stop after the answers")] = False,
    cases: Annotated[Path | None, typer.Option(help="演示法院的模拟案件 / simulated cases of the court")] = None,
) -> None:
    """启动演示法院与服务，发送三件示例申请 / open a court with simulated work, start a service, send three samples.

    运行目录为空时，以模拟案件办理三个月工作，并显示各角色的登录账户；已有其他记录的目录不改动。

    退出码 / exit codes: 0 完成 (done), 2 设置 (settings), 6 端口被占用或服务不可达 (port taken, service unreachable).

    Example: fenliu-serve demo --once
    """
    settings = settings_of(port=port, home=home)
    folder = cases or settings.home / "demo-cases"
    opens = None if once or url else partial(part("demo.opening").open_court, folder=folder)
    with refusing():
        code = part("demo.running").show(settings, url=url, once=once, opens=opens)
    raise typer.Exit(code)
