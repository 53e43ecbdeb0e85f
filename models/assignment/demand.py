"""The cases of a day that wait for a team: what assignment needs to know of each, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from features.clock import days_of
from features.known import Array
from models.lanes import LANES, UNDECIDED, Lane

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]
Rows = npt.NDArray[np.int64]

FLOOR, CEILING = 1.0, 1e9
"""A case counts at least and at most so many yuan: a free place is always used, and no amount drowns the others."""


class DemandError(ValueError):
    """The list of cases cannot be used as it stands; both wordings in one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Demand:
    """n cases, one array or sequence of length n for each fact.

    `lane` holds codes of `models.lanes.LANES`, decided before and never traded
    here; `family` places in `features.causes.FAMILIES`, NaN where unknown;
    `livelihood` is true where the claim is known to be one; `deadline` is the
    nearest statutory date and `received` the day of receipt, days since 1970,
    NaN where there is none; `value` in yuan what a place today is worth, NaN
    where no score says so. `group` names what must stay together, `bound` the
    team that has the debtor already, `recused` the members who may not take
    the case (民事诉讼法第47条), `led` the codes of the teams to which rules of
    the court point; None or empty where there is nothing.
    """

    ids: Sequence[str]
    lane: Codes
    family: Array
    livelihood: Bools
    deadline: Array
    received: Array
    value: Array
    group: Sequence[str | None]
    bound: Sequence[str | None]
    recused: Sequence[frozenset[str]]
    led: Sequence[frozenset[str]]

    def __post_init__(self) -> None:
        """Refuse a list that would be assigned wrongly.

        Raises
        ------
        DemandError
            An id stands twice or is empty, a lane is no code, or lengths differ.
        """
        n = len(self.ids)
        for name in (one for one in self.__dataclass_fields__ if one != "ids"):
            found = len(getattr(self, name))
            if found != n:
                msg = f"{name} 应有 {n} 个，实有 {found} 个 / {name} must have {n} entries, has {found}"
                raise DemandError(msg)
        twice = n - len(set(self.ids))
        if twice or not all(self.ids):
            msg = f"案件编号重复 {twice} 个或有空编号 / {twice} case ids stand twice, or one is empty"
            raise DemandError(msg)
        strange = (self.lane < UNDECIDED) | (self.lane >= len(LANES))
        if strange.any():
            msg = f"{int(strange.sum())} 件的程序代码无效 / {int(strange.sum())} cases have no known lane code"
            raise DemandError(msg)

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.ids)

    def sorted(self) -> Demand:
        """Return the same cases in the order of their ids, so that no result hangs on the order of a file."""
        order = sorted(range(len(self)), key=self.ids.__getitem__)
        rows = np.array(order, dtype=np.int64)
        return Demand(
            ids=[self.ids[i] for i in order],
            lane=self.lane[rows],
            family=self.family[rows],
            livelihood=self.livelihood[rows],
            deadline=self.deadline[rows],
            received=self.received[rows],
            value=self.value[rows],
            group=[self.group[i] for i in order],
            bound=[self.bound[i] for i in order],
            recused=[self.recused[i] for i in order],
            led=[self.led[i] for i in order],
        )

    @property
    def routed(self) -> Bools:
        """The cases that have a lane to be worked in; others stay with whoever decides the lane."""
        return np.isin(self.lane, [LANES.index(one) for one in (Lane.URGE, Lane.FAST, Lane.COMPLEX)])

    def counted_value(self) -> Array:
        """Return the value that decides between cases of one rank, in yuan.

        A case without a value counts as the middle one of its lane that day
        (the floor where none has one): it is neither dropped nor preferred
        for being unknown. Every case counts between FLOOR and CEILING.
        """
        known = np.isfinite(self.value)
        counted = np.where(known, self.value, FLOOR)
        for code in np.unique(self.lane[~known]):
            rows = (self.lane == code) & known
            if rows.any():
                counted[(self.lane == code) & ~known] = np.median(self.value[rows])
        return np.clip(counted, FLOOR, CEILING)


def ranks(demand: Demand, day: date, steps: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return each case's rank, 0 first: livelihood before all others, then by how soon the statutory date is.

    `steps` are growing numbers of days, such as 0, 3, 7: due by today, within
    three days, within seven, later or never. No value in yuan enters.
    """
    left = demand.deadline - days_of(day)
    soon = np.searchsorted(np.array(steps, dtype=np.float64), np.nan_to_num(left, nan=np.inf), side="left")
    return np.asarray(soon + np.where(demand.livelihood, 0, len(steps) + 1), dtype=np.int64)


def rank_words(rank: int, steps: Sequence[int]) -> tuple[str, str]:
    """Return what a rank is called."""
    step, group = rank % (len(steps) + 1), rank // (len(steps) + 1)
    kind = ("涉民生", "livelihood") if group == 0 else ("其他", "other")
    if step == len(steps):
        return kind
    days = steps[step]
    zh = "当日到期或已逾期" if days == 0 else f"{days} 日内到期"
    en = "due today or overdue" if days == 0 else f"due within {days} days"
    return f"{kind[0]}·{zh}", f"{kind[1]}, {en}"
