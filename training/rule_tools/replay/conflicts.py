"""Conflicts between rules and scores: per rule how many cases, how they score, and what came of them where known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.known import Array
from features.register import Stage
from models.disputes import SPLIT
from models.lanes import LANE_CODE, UNDECIDED, Lane, lane_of
from models.routes import NO_RULE, Routes
from models.rules.rule import Kind
from models.rules.tri import WORDS, YES
from training.config import Settings
from training.evaluation.measures import judge
from training.evaluation.rates import Rate, rate
from training.history import History
from training.learning.groups import groups
from training.learning.labels import outcomes
from training.rule_tools.replay.replaying import Part

_URGE = LANE_CODE[Lane.URGE]

ASKED: Mapping[Stage, tuple[str, str]] = MappingProxyType(
    {Stage.A: ("willingness", "ability"), Stage.B: ("quick_close", "ability")}
)
"""The outcomes that are told at each stage."""


class Sort(NamedTuple):
    """One sort of cases: a rule or condition, what it found, the lane the scores want and the lane it became.

    Without an `id` the scores had their way; without `wanted` no score may be
    or could be asked for: `id` is then the stop or special lane that forbids
    it, empty where the scores abstain.
    """

    stage: Stage
    id: str
    result: str
    wanted: Lane | None
    lane: Lane | None


@dataclass(frozen=True)
class Found:
    """What is known of one sort: cases, the mean of the score in question, the amount claimed, and outcomes by name."""

    sort: Sort
    cases: int
    mean_score: float
    claimed: float
    outcomes: Mapping[str, Rate]


@dataclass
class Conflicts:
    """Collects the cases of a history by sort, part by part; outcomes come from the whole history at the end."""

    history: History
    _sorts: dict[Sort, int] = field(default_factory=dict)
    _seen: dict[Stage, list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], Array, Array]]] = field(
        default_factory=dict
    )

    def add(self, part: Part) -> None:
        """Add the cases of a part under its (old) table."""
        batch = part.batch
        rows = self.history.rows_of(_strings(batch.ids), table="cases")
        kinds, place = _sorts(part)
        codes = np.array([self._sorts.setdefault(sort, len(self._sorts)) for sort in kinds], dtype=np.int32)
        claim = batch.columns.get("claim_amount", np.full(len(rows), np.nan)).astype(np.float64)
        self._seen.setdefault(batch.stage, []).append((rows, codes[place], _scores(part), claim))

    def found(self, settings: Settings, *, window: float) -> tuple[Found, ...]:
        """Return what was found of every sort, in order of stage and rule; the sorts without a conflict come last.

        Raises
        ------
        CommandError
            LABEL_CONTRADICTION: the history contradicts itself.
        """
        cluster = groups(self.history)
        every: list[Found] = []
        for stage, parts in self._seen.items():
            rows, sorts, scores, claims = (np.concatenate(column) for column in zip(*parts, strict=True))
            known = {name: _outcomes(self.history, stage, name, settings, window) for name in ASKED[stage]}
            for sort, code in self._sorts.items():
                mine = sorts == code
                if sort.stage is stage and mine.any():
                    rates = {
                        name: rate(y[rows[mine]], w[rows[mine]], cluster[rows[mine]]) for name, (y, w) in known.items()
                    }
                    every.append(
                        Found(sort, int(mine.sum()), _mean(scores[mine]), float(np.nansum(claims[mine])), rates)
                    )
        return tuple(sorted(every, key=_order))


def _sorts(part: Part) -> tuple[list[Sort], npt.NDArray[np.intp]]:
    """Return the sorts that occur in a part, and the place of each row among them."""
    routes, found = part.old, part.old_disputes
    special = _special(routes)
    rule = np.where(special, routes.rule, found.rule)
    verdict = np.where(rule == NO_RULE, 0, routes.outcomes.verdicts[rule, np.arange(len(rule))])
    stated = np.where(
        found.condition == NO_RULE, verdict, routes.outcomes.conditions[found.condition, np.arange(len(rule))]
    )
    keys = np.stack([rule, found.condition, stated, found.wanted, routes.lane], axis=1).astype(np.int64)
    kinds, place = np.unique(keys, axis=0, return_inverse=True)
    return [_sort(routes, key.tolist()) for key in kinds], place.reshape(-1)


def _sort(routes: Routes, key: list[int]) -> Sort:
    rule, condition, stated, wanted, lane = key
    program, stage = routes.outcomes.program, routes.outcomes.view.stage
    name = (
        program.conditions[condition].id
        if condition != NO_RULE
        else program.rules[rule].rule.id
        if rule != NO_RULE
        else ""
    )
    return Sort(stage, name, WORDS[stated] if name else "", lane_of(wanted), lane_of(lane))


def _special(routes: Routes) -> npt.NDArray[np.bool_]:
    """Return the rows of a stop or special lane that is met: they are never scored."""
    kinds = [one.rule.kind in {Kind.HARD_STOP, Kind.HARD_LANE} for one in routes.outcomes.program.rules]
    of_kind = np.array([*kinds, False])[routes.rule]
    return np.asarray(of_kind & (routes.outcomes.verdicts[routes.rule, np.arange(len(routes))] == YES))


def _scores(part: Part) -> Array:
    """Return the score that each row's conflict is about: willingness where urging is, else that of the split."""
    routes, wanted = part.old, part.old_disputes.wanted
    view = routes.outcomes.view
    split = view.number(SPLIT[view.stage][0])
    urging = (wanted == _URGE) | (routes.lane == _URGE)
    score = np.where(urging, view.number("score.willingness"), split)
    return np.where(wanted == UNDECIDED, np.nan, score)


def _outcomes(history: History, stage: Stage, name: str, settings: Settings, window: float) -> tuple[Array, Array]:
    """Return by case row whether it came about, and the weight of the case: zero where nobody knows."""
    target = settings.targets[stage][name]
    known = outcomes(history, name, stage=stage, target=target, settings=settings.labels)
    day = window if name == "willingness" else target.reading
    judged = judge(np.zeros(len(known)), time=known.time, cause=known.cause, day=day)
    happened, weight = np.zeros(history.cases.num_rows), np.zeros(history.cases.num_rows)
    happened[known.row], weight[known.row] = judged.outcome, judged.weight
    return happened, weight


def _mean(scores: Array) -> float:
    known = scores[~np.isnan(scores)]
    return float(known.mean()) if len(known) else float("nan")


def _order(one: Found) -> tuple[str, int, str, str, str, str]:
    """Order by stage; conflicts by rule, then agreement, then what is not scored; a rule's name ranks nobody."""
    sort = one.sort
    part = 2 if sort.wanted is None else 0 if sort.id else 1
    return sort.stage, part, sort.id, sort.result, str(sort.wanted), str(sort.lane)


def _strings(ids: Sequence[str]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(ids, pa.string())])
