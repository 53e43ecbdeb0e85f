"""A policy: a lane for every application at receipt (urge or file), and for every filed case after its first query."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from models.lanes import UNDECIDED
from models.routes import Codes
from models.rules.rule import Text
from models.rules.table import RuleTable
from training.scoring.input import Batch


class Policy(Protocol):
    """Turns the columns of cases into lane codes, all at once; it sees neither outcomes nor the truth.

    `reads_truth` marks the oracle, which is no policy that a court could have.
    Where `one_judge` holds there are no teams: one judge has a case from start
    to end.
    """

    @property
    def name(self) -> str:
        """Short name for files and commands."""

    @property
    def words(self) -> Text:
        """What it is called in reports."""

    @property
    def rules(self) -> RuleTable:
        """The rules that it works under: their windows and clocks bind what it decides."""

    @property
    def reads_truth(self) -> bool:
        """Whether it knows what no court can know."""

    @property
    def one_judge(self) -> bool:
        """Whether one judge does everything in a case."""

    def lanes(self, batch: Batch) -> Codes:
        """Return the code of each case's lane (see `models.lanes.LANES`), shape (n,); UNDECIDED where it has none.

        At stage A fast and complex are provisional: both mean to file.
        """


def decided(lanes: Codes, batch: Batch, by: Policy | None) -> Codes:
    """Return the lanes with those left to a judge filled in as another policy would; unchanged without one."""
    left = np.flatnonzero(lanes == UNDECIDED)
    if by is not None and len(left):
        lanes[left] = by.lanes(batch.where(left))
    return lanes
