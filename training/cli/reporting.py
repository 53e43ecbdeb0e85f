"""Verb that writes reports about a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import verb


@verb
def report(
    model: Annotated[str, typer.Argument(help="模型包 / which bundle")] = "champion",
    *,
    kind: Annotated[str, typer.Option(help="card 模型卡 | brief 领导一页 | filing 备案材料")] = "card",
    rules: Annotated[Path | None, typer.Option(help="本院规则表 / the court's rule table")] = None,
) -> None:
    """由存档生成模型卡、领导一页、备案材料（含影响评估） / write a card, a page or a filing pack from the record.

    只有本院才知道的内容写在 FENLIU_HOME/report.toml；未写的标为待填。语言用 --lang。
    What only the court can say stands in report.toml; what is missing is marked as open.

    退出码 / exit: 0 已生成 (written), 2 用法 (usage), 4 找不到 (not found).

    Example: fenliu report champion --kind filing --lang zh
    """
