"""Counts of a replay: old lane against new lane per stage, court, family of causes and amount, and by deciding rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from features.causes import FAMILIES
from features.known import Array
from features.register import Stage
from models.disputes import Disputes
from models.lanes import LANES
from models.routes import NO_RULE, Routes
from models.rules.amounts import YUAN
from models.rules.rule import Text
from models.rules.tri import UNKNOWN
from training.rule_tools.replay.replaying import Part
from training.scoring.input import Batch

Matrix = npt.NDArray[np.int64]
"""Old lane by new lane, in the order of LANE_NAMES."""

LANE_NAMES = ("undecided", *(str(lane) for lane in LANES))
"""Names of rows and columns of a matrix: a lane's place is its code plus one."""

_EDGES = (1e4, 5e4, 1e5, 5e5, 1e6)
BANDS: Mapping[str, Text] = {
    "under_10k": Text("不满 1 万元", "under 10,000 yuan"),
    "10k_50k": Text("1 万至不满 5 万元", "10,000 to under 50,000"),
    "50k_100k": Text("5 万至不满 10 万元", "50,000 to under 100,000"),
    "100k_500k": Text("10 万至不满 50 万元", "100,000 to under 500,000"),
    "500k_1m": Text("50 万至不满 100 万元", "500,000 to under 1,000,000"),
    "from_1m": Text("100 万元以上", "1,000,000 yuan and more"),
    "unknown": Text("金额未知或非人民币", "unknown or in another currency"),
}
"""Bands of the amount claimed."""


class Decider(NamedTuple):
    """A rule that decided a lane, and whether it did so by facts that are missing."""

    id: str
    unknown: bool = False


@dataclass
class Tally:
    """Everything that is counted while a replay runs; parts may come in any order and size.

    `lanes` holds a matrix for each stage, dimension (`all`, `court`,
    `cause_family`, `amount`) and part of it; `rules` the changed cases by stage
    and by the rules that decided before and after; `against` the cases in
    which a rule stands against the scores, by stage, side (old, new) and rule;
    `last` is the latest receipt, in days.
    """

    lanes: dict[tuple[Stage, str, str], Matrix] = field(default_factory=dict)
    rules: Counter[tuple[Stage, Decider, Decider]] = field(default_factory=Counter)
    against: Counter[tuple[Stage, str, str]] = field(default_factory=Counter)
    last: float = -np.inf

    def add(self, part: Part) -> None:
        """Count the cases of a part."""
        batch, moves = part.batch, (part.old.lane + 1).astype(np.int64) * len(LANE_NAMES) + part.new.lane + 1
        for dimension, names in _dimensions(batch):
            kinds, place = np.unique(names, return_inverse=True)
            size = len(LANE_NAMES) ** 2
            counted = np.bincount(place * size + moves, minlength=len(kinds) * size)
            for name, row in zip(kinds, counted.reshape(len(kinds), -1), strict=True):
                key = (batch.stage, dimension, str(name))
                self.lanes[key] = self.lanes.get(key, 0) + row.reshape(len(LANE_NAMES), -1)
        self._add_rules(part)
        for side, routes, found in (("old", part.old, part.old_disputes), ("new", part.new, part.new_disputes)):
            against = Counter(_against(routes, found))
            self.against.update({(batch.stage, side, name): n for name, n in against.items()})
        self.last = max(self.last, float(np.max(batch.columns["received_at"].astype(np.float64))))

    def cases(self, stage: Stage) -> int:
        """Return how many cases of a stage were replayed."""
        return int(self.matrix(stage).sum())

    def changed(self, stage: Stage) -> int:
        """Return how many of them got another lane."""
        matrix = self.matrix(stage)
        return int(matrix.sum() - np.trace(matrix))

    def matrix(self, stage: Stage, dimension: str = "all", part: str = "all") -> Matrix:
        """Return one matrix; all zeros where nothing was counted."""
        return self.lanes.get((stage, dimension, part), np.zeros((len(LANE_NAMES),) * 2, dtype=np.int64))

    def parts(self, stage: Stage, dimension: str) -> list[str]:
        """Return the parts of a dimension in their own order."""
        found = {part for one, other, part in self.lanes if (one, other) == (stage, dimension)}
        order = {"cause_family": list(FAMILIES), "amount": list(BANDS)}.get(dimension, sorted(found))
        return [*(one for one in order if one in found), *sorted(found - set(order))]

    def _add_rules(self, part: Part) -> None:
        rows = np.flatnonzero(part.changed)
        pairs = zip(deciding(part.old, rows), deciding(part.new, rows), strict=True)
        self.rules.update((part.batch.stage, before, after) for before, after in pairs)


def deciding(routes: Routes, rows: npt.NDArray[np.intp]) -> list[Decider]:
    """Return the rule that decided each of these rows; without an id where nothing did."""
    ids = [*(one.rule.id for one in routes.outcomes.program.rules), ""]
    places = zip(rows.tolist(), routes.rule[rows].tolist(), strict=True)
    return [Decider(ids[i], i != NO_RULE and int(routes.outcomes.verdicts[i, row]) == UNKNOWN) for row, i in places]


def band_of(batch: Batch) -> npt.NDArray[np.object_]:
    """Return the name of each case's band of the amount claimed."""
    claim = _numbers(batch, "claim_amount")
    names = np.array([*BANDS], dtype=object)
    band = names[np.searchsorted(_EDGES, claim, side="right")]
    currency = batch.columns.get("currency", np.full(len(claim), None, dtype=object))
    foreign = np.array([one not in (None, YUAN) for one in currency], dtype=np.bool_)
    band[np.isnan(claim) | foreign] = names[-1]
    return band


def family_of(batch: Batch) -> npt.NDArray[np.object_]:
    """Return the code of each case's family of causes; `unknown` without a cause."""
    family, names = _numbers(batch, "cause_code.family"), np.array([*FAMILIES, "unknown"], dtype=object)
    return np.asarray(names[np.where(np.isnan(family), len(FAMILIES), family).astype(np.intp)])


def _dimensions(batch: Batch) -> Iterator[tuple[str, npt.NDArray[np.object_]]]:
    yield "all", np.full(len(batch.ids), "all", dtype=object)
    yield "court", np.array(batch.courts, dtype=object)
    yield "cause_family", family_of(batch)
    yield "amount", band_of(batch)


def _against(routes: Routes, found: Disputes) -> list[str]:
    """Return, for every disputed case, the rule that stands against the scores."""
    ids = [one.rule.id for one in routes.outcomes.program.rules]
    return [ids[place] for place in found.rule[found.disputed].tolist()]


def _numbers(batch: Batch, name: str) -> Array:
    column = batch.columns.get(name)
    return np.full(len(batch.ids), np.nan) if column is None else column.astype(np.float64)
