"""A batch in groups: by rule first, then what is alike, each with its count, amount, lanes and doubtful cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array, Columns
from features.register import Register
from models.batches.clusters import clusters, name_of
from models.batches.examples import Example, examples
from models.batches.questions import questions
from models.batches.rule_groups import Seen, rule_groups
from models.batches.settings import BatchSettings
from models.batches.spot_check import SpotCheck, spot_check
from models.lanes import LANES, UNDECIDED

Rows = npt.NDArray[np.int64]

LISTED = ("其余案件（件数较少，逐件办理）", "the remaining cases, too few to be grouped")


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """One group: its rows, what its cases have in common, and the figures that a page shows.

    `amount` is the sum of known claims in yuan and `unknown` how many are not
    known. `lanes` counts cases by proposed lane, None for those left to the
    judge; `doubtful` are those of low confidence. `by` says whether a rule, a
    likeness or neither made the group. `examples` are the cases that stand
    best for the others, one of a lane.
    """

    code: str
    by: str
    zh: str
    en: str
    rows: Rows
    amount: float
    unknown: int
    lanes: Mapping[str | None, int]
    doubtful: int
    check: SpotCheck
    examples: tuple[Example, ...]

    @property
    def count(self) -> int:
        """The number of cases."""
        return len(self.rows)


def group(seen: Seen, register: Register, settings: BatchSettings, *, seed: int) -> tuple[Group, ...]:
    """Return the groups of a batch; every case is in exactly one, and the order of the cases plays no part.

    Rules come first, each case in the first that it meets; what is left is
    parted into at most eight clusters, or only listed when there is little.
    `seed` draws the spot check of each group.
    """
    left, made = np.ones(len(seen.ids), dtype=bool), list[Group]()
    making = _Making(seen, register, settings, seed)
    for rule in rule_groups(seen, register, settings):
        rows = np.flatnonzero(rule.rows & left)
        left &= ~rule.rows
        if len(rows):
            made.append(making.group(rows, (rule.code, "rule", rule.zh, rule.en)))
    rest = np.flatnonzero(left)
    if 0 < len(rest) < settings.list_below:
        made.append(making.group(rest, ("rest", "list", *LISTED)))
    elif len(rest):
        made += _clustered(making, rest)
    return tuple(made)


@dataclass(frozen=True)
class _Making:
    """A batch while its groups are made."""

    seen: Seen
    register: Register
    settings: BatchSettings
    seed: int

    def group(self, rows: Rows, words: tuple[str, str, str, str]) -> Group:
        """Return the group of these rows; `words` are its code, what made it, and its name in both languages."""
        code, by, zh, en = words
        seen = self.seen
        claim = _claims(seen.columns, len(seen.ids))[rows]
        return Group(
            code=code,
            by=by,
            zh=zh,
            en=en,
            rows=rows,
            amount=float(np.nansum(claim)),
            unknown=int(np.isnan(claim).sum()),
            lanes=_lanes(seen.lane, rows),
            doubtful=int(seen.doubtful[rows].sum()),
            check=spot_check(code, [seen.ids[row] for row in rows], seed=self.seed, settings=self.settings),
            examples=examples(seen, rows, self.register, self.settings),
        )


def _clustered(making: _Making, rest: Rows) -> list[Group]:
    seen = making.seen
    columns = {name: column[rest] for name, column in seen.columns.items() if len(column) == len(seen.ids)}
    asked = questions(columns, seen.lane[rest], making.register)
    found = clusters(asked, len(rest), most=int(making.settings.most_clusters))
    return [
        making.group(rest[one.rows], (f"alike{i}", "likeness", *name_of(one, asked))) for i, one in enumerate(found, 1)
    ]


def _lanes(lane: npt.NDArray[np.int8], rows: Rows) -> Mapping[str | None, int]:
    codes, counts = np.unique(lane[rows], return_counts=True)
    return {
        None if code == UNDECIDED else str(LANES[code]): int(count)
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
    }


def _claims(columns: Columns, n: int) -> Array:
    column = columns.get("claim_amount")
    return np.full(n, np.nan) if column is None else column.astype(np.float64)
