"""What people made of the proposals: lanes as decided, and how often, where and why they decided otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.register import Stage
from models.lanes import LANES, UNDECIDED
from training.history import DecisionLog, History
from training.history.decision_log import DECIDERS

Flags = npt.NDArray[np.bool_]
UNTOLD = "untold"
"""Where no reason was written down."""


@dataclass(frozen=True)
class Overrides:
    """Decisions of people at one stage on cases for which a lane had been proposed.

    `by_reason` counts the decisions that differ by their reason code, `moves`
    by proposed and chosen lane, `by_court` all and differing ones of a court.
    """

    stage: Stage
    decided: int
    differing: int
    by_reason: Mapping[str, int]
    moves: Mapping[tuple[str, str], int]
    by_court: Mapping[str, tuple[int, int]]

    @property
    def rate(self) -> float:
        """The share of decisions that differ; NaN without any."""
        return self.differing / self.decided if self.decided else float("nan")


def overrides(history: History, log: DecisionLog, stage: Stage, cases: Flags) -> Overrides:
    """Hold the last word of a person against the last proposal before it, case by case."""
    mine = log.at_stage(stage).where(cases[log.at_stage(stage).row])
    person = DECIDERS.index("person")
    decided, differing = Counter[str](), Counter[str]()
    reasons, moves = Counter[str](), Counter[tuple[str, str]]()
    proposed: dict[int, int] = {}
    final: dict[int, tuple[int, int, str]] = {}
    for row, by, lane, reason in zip(
        mine.row.tolist(), mine.by.tolist(), mine.lane.tolist(), mine.reason.tolist(), strict=True
    ):
        if by == person and row in proposed:
            final[row] = (proposed[row], lane, reason)
        elif by != person:
            proposed[row] = lane
    courts = history.courts
    for row, (before, after, reason) in final.items():
        court = str(courts[row])
        decided[court] += 1
        if before != after:
            differing[court] += 1
            reasons[reason or UNTOLD] += 1
            moves[_name(before), _name(after)] += 1
    return Overrides(
        stage=stage,
        decided=sum(decided.values()),
        differing=sum(differing.values()),
        by_reason=dict(reasons.most_common()),
        moves=dict(moves.most_common()),
        by_court={court: (n, differing[court]) for court, n in sorted(decided.items())},
    )


def _name(code: int) -> str:
    return "undecided" if code == UNDECIDED else str(LANES[code])
