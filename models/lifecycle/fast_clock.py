"""The clock of the fast lane (H14): its last day for one case, and the day on which the case becomes complex by itself.

The table's own rules are asked, one day after the other, on the facts of the
case as they are known: the first day on which a clock rule is met is the day
of conversion. So whatever a court's table says of clocks holds here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from features.register import Stage
from models.lanes import Lane
from models.rules.case_view import CaseView
from models.rules.evaluate import RuleOutcomes
from models.rules.program import Program
from models.rules.rule import Kind
from models.rules.tri import UNKNOWN, YES, Tri
from models.working_days import is_published

LOOKED_AT = 200
"""Days after filing that are looked at: more than the 180 of the longest clock that a table may set."""

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True)
class FastClock:
    """When one case leaves the fast lane: the last day in it, the day after, and the rule that says so.

    Not `sure` where an earlier day hangs on holidays that are not published:
    the days are then the latest that they can be.
    """

    last_on: date
    converts_on: date
    rule: str
    sure: bool = True


def fast_clock(outcomes: RuleOutcomes, row: int) -> FastClock | None:
    """Return the clock of one filed case; None before filing, and where no rule ever ends the lane."""
    view = outcomes.view
    filed = float(view.number("filed_at")[row]) if view.stage is Stage.B else float("nan")
    clocks = _clocks(outcomes.program)
    if clocks is None or np.isnan(filed):
        return None
    days = np.floor(filed) + np.arange(LOOKED_AT)
    later = CaseView(_Repeated(view.columns, row, LOOKED_AT), days + 0.5, Stage.B, None)
    verdicts = clocks.combine(clocks.test(later))
    met = verdicts == YES
    over = np.flatnonzero(met.any(axis=0))
    if not len(over):
        return None
    first = int(over[0])
    on = _EPOCH + timedelta(days=int(days[first]))
    rule = clocks.rules[int(np.argmax(met[:, first]))].rule.id
    sure = is_published(on) or first == 0 or not _opened(verdicts[:, :first])
    return FastClock(last_on=on - timedelta(days=1), converts_on=on, rule=rule, sure=sure)


def _opened(verdicts: Tri) -> bool:
    """Whether the last day before still is unknown by a rule that was plainly not met on the first."""
    return bool(((verdicts[:, -1] == UNKNOWN) & (verdicts[:, 0] != UNKNOWN)).any())


def fast_clock_days(outcomes: RuleOutcomes) -> npt.NDArray[np.float64]:
    """Return the days from the day of filing to that of conversion for every row; infinity where no rule ever ends it.

    For many cases at once, and therefore by halving the days that are looked
    at: a clock that has run out is taken to stay so.
    """
    view, clocks = outcomes.view, _clocks(outcomes.program)
    filed = np.floor(view.number("filed_at"))
    if clocks is None:
        return np.full(len(filed), np.inf)
    low, high = np.zeros(len(filed)), np.full(len(filed), float(LOOKED_AT))
    while (high - low).max(initial=0.0) > 0.0:
        day = np.floor((low + high) / 2.0)
        later = CaseView(view.columns, filed + day + 0.5, Stage.B, None)
        over = (clocks.combine(clocks.test(later)) == YES).any(axis=0)
        low, high = np.where(over, low, np.minimum(day + 1.0, high)), np.where(over, day, high)
    return np.where(high < LOOKED_AT, high, np.inf)


def fast_conversion_due(clock: FastClock | None, *, closed_on: date | None, today: date) -> FastClock | None:
    """Return the clock that sends a fast case to the complex team today, or should have; None while it runs.

    A case that was closed before its clock ran out stays as it was.
    """
    if clock is None or today < clock.converts_on:
        return None
    return None if closed_on is not None and closed_on < clock.converts_on else clock


@lru_cache(maxsize=64)
def _clocks(program: Program) -> Program | None:
    """Return the rules that end the fast lane; None without any."""
    found = [one for one in program.rules if one.rule.kind is Kind.LIFECYCLE and one.rule.lane is Lane.COMPLEX]
    return Program.of(found, Stage.B) if found else None


class _Repeated(Mapping[str, npt.NDArray[np.generic]]):
    """The columns of one row, as often as there are days; each made only when it is read."""

    def __init__(self, columns: Mapping[str, npt.NDArray[np.generic]], row: int, times: int) -> None:
        self._columns, self._row, self._times = columns, row, times

    def __getitem__(self, name: str) -> npt.NDArray[np.generic]:
        column = self._columns[name]
        return np.full(self._times, column[self._row], dtype=column.dtype)

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
