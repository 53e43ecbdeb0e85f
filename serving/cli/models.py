"""`fenliu-serve stop`, `resume` and `replay`: models switched off and on, and answers of the past given again."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from serving.cli.options import USAGE, Home, fail, part, run, settings_of

Court = Annotated[str, typer.Option("--court", help="法院代码，不写即全部 / a court's code; every court without it")]
Reason = Annotated[str, typer.Option("--reason", help="事由，加密存档 / why; kept on record, sealed")]


def stop(reason: Reason, court: Court = "", home: Home = None) -> None:
    """停用模型，只按规则答复，1 秒内在所有进程生效 / switch models off: rules only, for every worker within a second.

    退出码 / exit codes: 0 已停用 (done), 2 设置或参数 (settings, usage), 6 存储 (store).

    Example: fenliu-serve stop --court 浙1022 --reason "抽查发现评分异常"
    """
    settings = settings_of(home=home)
    run(lambda: part("operation.switching").switch(settings, "stopped", court=court, reason=reason, say=typer.echo))


def resume(reason: Reason, court: Court = "", home: Home = None) -> None:
    """恢复模型 / switch models on again.

    退出码 / exit codes: 0 已恢复 (done), 2 设置或参数 (settings, usage), 6 存储 (store).

    Example: fenliu-serve resume --court 浙1022 --reason "复核无误"
    """
    settings = settings_of(home=home)
    run(lambda: part("operation.switching").switch(settings, "running", court=court, reason=reason, say=typer.echo))


def replay(
    advice_id: Annotated[str, typer.Argument(metavar="ID", help="建议编号 / id of the advice")] = "",
    *,
    every: Annotated[bool, typer.Option("--all", help="重算全部 / every answer")] = False,
    since: Annotated[str, typer.Option("--since", help="自某日起，如 2026-11-01 / created on or after a day")] = "",
    values: Annotated[
        bool, typer.Option("--values", help="显示不同之处的内容（可能含案件信息）/ show what differs; may be case data")
    ] = False,
    form: Annotated[str, typer.Option("--format", help="text 或 json / text, or json, a line each")] = "text",
    home: Home = None,
) -> None:
    """把存档的建议按当时的输入、模型、规则重算一遍，逐字节比对 / give stored advice again and compare byte for byte.

    退出码 / exit codes: 0 全部一致 (all the same), 1 有不同或无法重算 (some differ or cannot be replayed),
    2 设置或参数 (settings, usage), 4 无此编号 (not found), 6 存储 (store).

    Example: fenliu-serve replay SCR-20261120-000187
    """
    if bool(advice_id) == (every or bool(since)):
        fail("USAGE", "写一个建议编号，或用 --all、--since / give one id, or --all, or --since", USAGE)
    if since and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", since):
        fail("USAGE", f"--since 须如 2026-11-01，收到 {since!r} / must be a day such as 2026-11-01", USAGE)
    if form not in {"text", "json"}:
        fail("USAGE", f"--format 须为 text 或 json，收到 {form!r} / must be text or json", USAGE)
    settings = settings_of(home=home)
    part("logs").configure("error")
    replays = part("operation.replays")
    asked = replays.Asked(id=advice_id, since=since, values=values, as_json=form == "json")
    status: list[int] = []
    run(lambda: status.append(replays.replay(settings, asked, typer.echo)))
    raise typer.Exit(status[0])
