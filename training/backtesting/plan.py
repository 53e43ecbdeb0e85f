"""The days as of which a backtest learns, and the periods in which it looks what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from training.config import BoosterChange, Settings
from training.errors import CommandError
from training.history import History
from training.learning.split import Periods, day_of, number_of

SHIPPED = "shipped"
"""The candidate that changes nothing in the settings."""

YEAR = 12
"""Months for which a model is looked at after its own window."""


@dataclass(frozen=True)
class Fold:
    """Learned as of `origin`, from calibration cases since `calibrate_from`; each later window is [start, end)."""

    number: int
    calibrate_from: date
    origin: date
    windows: tuple[tuple[date, date], ...]

    @property
    def periods(self) -> Periods:
        """Return the periods of one training; the test reaches to the end of the last window."""
        ends = (self.calibrate_from, self.origin, self.windows[-1][1])
        return Periods(*(number_of(day) for day in ends))


def plan_folds(history: History, settings: Settings, *, start: date | None = None) -> tuple[Fold, ...]:
    """Return the folds whose windows are over and whose labels are ripe, the oldest first.

    A window is ripe when the longest horizon of the asked scores, and the time
    in which outcomes may still be recorded, have passed since its last day.

    Raises
    ------
    CommandError
        LABELS_NOT_RIPE: no window is; the message names the last day that is.
    """
    asked = settings.backtest
    horizon = max(target.horizon for targets in settings.targets.values() for target in targets.values())
    follow_up = float(np.median(history.observed_until)) - settings.labels.recording_lag_days
    newest = float(history.received_at.max()) + 1.0
    last = day_of(min(follow_up - horizon, newest))
    first = day_of(float(history.received_at.min()))
    ends = [moved(_month(last), -asked.step_months * back) for back in range(asked.folds)][::-1]
    origins = [moved(end, -asked.step_months) for end in ends]
    kept = [one for one in origins if moved(one, -asked.calibrate_months) > first and (start is None or one >= start)]
    if not kept:
        zh = f"数据自 {first} 起，标签成熟至 {last}，放不下一折（校准 {asked.calibrate_months} 个月、"
        zh += f"测试 {asked.step_months} 个月{'' if start is None else f'、不早于 {start}'}）"
        en = f"cases begin on {first} and labels are ripe until {last}: not enough for one fold of "
        en += f"{asked.calibrate_months} months of calibration and {asked.step_months} of test"
        raise CommandError("LABELS_NOT_RIPE", zh, en)
    return tuple(_fold(number, kept, settings) for number in range(len(kept)))


def plan_one_model(
    history: History, settings: Settings, *, start: date | None = None
) -> tuple[Settings, tuple[Fold, ...]]:
    """Return the settings and the one fold of a model that is looked at until it is a year old, or as long as ripe.

    Raises
    ------
    CommandError
        LABELS_NOT_RIPE: not a window is.
    """
    asked = replace(settings.backtest, folds=looks(settings) + 1, candidates=settings.backtest.candidates[:1])
    alone = replace(settings, backtest=asked)
    return alone, plan_folds(history, alone, start=start)[:1]


def with_booster(settings: Settings, change: BoosterChange) -> Settings:
    """Return the settings with what a candidate changes of the trees; None leaves a value as it is."""
    changed = {name: value for name, value in change.values().items() if value is not None}
    return replace(settings, booster=replace(settings.booster, **changed))


def looks(settings: Settings) -> int:
    """Return in how many windows after its own a model is looked at, until it is a year old."""
    return max(YEAR // settings.backtest.step_months, 1)


def moved(day: date, months: int) -> date:
    """Return the first of the month so many months away."""
    whole = day.year * 12 + day.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


def _fold(number: int, origins: list[date], settings: Settings) -> Fold:
    asked, origin = settings.backtest, origins[number]
    later = origins[number : number + looks(settings) + 1]
    windows = tuple((one, moved(one, asked.step_months)) for one in later)
    return Fold(number, moved(origin, -asked.calibrate_months), origin, windows)


def _month(day: date) -> date:
    return day.replace(day=1)
