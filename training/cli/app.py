"""The command line: which verbs there are, in the order in which help lists them, and how the process leaves."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final, NoReturn

import typer

from models.waiting import wait_briefly
from training.cli import (
    backtesting,
    bundles,
    comparing,
    court_year,
    docket,
    history,
    monitoring,
    policies,
    promotion,
    refusals,
    reporting,
    rules,
    scoring,
    tuning,
)
from training.cli.running import INTERRUPTED, leave, load
from training.cli.usage import wrong_usage

VERBS: Final = (
    history.simulate,
    history.import_,
    history.validate,
    bundles.train,
    bundles.evaluate,
    backtesting.backtest,
    tuning.tune,
    comparing.compare,
    promotion.promote,
    promotion.rollback,
    promotion.ledger,
    monitoring.monitor,
    reporting.report,
    scoring.score,
    policies.policy_value,
    docket.assign,
    docket.verify_draws,
    docket.batches,
    court_year.court_year,
    refusals.explain,
)
GROUPS: Final[dict[str, tuple[str, tuple[Callable[..., None], ...]]]] = {
    "rules": (
        "规则表工具：检查、查看、比较、回放、建议 / tools for rule tables.",
        (rules.check, rules.show, rules.diff, rules.replay, rules.conflicts, rules.suggest),
    ),
}
"""Verbs of a common subject, called by two words: `fenliu rules check`."""


def main() -> NoReturn:
    """Run the command line and leave with the exit status of the contract."""
    wait_briefly()
    load("training.console").speak_utf8()
    try:
        status = app(standalone_mode=False)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except typer.TyperException as error:
        leave(wrong_usage(error.format_message()))
    sys.exit(status if isinstance(status, int) else 0)


def _typer(words: str, verbs: tuple[Callable[..., None], ...]) -> typer.Typer:
    made = typer.Typer(
        help=words,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for verb in verbs:
        made.command(verb.__name__.rstrip("_").replace("_", "-"))(verb)
    return made


app = _typer("分流离线命令：模拟、导入、检查、训练、评估、发布、评分 / offline commands of Fenliu.", VERBS)
for _group, (_words, _verbs) in GROUPS.items():
    app.add_typer(_typer(_words, _verbs), name=_group)
