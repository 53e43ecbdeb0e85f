"""Verbs for a day's cases: who takes what, whether a draw was right, and batches in groups."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import showing_verb, verb

_DAY = ["%Y-%m-%d"]
Source = Annotated[Path, typer.Argument(help="当日清单、逐行请求体或历史数据目录 / day's list, NDJSON, history")]
Model = Annotated[str, typer.Option(help="模型包，none 为只用规则 / which bundle, none for rules alone")]
Rules = Annotated[Path | None, typer.Option(help="本院规则表 / the court's rule table")]
Since = Annotated[datetime | None, typer.Option("--from", "--since", formats=_DAY, help="收到日期自 / received from")]
Until = Annotated[datetime | None, typer.Option(formats=_DAY, help="收到日期至（含）/ received until, included")]
OnHand = Annotated[Path | None, typer.Option(help="在办被执行人清单 / debtors with a case on hand")]


@verb
def assign(
    *,
    source: Source,
    teams: Annotated[Path, typer.Option(help="团队文件 / team file")],
    day: Annotated[datetime | None, typer.Option(formats=_DAY, help="分案日 / day")] = None,
    stage: Annotated[str, typer.Option(help="历史数据的阶段 A|B / stage for a history")] = "A",
    model: Model = "none",
    rules: Rules = None,
    since: Since = None,
    until: Until = None,
    loads: Annotated[Path | None, typer.Option(help="人员已分工作量 / what members have already")] = None,
    decided: Annotated[Path | None, typer.Option(help="法官已定程序 / lanes that people decided")] = None,
    on_hand: OnHand = None,
    utility: Annotated[Path | None, typer.Option(help="效用口径 / utility setting")] = None,
    batch_settings: Annotated[Path | None, typer.Option(help="归并口径 / batch setting")] = None,
    prices: Annotated[bool, typer.Option("--prices/--no-prices", help="是否估算名额价值 / worth of a place")] = True,
) -> None:
    """按团队能力分派一日的案件，组内均衡随机 / give a day's cases to teams and members.

    清单可为 .csv、.xlsx、.parquet；--seed 为抽取种子，不给则随机取一个并公布。抽取记录写在输出文件旁（.draw.json）。

    退出码 / exit: 0 全部分出 (all given), 1 有待分案件 (some wait), 3 清单不能用 (the list was rejected).

    Example: fenliu assign day.csv --teams teams.toml --day 2026-11-26 --seed 20261126 -o assigned.csv
    """


@showing_verb
def verify_draws(
    record: Annotated[Path, typer.Argument(help="抽取记录 .draw.json / record of a draw")],
    sha256: Annotated[str | None, typer.Option(help="当日公布的指纹 / fingerprint printed on the day")] = None,
) -> None:
    """核验随机分案：按种子重新抽取，逐一比对 / draw again by the seed and compare.

    退出码 / exit: 0 相符 (right), 1 不符 (something differs), 3 不是抽取记录 (no record).

    Example: fenliu verify-draws assigned.draw.json --sha256 9f2c...
    """


@verb
def batches(
    *,
    source: Source,
    stage: Annotated[str, typer.Option(help="历史数据的阶段 A|B / stage for a history")] = "A",
    model: Model = "none",
    rules: Rules = None,
    since: Since = None,
    until: Until = None,
    on_hand: OnHand = None,
    one_applicant: Annotated[bool, typer.Option("--one-applicant", help="全部出自同一申请人 / one applicant")] = False,
    batch_settings: Annotated[Path | None, typer.Option(help="归并口径 / batch setting")] = None,
    trends: Annotated[
        int | None, typer.Option(min=1, max=36, help="改列近几个月趋势 / trend of months instead")
    ] = None,
    by: Annotated[str, typer.Option(help="趋势按申请人或分类字段 / applicant or a field")] = "applicant",
) -> None:
    """关联系列案与同一被执行人，成批分组 / link serial cases and debtors, and group a batch.

    --seed 为抽查种子 / the seed of the spot check.

    退出码 / exit: 0 完成 (done), 3 有不能读的行 (some lines were rejected).

    Example: fenliu batches cases.ndjson --seed 20261122 -o groups.csv
    """
