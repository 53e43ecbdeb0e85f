"""`fenliu-serve applicant`: the applicant's form on the public side, in a process of its own."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from serving.cli.options import UNREACHABLE, fail, part, settings_of

PORT = 3100


def applicant(
    host: Annotated[str | None, typer.Option(help="监听地址，默认仅本机 / address to listen on")] = None,
    port: Annotated[int, typer.Option(help="端口 / port", min=1, max=65535)] = PORT,
) -> None:
    """启动申请人填写页面（执前风险提示）：独立进程，不含案件、模型和密钥 / run the applicant's form on its own.

    放在对外一侧运行；不读取也不保存任何案件数据。/ It belongs on the public side and neither reads nor keeps any case.
    退出码 / exit codes: 0 正常停止 (stopped), 2 设置 (settings), 6 端口被占用 (port taken).

    Example: fenliu-serve applicant --port 3100
    """
    settings = settings_of(host=host, port=port)
    part("logs").configure(settings.log_level)
    try:
        listener = part("supervisor.listening").own(settings.host, port)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        fail("PORT", f"端口 {port} 不可用：{why}；请换 --port / port {port} is not free: try another", UNREACHABLE)
    typer.echo(
        f"执前风险提示 / the applicant's form: http://{settings.host}:{port}/apply  (Ctrl-C 停止 / stops)", err=True
    )
    app = part("applicant").applicant_app(settings, clock=part("opening").now)
    if not part("supervisor.alone").serve_alone(app, listener):
        fail("CANNOT_START", "未能启动 / could not start", UNREACHABLE)
