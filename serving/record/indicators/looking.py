"""Looking at a court's figures: one period beside the year before, twelve months, and cases that were filed late."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.indicators import Period, periods_up_to, twelve_months
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.record.court_settings import CourtSettings
from serving.record.court_values import Settings
from serving.repositories.indicators.figures import FigureStore, Kept
from serving.repositories.indicators.late_cases import LateCaseStore


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What was counted of one court and one period; nothing here is worked out on view.

    `months` holds twelve months up to the period's last one, oldest first,
    each with its figures by name; `courts` those whose figures the reader may see.
    """

    court: str
    courts: Sequence[str]
    period: Period
    periods: Sequence[Period]
    now: Kept
    before: Kept
    months: Sequence[tuple[str, Mapping[str, Any]]]
    settings: Settings
    at: datetime


@dataclass(frozen=True)
class Looking:
    """The use case with its collaborators."""

    figures: FigureStore
    late: LateCaseStore
    settings: CourtSettings
    clock: Callable[[], datetime]

    def open(self, court: str, period: str, *, origin: Origin) -> Looked:
        """Return the figures of a court, or of the reader's first one; of a period, or of the last months that closed.

        Raises
        ------
        ProblemError
            NOT_FOUND for another court or a period that is not kept.
        """
        at, courts = self.clock(), self.courts(origin)
        court = self.court_of(court, origin)
        chosen, periods = _chosen(period, at), periods_up_to(at.date())
        months = twelve_months(chosen.last)
        rows = self.figures.months(court, months[0].first, months[-1].last)
        by_month = {one.first: {row["name"]: row for row in rows if row["first_month"] == one.first} for one in months}
        return Looked(
            court=court,
            courts=courts,
            period=chosen,
            periods=periods,
            now=self.figures.of(court, chosen),
            before=self.figures.of(court, chosen.year_before),
            months=list(by_month.items()),
            settings=self.settings.of(court),
            at=at,
        )

    def late_cases(self, court: str, period: str, *, origin: Origin) -> tuple[Looked, Sequence[Mapping[str, Any]]]:
        """Return the cases of a period that were not filed by their last day; that they were listed is on record."""
        looked = self.open(court, period, origin=origin)
        rows = self.late.page(looked.court, looked.period, origin=origin, at=looked.at)
        return looked, rows

    def export(self, court: str, period: str, *, origin: Origin) -> Looked:
        """Return the figures that leave the house as a file, which is on record."""
        looked = self.open(court, period, origin=origin)
        rows = len(looked.now.figures)
        self.late.note_export(looked.court, looked.period, rows=rows, origin=origin, at=looked.at)
        return looked

    def courts(self, origin: Origin) -> list[str]:
        """Return the courts that somebody belongs to; for those of every court, the ones with figures."""
        codes = origin.by.courts.codes
        return sorted(self.figures.courts() if codes is None else codes)

    def court_of(self, court: str, origin: Origin) -> str:
        """Return the court that is asked for, or the reader's first one.

        Raises
        ------
        ProblemError
            NOT_FOUND for another court, and where there is none.
        """
        asked = court or next(iter(self.courts(origin)), "")
        if not asked or asked not in origin.by.courts:
            raise ProblemError("NOT_FOUND")
        return asked


def _chosen(text: str, at: datetime) -> Period:
    kept = periods_up_to(at.date())
    if not text:
        closed = (one for one in kept if not one.is_month and not one.open_on(at.date()))
        return next(closed, kept[0])
    first, _, last = text.partition("~")
    found = Period(first, last or first)
    if found not in kept:
        raise ProblemError("NOT_FOUND")
    return found
