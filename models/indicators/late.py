"""The check on late filing: the same figures as if every case had been filed by the last day for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from features.known import Array
from models.indicators.applications import Applications, State
from models.routes import Bools

A = TypeVar("A", bound=Applications)


def late_in(found: Applications, late_from: Array, *, today: float) -> Bools:
    """Return which applications had their last day for filing in the period and were not filed by it.

    `late_from` is that day where filing was late or has not come yet, NaN
    elsewhere; a day that has not passed on `today` is nobody's delay.
    """
    return np.asarray(found.in_period(late_from) & (late_from < today))


def filed_in_time(found: A, late_from: Array, *, today: float) -> A:
    """Return the applications as if the late ones had been filed on the last day for it.

    The hour is that of receipt. What was settled after that day would have been an enforced case by then;
    nothing else changes.
    """
    late = late_from < today
    settled = late & (found.state == State.SETTLED)
    return replace(
        found,
        filed=np.where(late, late_from + found.received % 1.0, found.filed),
        state=np.where(settled, State.FULL, found.state),
        closed=np.where(settled, found.ended, found.closed),
    )


def pays(*, figure: float, prompt: float, more_is_better: bool, material: float = 0.002) -> bool:
    """Whether a figure is better than it would be without late filing, by more than a thousandth or two of it."""
    gain = figure - prompt if more_is_better else prompt - figure
    return bool(gain > material * abs(prompt))
