"""Verbs of `fenliu rules`: what a rule table says, what is wrong with it, and what it would have done."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from training.cli.verb import showing_verb, verb

On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="哪一天，默认今天 / day; today by default")
]


@showing_verb
def check(
    files: Annotated[list[Path], typer.Argument(help="规则表文件 / rule table files")],
    on: On = None,
) -> None:
    """检查规则表，逐项列出错误和比法律更严之处 / list every fault, and what is stricter than the law.

    退出码 / exit: 0 可以使用 (may be used), 2 用法不对 (usage), 3 有错误 (faults), 4 没有文件 (no such file).

    Example: fenliu rules check court.toml --on 2027-01-01
    """


@showing_verb
def show(
    file: Annotated[Path | None, typer.Argument(help="规则表文件或随附表名 / file or name of a shipped table")] = None,
    on: On = None,
    rule: Annotated[str | None, typer.Option(help="只看一条规则 / one rule only, such as H06")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="不列条件 / without conditions")] = False,
) -> None:
    """用文字列出某日施行的规则、依据和参数 / what is in force on a day, in words.

    Example: fenliu rules show court.toml --on 2027-01-01 --rule H06
    """


@showing_verb
def diff(
    old: Annotated[Path, typer.Argument(help="原规则表 / old table")],
    new: Annotated[Path, typer.Argument(help="新规则表 / new table")],
) -> None:
    """用文字说明两份规则表的差别：收紧、放宽、不影响结果 / what changed between two tables, in words.

    Example: fenliu rules diff default court.toml --format md
    """


Since = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="收到日期自 / received from")]
Until = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="收到日期早于 / received before")]
Courts = Annotated[list[str] | None, typer.Option("--court", help="只看此法院，可重复 / only this court")]
Model = Annotated[
    str | None, typer.Option(help="模型包，默认最近一个；none 只按规则 / bundle, latest by default; none: rules alone")
]
OfStage = Annotated[str | None, typer.Option("--stage", help="A|B，默认两者 / both by default")]


@verb
def replay(
    *,
    new: Annotated[Path, typer.Argument(help="新规则表 / new table")],
    old: Annotated[
        Path | None, typer.Argument(help="原规则表，默认随附的 / old table, the shipped one by default")
    ] = None,
    model: Model = None,
    stage: OfStage = None,
    since: Since = None,
    until: Until = None,
    court: Courts = None,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="都按这一天施行的规则试算 / as if received on this day"),
    ] = None,
) -> None:
    """用以往案件试算新规则表：各道增减、改变名单 / what past cases would have got under a new table.

    每件按收到之日施行的规则；新规则以后才施行的，用 --on 指明日期。
    Each case by the rules in force when it was received; --on tries rules of a later day.

    退出码 / exit: 0 完成 (done), 3 规则表或数据不能用 (table or data rejected), 4 没有找到 (not found).

    Example: fenliu rules replay court.toml default --data .fenliu/history --on 2027-01-01
    """


@showing_verb
def conflicts(
    *,
    file: Annotated[Path | None, typer.Argument(help="规则表，默认随附的 / table, the shipped one by default")] = None,
    model: Annotated[str, typer.Option(help="模型包 / bundle")] = "latest",
    stage: OfStage = None,
    since: Since = None,
    until: Until = None,
    court: Courts = None,
) -> None:
    """规则与分值不一致的案件：逐条规则的件数、分值和实际结果 / where rules and scores disagree, rule by rule.

    退出码 / exit: 0 完成 (done), 3 规则表或数据不能用 (table or data rejected), 4 没有找到 (not found).

    Example: fenliu rules conflicts court.toml --data .fenliu/history --from 2025-01-01
    """


@verb
def suggest(
    *,
    rules: Annotated[Path | None, typer.Option(help="现行规则表，默认随附的 / table in force; the shipped one")] = None,
    model: Annotated[str, typer.Option(help="模型包 / bundle")] = "latest",
    utility: Annotated[Path | None, typer.Option(help="本院价值表 / the court's utility file")] = None,
    teams: Annotated[Path | None, typer.Option(help="团队名册，从中取名额 / team register, for its places")] = None,
    places: Annotated[
        list[str] | None, typer.Option("--places", help="每周名额，如 fast=40，可重复 / cases a week, such as fast=40")
    ] = None,
    since: Since = None,
    until: Until = None,
    court: Courts = None,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="草案施行日，默认下月首日 / first day; that of next month"),
    ] = None,
) -> None:
    """用以往案件试算分流参数，写成待签署的规则表草案 / try thresholds on past cases and write a draft to sign.

    列出每种取值的收益和代价，不只给一个数字；草案不会自行施行。
    Every value is shown with what it brings and costs; the draft puts nothing into force.

    退出码 / exit: 0 完成 (done), 1 以往的决定说明不了 (past decisions cannot tell), 3 数据不能用 (data rejected).

    Example: fenliu rules suggest --rules court.toml --places fast=40 --data .fenliu/history
    """
