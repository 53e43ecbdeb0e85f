"""Command `fenliu-serve`: run the service, check that it can run, and show it at work."""

from __future__ import annotations

import importlib
import os
import socket
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated, Final, NoReturn

import typer

from serving.settings import Settings, SettingsError

USAGE: Final = 2
UNREACHABLE: Final = 6
BUG: Final = 70
INTERRUPTED: Final = 130

app = typer.Typer(
    name="fenliu-serve",
    help="分流在线服务 / the online service of Fenliu.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Home = Annotated[Path | None, typer.Option("--home", help="运行目录，默认 FENLIU_HOME 或 .fenliu / runtime home")]
Port = Annotated[int | None, typer.Option("--port", help="端口，默认 FENLIU_PORT 或 3000 / port")]


@app.command()
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
    settings = _settings(host=host, port=port, workers=workers, home=home)
    listener = _listener(settings)
    typer.echo(f"分流服务 / Fenliu: http://{settings.host}:{settings.port}/  (Ctrl-C 停止 / stops)", err=True)
    if not _supervise(settings, listener):
        _fail(
            "CANNOT_START",
            "服务无法启动，请运行 fenliu-serve check / cannot start; run fenliu-serve check",
            UNREACHABLE,
        )


@app.command()
def check(home: Home = None) -> None:
    """检查能否启动：密钥、存储、规则、模型 / check key, store, rules and model.

    退出码 / exit codes: 0 可以启动 (can start), 1 模型损坏 (damaged model), 2 设置 (settings), 6 存储 (store).

    Example: fenliu-serve check
    """
    settings = _settings(home=home)
    _part("logs").configure("error")
    raise typer.Exit(_part("checking").check(settings, typer.echo))


@app.command()
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
    settings = _settings(port=port, home=home)
    raise typer.Exit(_part("demo").show(settings, url=url, once=once))


def main() -> None:
    """Run the command; every failure ends in a sentence and an exit code, never in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except SettingsError as error:
        _fail("SETTINGS", str(error), USAGE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _settings(**given: object) -> Settings:
    """Read the environment with the options over it, and leave the result to the worker processes."""
    chosen = {f"FENLIU_{name.upper()}": str(value) for name, value in given.items() if value is not None}
    os.environ.update(chosen)
    return Settings.read(os.environ)


def _part(name: str) -> ModuleType:
    """Import a part of the command when it is used: --help must not wait for the database and the models."""
    return importlib.import_module(f"serving.{name}")


def _listener(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host.strip("[]"), settings.port), family=family, backlog=2048)
    except OSError as error:
        place = f"{settings.host}:{settings.port}"
        why = os.strerror(error.errno or 0)
        _fail(
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


def _fail(code: str, text: str, status: int) -> NoReturn:
    typer.echo(f"错误 [{code}] {text}", err=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
