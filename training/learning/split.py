"""Three periods, later after earlier: learn, calibrate, test; nobody stands on two sides, nothing is known early."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from features.known import Array
from training.config import SplitSettings
from training.errors import CommandError
from training.history.event_log import EventLog

Rows = npt.NDArray[np.int64]
EPOCH = date(1970, 1, 1)

FEWEST = 5
"""Fewest cases that came about, and that did not, from which anything can be learned."""


@dataclass(frozen=True)
class Periods:
    """The first days of calibration and test, and the day after the test, in days since 1970-01-01."""

    calibrate_from: float
    test_from: float
    test_until: float

    def dates(self) -> dict[str, str]:
        """Return the three days as dates, for records and pages."""
        return {name: day_of(getattr(self, name)).isoformat() for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Split:
    """Positions of the cases of each period; `dropped` counts later twins of earlier cases that were left out.

    `late` came after `calibrate` and before the test: their labels are not all
    finished. No test case shares a group with any case before the test, and
    nobody who calibrates with one who teaches. `met_before` are the cases of the
    test period that do share one, the test's part of those left out.
    """

    train: Rows
    calibrate: Rows
    test: Rows
    dropped: int
    late: Rows
    met_before: Rows


def periods(entered_at: Array, settings: SplitSettings) -> Periods:
    """Return the periods by the given dates or, without dates, by shares of cases.

    By share, a period begins on the first of a month: filings and closings
    bunch before the 20 December cut of court statistics, and a bunch must not
    be cut in two.

    Raises
    ------
    CommandError
        TOO_FEW_CASES: there are no cases, or too short a time for three periods.
    """
    if not len(entered_at):
        raise CommandError("TOO_FEW_CASES", "没有可用案件（需要至少 1 件）", "there are no usable cases (at least 1)")
    end = float(np.floor(entered_at.max())) + 1.0
    until = end if settings.test_until is None else number_of(settings.test_until)
    if settings.calibrate_from is not None and settings.test_from is not None:
        found = Periods(number_of(settings.calibrate_from), number_of(settings.test_from), until)
    else:
        first, second = np.quantile(entered_at[entered_at < until], np.cumsum(settings.shares)[:2])
        found = Periods(_month_of(float(first)), _month_of(float(second)), until)
    if not found.calibrate_from < found.test_from < found.test_until:
        days = f"{day_of(float(entered_at.min()))} … {day_of(end)}"
        raise CommandError("TOO_FEW_CASES", f"{days} 分不出三个时期", f"{days} is too short for three periods")
    return found


def split(entered_at: Array, group: Rows, *, at: Periods, gap: float, train_gap: float | None = None) -> Split:
    """Return who learns, who calibrates and who tests.

    Before each later period stands a gap of one horizon: a case that entered
    less than `gap` days before it has no finished label yet. Where unfinished
    cases can be learned from, as censored ones, `train_gap` says how much of a
    gap learning needs. Of a group with cases in two periods the later ones are
    dropped: whether a case teaches must not hang on what came after it, for
    who pays comes back less often than who does not.
    """
    train = entered_at < at.calibrate_from - (gap if train_gap is None else train_gap)
    after = ~np.isin(group, group[train])
    calibrate = (entered_at >= at.calibrate_from) & (entered_at < at.test_from - gap)
    late = (entered_at >= max(at.calibrate_from, at.test_from - gap)) & (entered_at < at.test_from) & after
    test = (entered_at >= at.test_from) & (entered_at < at.test_until)
    new = test & ~np.isin(group, group[entered_at < at.test_from])
    dropped = int((calibrate & ~after).sum() + (test & ~new).sum())
    learns, calibrates, tests, waits, met = map(np.flatnonzero, (train, calibrate & after, new, late, test & ~new))
    return Split(learns, calibrates, tests, dropped, waits, met)


def enough(name: str, sizes: dict[str, int], *, least: int, why: tuple[str, str] = ("", "")) -> None:
    """Refuse a score that too few cases would decide; calibration and test need a quarter of what training needs.

    `why` says in both languages what may be the reason, where one is known.

    Raises
    ------
    CommandError
        TOO_FEW_CASES, naming the period, its size and the least size.
    """
    for period, size in sizes.items():
        needed = least if period == "train" else max(1, least // 4)
        if size < needed:
            zh = f"{name} 的 {period} 时期只有 {size} 件，至少需要 {needed} 件"
            en = f"{name} has {size} cases in period {period}, at least {needed} needed"
            raise CommandError("TOO_FEW_CASES", zh + why[0], en + why[1])


def of_both(name: str, happened: int, n: int) -> None:
    """Refuse a score of which nearly all cases that teach ended alike: there is nothing to tell apart.

    Raises
    ------
    CommandError
        ONE_SIDED_OUTCOMES, with the number of cases of both ends.
    """
    if min(happened, n - happened) < FEWEST:
        zh = f"{name} 训练时期的 {n} 件中 {happened} 件发生、{n - happened} 件没有，两边都至少需要 {FEWEST} 件"
        en = f"of {n} cases of {name} that teach, it came about in {happened}, in {n - happened} not: "
        raise CommandError("ONE_SIDED_OUTCOMES", zh, en + f"at least {FEWEST} of both needed")


def recorded_late(log: EventLog, at: Periods) -> tuple[str, str]:
    """Say in both languages that most events of the training period were recorded after it; nothing where not so.

    Outcomes of years that are all reported on one day were not known in those
    years: nothing can be learned from them as of then.
    """
    happened = log.at < at.calibrate_from
    late = int((happened & (log.recorded_at > at.calibrate_from)).sum())
    if 2 * late <= happened.sum():
        return "", ""
    day, n = day_of(at.calibrate_from), int(happened.sum())
    zh = f"；{day} 以前发生的 {n} 项事件中有 {late} 项在该日以后才登记，训练不使用当时尚不知道的结果"
    return zh, f"; of {n} events before {day}, {late} were recorded after it, and nothing unknown then is learned from"


def never_asked(log: EventLog, *, population: str) -> tuple[str, str]:
    """Say in both languages that the event which makes a case ask is in no case's record; nothing where it is."""
    kind = {"filed": "file", "urged": "urge_start"}.get(population, "")
    if not kind or len(log.of(kind).row):
        return "", ""
    zh = f"；该分数只问有 {kind} 事件的案件（population = {population!r}），历史中没有这种事件"
    en = f"; only cases with an event {kind} are asked (population = {population!r}), and the history has none: "
    return f"{zh}，请补映射或改设 population、start", en + "map it, or set population and start otherwise"


def day_of(number: float) -> date:
    """Return the date of a day number."""
    return EPOCH + timedelta(days=int(np.floor(number)))


def number_of(day: date) -> float:
    """Return the day number of a date."""
    return float((day - EPOCH).days)


def _month_of(number: float) -> float:
    return number_of(day_of(number).replace(day=1))
