"""What makes a function a verb of the command line: the options that all verbs share, and work loaded when called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from training.cli.running import Called, run_work

COMMON: Final[dict[str, tuple[Any, object]]] = {
    "config": (Annotated[Path | None, typer.Option("-c", "--config", help="配置文件 / settings file")], None),
    "set_": (Annotated[list[str] | None, typer.Option("--set", help="覆盖一项配置 a.b=1 / override one key")], None),
    "seed": (Annotated[int | None, typer.Option(min=0, help="随机种子 / seed")], None),
    "data": (Annotated[Path | None, typer.Option(help="历史数据目录 / history directory")], None),
    "out": (Annotated[Path | None, typer.Option("-o", "--out", help="输出位置 / where to write")], None),
    "force": (Annotated[bool, typer.Option("--force", help="覆盖已有输出 / overwrite")], False),
    "dry_run": (Annotated[bool, typer.Option("--dry-run", help="只说要做什么 / change nothing")], False),
    "form": (Annotated[str, typer.Option("--format", help="auto|table|json|csv|md")], "auto"),
    "lang": (Annotated[str, typer.Option(envvar="FENLIU_LANG", help="zh|en")], "zh"),
    "quiet": (Annotated[bool, typer.Option("-q", "--quiet", help="只留结果 / results only")], False),
    "no_progress": (Annotated[bool, typer.Option("--no-progress", help="不显示进度 / no progress")], False),
    "debug": (Annotated[bool, typer.Option("--debug", help="出错时显示调用栈 / show tracebacks")], False),
}
"""Options that every verb has."""

COPY: Final = Annotated[Path | None, typer.Option("-o", "--out", help="把结果另存 .json .csv .md / keep a copy")]
"""What `--out` means to a verb that writes nothing but what it shows."""


def verb(function: Callable[..., None]) -> Callable[..., None]:
    """Make an empty function a verb; its work is the function of the same name and file in `training/commands/`.

    What the verbs need takes seconds to import, and `--help` must not wait for
    it: so the files of this folder know only names, options and help, and every
    body is empty.
    """
    return _made(function, COMMON, copied=False)


def showing_verb(function: Callable[..., None]) -> Callable[..., None]:
    """Make a verb whose whole answer is what it shows: `--out` keeps a copy of that beside it."""
    return _made(function, COMMON | {"out": (COPY, None)}, copied=True)


def _made(
    function: Callable[..., None], common: Mapping[str, tuple[Any, object]], *, copied: bool
) -> Callable[..., None]:
    signature = inspect.signature(function, eval_str=True)
    work = f"training.commands.{function.__module__.rpartition('.')[2]}"
    extra = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in common.items()
    ]

    @wraps(function)
    def run(**options: Any) -> None:  # noqa: ANN401 - whatever the command line says
        shared = {name: options.pop(name) for name in common}
        run_work(Called(work, function.__name__, shared, options, copied=copied))

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in signature.parameters.values()]
    run.__signature__ = signature.replace(parameters=[*parameters, *extra])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*parameters, *extra)}
    return run
