"""Example cases (示范案件): of each lane in a group the one case that stands best for the others, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from features.register import Register, Stage
from models.batches.questions import AMOUNT, Question, Rows, questions
from models.batches.rule_groups import Seen
from models.batches.settings import BatchSettings
from models.lanes import LANE_CODE, Lane, lane_text


@dataclass(frozen=True, kw_only=True)
class Example:
    """The case that stands for `of` cases of one lane in one group.

    Of `asked` circumstances in which these cases differ, it shares `alike`
    with most of them; `claim` is its amount and `middle` theirs, in yuan.
    """

    case: str
    lane: Lane
    of: int
    alike: int
    asked: int
    claim: float
    middle: float

    def words(self, stage: Stage) -> tuple[str, str]:
        """Return why it was chosen, in words."""
        lane, lane_en = lane_text(self.lane, stage)
        share = f"有差别的 {self.asked} 项情形中 {self.alike} 项与多数相同" if self.asked else "各案情形相同"
        share_en = f"shares {self.alike} of {self.asked} circumstances with most" if self.asked else "all are alike"
        claim, middle = f"{self.claim:,.2f}", f"{self.middle:,.2f}"
        zh = f"{self.case}：代表“{lane}”{self.of} 件；{share}；标的额 {claim} 元（中位数 {middle} 元）"
        en = f"{self.case}: stands for {self.of} cases of “{lane_en}”; {share_en}; claim {claim} yuan (middle {middle})"
        return zh, en


def examples(seen: Seen, rows: Rows, register: Register, settings: BatchSettings) -> tuple[Example, ...]:
    """Return at most one example for each lane of a group; the order of the cases plays no part.

    A case that is doubtful, lacks facts or an amount is no example, and a
    handful of cases (fewer than are shown as a number) needs none. Chosen is
    who shares most circumstances with the majority of its lane; then whose
    amount is nearest to the middle one; then the smallest id.
    """
    found = []
    for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX):
        here = rows[seen.lane[rows] == LANE_CODE[lane]]
        if len(here) >= settings.small_cell:
            found += _example(seen, here, lane, register)
    return tuple(found)


def _example(seen: Seen, rows: Rows, lane: Lane, register: Register) -> list[Example]:
    columns = {name: column[rows] for name, column in seen.columns.items() if len(column) == len(seen.ids)}
    claim = columns[AMOUNT].astype(np.float64) if AMOUNT in columns else np.full(len(rows), np.nan)
    able = np.flatnonzero(~seen.doubtful[rows] & ~seen.unsure[rows] & ~np.isnan(claim))
    if not len(able):
        return []
    asked = questions(columns, seen.lane[rows], register)
    alike, middle = _alike(asked, len(rows)), float(np.nanmedian(claim))
    ids, distance = [seen.ids[row] for row in rows.tolist()], np.abs(np.log1p(claim) - np.log1p(middle))
    best = min(able.tolist(), key=lambda i: (-alike[i], distance[i], ids[i]))
    return [
        Example(
            case=ids[best],
            lane=lane,
            of=len(rows),
            alike=int(alike[best]),
            asked=len(asked),
            claim=float(claim[best]),
            middle=middle,
        )
    ]


def _alike(asked: tuple[Question, ...], n: int) -> Array:
    """Return how many questions each case answers as most do; who does not know answers as nobody does."""
    if not asked:
        return np.zeros(n)
    yes, known = (np.array([getattr(one, name) for one in asked]) for name in ("yes", "known"))
    most = 2 * (yes & known).sum(axis=1) >= known.sum(axis=1)
    return np.asarray(((yes == most[:, None]) & known).sum(axis=0), dtype=np.float64)
