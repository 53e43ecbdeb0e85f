"""`fenliu-serve serve`: the service under uvicorn, whose dead workers are replaced."""

from __future__ import annotations

import os
import socket
from typing import Annotated

import typer

from serving.cli.options import UNREACHABLE, Home, Port, fail, part, settings_of
from serving.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option(help="监听地址，默认仅本机 / address to listen on")] = None,
    port: Port = None,
    workers: Annotated[int | None, typer.Option(help="工作进程数 / worker processes")] = None,
    home: Home = None,
) -> None:
    """启动服务（uvicorn，无控制端口，进程死亡即补）/ run the service under uvicorn.

    SIGTERM：先报“未就绪”，排空后停止；SIGHUP：逐个更换工作进程。/ SIGTERM drains, SIGHUP exchanges workers one by one.
    退出码 / exit codes: 0 正常停止 (stopped), 2 设置 (settings), 6 无法启动 (cannot start).

    Example: fenliu-serve serve --port 3000 --workers 2
    """
    settings = settings_of(host=host, port=port, workers=workers, home=home)
    listener = _listener(settings)
    typer.echo(f"分流服务 / Fenliu: http://{settings.host}:{settings.port}/  (Ctrl-C 停止 / stops)", err=True)
    if not part("supervisor.serving").serve(settings, listener):
        fail(
            "CANNOT_START",
            "服务无法启动，请运行 fenliu-serve check / cannot start; run fenliu-serve check",
            UNREACHABLE,
        )


def _listener(settings: Settings) -> socket.socket:
    listening = part("supervisor.listening")
    try:
        found: socket.socket = listening.passed_on(os.environ, pid=os.getpid()) or listening.own(
            settings.host, settings.port
        )
    except OSError as error:
        place = f"{settings.host}:{settings.port}"
        why = os.strerror(error.errno or 0)
        fail(
            "PORT",
            f"无法监听 {place}（{why}）；换端口用 --port / cannot listen on {place}: {why}; try --port",
            UNREACHABLE,
        )
    return found
