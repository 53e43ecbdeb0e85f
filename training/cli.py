"""Command `fenliu`: from a court's history to a promoted bundle, and scores from file to file."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Final, NoReturn

import typer

from training.errors import CommandError

BUG: Final = 70
INTERRUPTED: Final = 130
USAGE: Final = 2
SHANGHAI: Final = timezone(timedelta(hours=8))

app = typer.Typer(
    name="fenliu",
    help="分流离线命令：模拟、导入、检查、训练、评估、发布、评分 / offline commands of Fenliu.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_COMMON: Final[dict[str, tuple[Any, object]]] = {
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
"""Options that every command has."""


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Register a verb; its work is the function of the same name in `commands.py`, loaded when it is called.

    What the verbs need takes seconds to import, and `--help` must not wait for
    it: so this file knows only names, options and help, and every body is empty.
    """
    signature = inspect.signature(function, eval_str=True)
    extra = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in _COMMON.items()
    ]

    @wraps(function)
    def run(**options: Any) -> None:  # noqa: ANN401 - whatever the command line says
        shared = {name: options.pop(name) for name in _COMMON}
        _run(function.__name__, shared, options)

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in signature.parameters.values()]
    run.__signature__ = signature.replace(parameters=[*parameters, *extra])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*parameters, *extra)}
    app.command(function.__name__.rstrip("_"))(run)
    return run


@command
def simulate(
    *,
    n: Annotated[int, typer.Option("--n", min=1, help="案件数 / cases")] = 30_000,
    court: Annotated[int, typer.Option(help="法院数 / courts", min=1, max=12)] = 10,
    from_: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="首日 / first day")] = None,
    to: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="末日 / last day")] = None,
    scenario: Annotated[str, typer.Option(help="情景 / scenario")] = "base",
) -> None:
    """造一个模拟法院的历史数据 / simulate a court's history.

    Example: fenliu simulate --n 20000 --seed 1
    """


@command
def import_(
    source: Annotated[list[Path], typer.Argument(help="源文件或目录 / source files or folders")],
    mapping: Annotated[Path, typer.Option(help="映射文件 / mapping file")],
    key_file: Annotated[Path | None, typer.Option(help="证件号加密密钥 / key for identity numbers")] = None,
) -> None:
    """按映射文件导入本院数据 / import a court's own export.

    Example: fenliu import --mapping docs/mappings/court-export.toml docs/mappings --out .fenliu/history
    """


@command
def validate(
    fail_on: Annotated[str, typer.Option(help="error|warn")] = "error",
    rejects: Annotated[Path | None, typer.Option(help="把发现写入文件 / write findings to a file")] = None,
) -> None:
    """检查历史数据：范围、日期、泄漏、个人信息 / check a history.

    退出码 / exit: 0 通过 (sound), 1 有警告 (warnings, with --fail-on warn), 3 有错误 (errors).

    Example: fenliu validate --data .fenliu/history --fail-on warn
    """


@command
def train(
    stage: Annotated[str | None, typer.Option(help="A|B，默认两者 / both by default")] = None,
    scores: Annotated[
        list[str] | None, typer.Option("--score", help="只训练这个分数，可重复 / only this score")
    ] = None,
    min_cases: Annotated[int | None, typer.Option(min=1, help="最少案件数 / fewest cases")] = None,
) -> None:
    """训练、校准并登记模型包 / train and calibrate a bundle and record it.

    Example: fenliu train --stage A --score ability --set booster.trees=200
    """


@command
def evaluate(
    model: Annotated[str, typer.Argument(help="模型包：路径、运行名、latest、champion / which bundle")] = "latest",
    gates: Annotated[Path | None, typer.Option(help="关口文件 / gates file")] = None,
) -> None:
    """在较晚时期评估模型包，与基线比较 / measure a bundle on a later period beside baselines.

    退出码 / exit: 0 通过 (passed), 1 有关口未通过 (a gate failed).

    Example: fenliu evaluate latest --format json
    """


@command
def promote(
    model: Annotated[str, typer.Argument(help="模型包 / which bundle")],
    reason: Annotated[str, typer.Option(help="理由，记入台账 / why; kept in the ledger")],
    by: Annotated[str | None, typer.Option(envvar="FENLIU_USER", help="发布人 / who promotes")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="同意仅作演示 / consent to a demonstration")] = False,
) -> None:
    """核验并发布模型包 / verify a bundle and make it the one that answers.

    退出码 / exit: 1 关口未通过 (a gate failed), 5 需要同意或被锁 (needs consent, or locked).

    Example: fenliu promote latest --reason "第二季度重训" --dry-run
    """


@command
def score(
    *,
    source: Annotated[Path, typer.Argument(help="历史数据目录，或每行一个请求体的文件 / history, or NDJSON of cases")],
    model: Annotated[str, typer.Option(help="模型包 / which bundle")] = "champion",
    stage: Annotated[str, typer.Option(help="历史数据的阶段 A|B / stage for a history")] = "A",
    rules: Annotated[Path | None, typer.Option(help="本院规则表 / the court's rule table")] = None,
    explain: Annotated[int, typer.Option(min=0, max=20, help="每个分数的理由数 / reasons per score")] = 0,
) -> None:
    """不经服务，从文件到文件评分 / score from file to file, without a server.

    输出按扩展名：.csv、.parquet，其余为 NDJSON / the ending of --out decides the form.

    退出码 / exit: 0 全部评分 (all scored), 3 有未评分的行 (some lines were rejected).

    Example: fenliu score cases.ndjson -o scores.csv --explain 3
    """


@command
def explain(code: Annotated[str, typer.Argument(help="错误代码 / code of a refusal")]) -> None:
    """解释一个错误代码 / say what a code means and what to do.

    Example: fenliu explain TOO_FEW_CASES
    """


def main() -> NoReturn:
    """Run the command line and leave with the exit status of the contract."""
    # Threads that wait must sleep: spinning ones made two-threaded fits seventeen times slower on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    _load("training.console").speak_utf8()
    try:
        status = app(standalone_mode=False)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except typer.TyperException as error:
        usage = error.format_message()
        _leave(CommandError("USAGE", usage, usage))
    sys.exit(status if isinstance(status, int) else 0)


def _run(name: str, shared: dict[str, Any], options: dict[str, Any]) -> NoReturn:
    """Call a command's work and leave with its status; no traceback unless asked for."""
    console = _console(shared)
    try:
        sys.exit(_call(name, console, shared, options))
    except CommandError as error:
        console.refuse(error)
        sys.exit(error.exit)
    except KeyboardInterrupt:
        console.refuse(CommandError("INTERRUPTED", f"fenliu {name} 被中断", f"fenliu {name} was interrupted"))
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the one edge of the offline side: a person sees words, not a traceback
        if shared["debug"]:
            traceback.print_exc()
        what = type(error).__name__
        console.refuse(CommandError("INTERNAL", f"fenliu {name} 出错：{what}", f"fenliu {name} failed: {what}"))
        sys.exit(BUG)


def _call(name: str, console: Any, shared: dict[str, Any], options: dict[str, Any]) -> int:  # noqa: ANN401 - as above
    commands, provenance = _load("training.commands"), _load("training.provenance")
    session = commands.Session(
        console=console,
        home=provenance.Home.of_environment(),
        now=datetime.now(UTC).astimezone(SHANGHAI).replace(microsecond=0),
        config=shared["config"],
        overrides=tuple(shared["set_"] or ()),
        seed=shared["seed"],
        data=shared["data"],
        out=shared["out"],
        dry_run=shared["dry_run"],
        force=shared["force"],
    )
    return int(getattr(commands, name)(session, **_dated(options)))


def _dated(options: dict[str, Any]) -> dict[str, Any]:
    """Rename and convert what the command line says in its own way."""
    names = {"from_": "start", "to": "end", "court": "courts"}
    plain = {key: value.date() if isinstance(value, datetime) else value for key, value in options.items()}
    return {names.get(key, key): value for key, value in plain.items()}


def _console(shared: dict[str, Any]) -> Any:  # noqa: ANN401 - rich takes a while to import, so it is not imported here
    console = _load("training.console")
    try:
        form, lang = console.Form(shared["form"]), console.Lang(shared["lang"])
    except ValueError as error:
        _leave(CommandError("USAGE", f"未知的 --format 或 --lang：{error}", f"unknown --format or --lang: {error}"))
    return console.Console(lang=lang, form=form, quiet=shared["quiet"], progress=not shared["no_progress"])


def _leave(error: CommandError) -> NoReturn:
    _load("training.console").Console().refuse(error)
    sys.exit(error.exit)


def _load(name: str) -> ModuleType:
    return importlib.import_module(name)


if __name__ == "__main__":
    main()
