"""`fenliu-serve audit`: verify the trail, export it, write down its head, begin anew after a restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from serving.cli.options import Home, part, run, settings_of

app = typer.Typer(
    help="审计：校验、导出、链头 / the audit trail: verify, export, heads.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

TAMPERED: Final = 1

AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")]


@app.command()
def verify(
    file: Annotated[Path | None, typer.Option("--file", help="校验导出的文件，不连数据库 / an exported file")] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """校验审计链、另处链头、触发器和全部存档 / check chain, second place, triggers and every record.

    退出码 / exit codes: 0 完好 (whole), 1 篡改 (tampering), 2 设置 (settings), 3 文件 (file), 6 存储 (store).

    Example: fenliu-serve audit verify
    """
    settings = settings_of(home=home)
    whole: list[bool] = []
    run(lambda: whole.append(part("auditing").verify(settings, file=file, as_json=as_json, say=typer.echo)))
    raise typer.Exit(0 if all(whole) else TAMPERED)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="新文件，.gz 则压缩 / a new file; .gz compresses")],
    home: Home = None,
) -> None:
    """导出全部审计记录，可离线校验 / export the whole trail, to be verified anywhere.

    Example: fenliu-serve audit export audit-2026-11.ndjson.gz
    """
    settings = settings_of(home=home)
    run(lambda: part("auditing").export(settings, file, say=typer.echo))


@app.command()
def head(home: Home = None) -> None:
    """把最新链头写入另处并显示，供打印或抄录 / write the newest head into the second place and print it.

    Example: fenliu-serve audit head
    """
    settings = settings_of(home=home)
    run(lambda: part("auditing").head(settings, say=typer.echo))


@app.command()
def accept(
    reason: Annotated[str, typer.Option(help="理由，记入审计 / why; kept on the trail")],
    home: Home = None,
) -> None:
    """恢复备份后另立链头；旧链头移至一旁保留 / begin new heads after a lawful restore; the old ones are kept aside.

    Example: fenliu-serve audit accept --reason "11-26 磁盘故障，恢复 11-25 备份"
    """
    settings = settings_of(home=home)
    run(lambda: part("auditing").accept(settings, reason, say=typer.echo))
