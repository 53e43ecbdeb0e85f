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
    figures = None
    if settings.metrics_port:
        figures = _own(settings.metrics_host, settings.metrics_port, option="FENLIU_METRICS_PORT")
    if not part("supervisor.serving").serve(settings, listener, figures):
        fail(
            "CANNOT_START",
            "服务无法启动，请运行 fenliu-serve check / cannot start; run fenliu-serve check",
            UNREACHABLE,
        )


def _listener(settings: Settings) -> socket.socket:
    found: socket.socket | None = part("supervisor.listening").passed_on(os.environ, pid=os.getpid())
    return found or _own(settings.host, settings.port, option="--port")


def _own(host: str, port: int, *, option: str) -> socket.socket:
    try:
        found: socket.socket = part("supervisor.listening").own(host, port)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        fail(
            "PORT",
            f"无法监听 {host}:{port}（{why}）；换端口用 {option} / cannot listen on {host}:{port}: {why}; try {option}",
            UNREACHABLE,
        )
    return found
