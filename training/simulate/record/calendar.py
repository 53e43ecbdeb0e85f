"""When applications reach a court: working days, growth, and the bunching round the year-end cut."""

from __future__ import annotations

from datetime import date

import numpy as np

from features.clock import days_of
from features.known import Array
from training.simulate.record.draws import Rng, pick
from training.simulate.settings import Scenario

YEAR = 365.25


def receipts(rng: Rng, n: int, *, start: date, end: date, scenario: Scenario) -> Array:
    """Return n instants of receipt in ascending order.

    Courts slow down filing before the statistics cut of 20 December and catch
    up in January; at weekends only online applications come in.
    """
    days, weight = day_weights(start=start, end=end, scenario=scenario)
    chosen = days[pick(rng, n, weights=weight)]
    return np.sort(chosen + _office_hours(rng, n))


def day_weights(*, start: date, end: date, scenario: Scenario) -> tuple[Array, Array]:
    """Return every day between two, both included, and how many applications it gets against others."""
    days = np.arange(days_of(start), days_of(end) + 1)
    civil = days.astype(np.int64).astype("datetime64[D]")
    month = civil.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (civil - civil.astype("datetime64[M]")).astype(np.int64) + 1
    weekday = (days.astype(np.int64) + 3) % 7
    weight = np.where(weekday >= 5, 0.05, 1.0) * np.exp(scenario.growth * (days - days[0]) / YEAR)
    weight *= np.where((month == 12) & (day <= 20), 0.72, 1.0) * np.where(month == 1, 1.2, 1.0)
    weight *= np.where(month == 2, 0.75, 1.0)
    return days, weight


def _office_hours(rng: Rng, n: int) -> Array:
    hours = rng.uniform(0.0, 7.0, n)
    return (9.0 + hours + np.where(hours > 2.5, 2.0, 0.0)) / 24.0


def years_since(days: Array, start: date) -> Array:
    """Return years from the first day of the simulation."""
    return (days - days_of(start)) / YEAR
