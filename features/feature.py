"""What a feature is: a judge's question, answered for every row at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from features.known import Array, Known
from features.register import Stage


class Pull(StrEnum):
    """The only direction in which a feature may move the chance of payment; NONE leaves it free."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


class Group(StrEnum):
    """Reason groups in which features are shown to a judge."""

    WILLINGNESS = "履行意愿"
    ASSETS = "财产"
    DEBTS = "债务"
    PROCEDURE = "程序"
    CASE = "案件"


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A declared feature.

    `stage` is the first stage at which it exists (an A feature serves B too).
    `reads` names the columns it reads; `code` is its reason code in
    `models/reasons.csv`. `missing` says in Chinese what NaN means, `missing_en`
    in English. `compute` takes a `Known` of n rows and returns float64 (n,).
    """

    name: str
    zh: str
    en: str
    unit: str
    stage: Stage
    group: Group
    pull: Pull
    code: str
    missing: str
    missing_en: str
    reads: tuple[str, ...]
    compute: Callable[[Known], Array]

    def serves(self, stage: Stage) -> bool:
        """Whether models of this stage use the feature."""
        return self.stage is Stage.A or stage is Stage.B
