"""`fenliu-serve export` and `outcomes`: the record as history for training, and outcomes from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serving.cli.options import Home, part, run, settings_of


def export(
    out: Annotated[Path, typer.Argument(help="新目录 / a new folder")],
    home: Home = None,
) -> None:
    """把存档导出为历史数据，供重新训练 / write the record as a history from which models are trained.

    退出码 / exit codes: 0 完成 (done), 2 设置 (settings), 3 目录已存在 (folder exists), 6 存储 (store).

    Example: fenliu-serve export history-2026-11 && fenliu train --data history-2026-11
    """
    settings = settings_of(home=home)
    part("logs").configure("error")
    run(lambda: part("operation.exporting").export_history(settings, out, say=typer.echo))


def outcomes(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV 或逐行 JSON / CSV or JSON lines")],
    home: Home = None,
) -> None:
    """从文件报送案件进展和到款；同一文件重复执行不会重复入档 / take in outcomes from a file, once.

    列 / columns: application_id, court_code, at, kind, amount, source, mode.
    退出码 / exit codes: 0 完成 (done), 2 设置 (settings), 3 文件内容 (file), 6 存储 (store).

    Example: fenliu-serve outcomes outcomes-2026-11.csv
    """
    settings = settings_of(home=home)
    run(lambda: part("operation.exporting").take_outcomes(settings, file, say=typer.echo))
