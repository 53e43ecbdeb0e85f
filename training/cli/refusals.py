"""Verb that says what the code of a refusal means."""

from __future__ import annotations

from typing import Annotated

import typer

from training.cli.verb import showing_verb


@showing_verb
def explain(code: Annotated[str, typer.Argument(help="错误代码 / code of a refusal")]) -> None:
    """解释一个错误代码 / say what a code means and what to do.

    Example: fenliu explain TOO_FEW_CASES
    """
