"""Office hours: when work that takes so many days of an officer is finished, over nights, weekends and holidays."""

from __future__ import annotations

from datetime import date, timedelta

from features.clock import days_of
from models.working_days import is_working_day

OPENS, CLOSES = 9.0 / 24.0, 17.5 / 24.0
"""Office hours as parts of a day; work goes on evenly between them."""


class OfficeHours:
    """The working days between two days, both included, and the work that fits between two instants.

    Work is counted in officers' days. The State Council publishes holidays a
    year ahead at most; in a year not yet published every weekday is one of work.
    """

    def __init__(self, first: date, last: date) -> None:
        count = (last - first).days + 1
        days = [first + timedelta(days=i) for i in range(count)]
        self.start = int(days_of(first))
        self.working = [is_working_day(day) for day in days]
        self.workdays = [self.start + i for i, works in enumerate(self.working) if works]
        self.done: list[int] = []
        total = 0
        for works in self.working:
            self.done.append(total)
            total += works

    def finish(self, at: float, work: float) -> float:
        """Return when `work` officer days that begin at an instant are done; past the last day, never."""
        day = int(at)
        place = day - self.start
        if place >= len(self.working):
            return float("inf")
        total = self.done[place] + work
        if self.working[place]:
            total += min(max((at - day - OPENS) / (CLOSES - OPENS), 0.0), 1.0)
        whole = int(total)
        if whole == total and work > 0:
            whole -= 1
        if whole >= len(self.workdays):
            return float("inf")
        return max(self.workdays[whole] + OPENS + (total - whole) * (CLOSES - OPENS), at)
