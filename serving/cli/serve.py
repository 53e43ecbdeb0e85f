"""`fenliu-serve serve`: the service under uvicorn, whose dead workers are replaced."""

from __future__ import annotations

import os
import socket
from typing import Annotated

import typer

from serving.cli.options import UNREACHABLE, Home, Port, fail, settings_of
from serving.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option(help="监听地址，默认仅本机 / address to listen on")] = None,
    port: Port = None,
    workers: Annotated[int | None, typer.Option(help="工作进程数 / worker processes")] = None,
    home: Home = None,
) -> None:
    """启动服务（uvicorn，无控制端口，进程死亡即补）/ run the service under uvicorn.

    退出码 / exit codes: 0 正常停止 (stopped), 2 设置 (settings), 6 无法启动 (cannot start).

    Example: fenliu-serve serve --port 3000 --workers 2
    """
    settings = settings_of(host=host, port=port, workers=workers, home=home)
    listener = _listener(settings)
    typer.echo(f"分流服务 / Fenliu: http://{settings.host}:{settings.port}/  (Ctrl-C 停止 / stops)", err=True)
    if not _supervise(settings, listener):
        fail(
            "CANNOT_START",
            "服务无法启动，请运行 fenliu-serve check / cannot start; run fenliu-serve check",
            UNREACHABLE,
        )


def _listener(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host.strip("[]"), settings.port), family=family, backlog=2048)
    except OSError as error:
        place = f"{settings.host}:{settings.port}"
        why = os.strerror(error.errno or 0)
        fail(
            "PORT",
            f"无法监听 {place}（{why}）；换端口用 --port / cannot listen on {place}: {why}; try --port",
            UNREACHABLE,
        )
    listener.set_inheritable(True)
    return listener


def _supervise(settings: Settings, listener: socket.socket) -> bool:
    """Keep the workers running until told to stop; False when one could not even start."""
    import uvicorn  # half a second that --help should not cost
    from uvicorn.config import STARTUP_FAILURE
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config(
        "serving.service:application",
        factory=True,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        workers=settings.workers,
        timeout_graceful_shutdown=20,
        timeout_worker_healthcheck=30,
    )
    supervisor = Multiprocess(config, sockets=[listener])
    supervisor.run()
    return all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)
