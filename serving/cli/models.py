"""`fenliu-serve stop`, `resume`, `replay` and `models`: models switched, answers given again, bundles looked after."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from serving.cli.options import USAGE, Home, fail, part, run, settings_of

Court = Annotated[str, typer.Option("--court", help="法院代码，不写即全部 / a court's code; every court without it")]
Reason = Annotated[str, typer.Option("--reason", help="事由，加密存档 / why; kept on record, sealed")]


models = typer.Typer(help="模型的留存、回退与对照 / bundles kept, rolled back, compared.", no_args_is_help=True)


@models.command("list")
def show(home: Home = None) -> None:
    """列出留存的模型与对照情况 / list the bundles that are kept, and how the challenger compares.

    退出码 / exit codes: 0 完成 (done), 2 设置 (settings), 6 存储 (store).

    Example: fenliu-serve models list
    """
    settings = settings_of(home=home)
    run(lambda: part("operation.bundles").show(settings, typer.echo))


@models.command()
def rollback(
    reason: Reason,
    name: Annotated[str, typer.Argument(help="模型名，不写即上一个 / bundle; the one before without it")] = "",
    home: Home = None,
) -> None:
    """退回以前的模型：核验后改指针，运行中的服务数秒内更换 / let an earlier bundle answer again, once it is proven.

    退出码 / exit codes: 0 已退回 (done), 2 设置或参数 (settings, usage), 6 存储 (store).

    Example: fenliu-serve models rollback --reason "新模型误差变大"
    """
    settings = settings_of(home=home)
    run(lambda: part("operation.bundles").roll_back(settings, name=name, reason=reason, say=typer.echo))


@models.command()
def challenge(
    name: Annotated[str, typer.Argument(help="模型名，不写即不再对照 / bundle; without it the comparison ends")] = "",
    home: Home = None,
) -> None:
    """并行评分作对照，只存档、不显示 / score a bundle beside the one in use, for the record only.

    退出码 / exit codes: 0 完成 (done), 2 设置或参数 (settings, usage), 6 存储 (store).

    Example: fenliu-serve models challenge 3.3.0
    """
    settings = settings_of(home=home)
    run(lambda: part("operation.bundles").challenge(settings, name=name, say=typer.echo))


@models.command()
def prune(
    keep: Annotated[int, typer.Option(min=1, help="至少留最新几个 / how many of the newest stay")] = 5,
    really: Annotated[bool, typer.Option("--yes", help="真的删除 / remove them")] = False,
    home: Home = None,
) -> None:
    """列出（加 --yes 则删除）没有任何建议用过的旧模型 / list, or remove, old bundles that no advice was made with.

    退出码 / exit codes: 0 完成 (done), 2 设置 (settings), 6 存储 (store).

    Example: fenliu-serve models prune --keep 5
    """
    settings = settings_of(home=home)
    run(lambda: part("operation.bundles").prune(settings, keep=keep, really=really, say=typer.echo))


@models.command()
def sign(
    bundle: Annotated[Path, typer.Argument(help="模型包文件夹，或已留存的模型名 / folder, or name of a kept bundle")],
    key: Annotated[Path, typer.Option("--key", help="本人的签名密钥文件 / your own signing key")],
    home: Home = None,
) -> None:
    """为模型签名：设了 FENLIU_SIGNERS 时，签名不足的模型不予使用 / vouch for a bundle; see FENLIU_SIGNERS.

    退出码 / exit codes: 0 完成 (done), 2 设置或参数 (settings, usage), 3 文件 (file).

    Example: fenliu-serve models sign 3.3.0 --key /media/usb/wang.key
    """
    settings = settings_of(home=home)
    run(lambda: part("operation.signing").sign(settings, bundle, key=key, say=typer.echo))


@models.command("new-signer")
def new_signer(
    name: Annotated[str, typer.Argument(help="签名人姓名 / name of the signer")],
    file: Annotated[Path, typer.Argument(help="新密钥文件 / file of the new key")],
) -> None:
    """生成本人的签名密钥，显示应加入名单的一行 / make a signing key and show the line for the list of signers.

    退出码 / exit codes: 0 完成 (done), 2 参数 (usage), 3 文件 (file).

    Example: fenliu-serve models new-signer 王法官 /media/usb/wang.key
    """
    run(lambda: part("operation.signing").begin(name, file=file, say=typer.echo))


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
