"""Indicators from receipt: over everything received in the year, and what has not ended counts as not done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from features.derived import add_months
from models.indicators.applications import MONTHS_12, Applications, Ratio, State, mean, share


def completion(found: Applications) -> Ratio:
    """Return what was paid under urging or fully enforced, of all applications."""
    return share(found.ended_in_time(State.SETTLED, State.FULL), found.cohort)


def recovery(found: Applications) -> Ratio:
    """Return the yuan that came in, of the yuan applied for; a case of unknown amount counts in neither."""
    known = found.cohort & (found.claim > 0)
    return Ratio(float(found.yuan(days=found.horizon)[known].sum()), float(found.claim[known].sum()))


def zhongben(found: Applications) -> Ratio:
    """Return what ended in 终本 or did not end at all."""
    return share(~found.ended_in_time(State.SETTLED, State.FULL, State.OTHER), found.cohort)


def days(found: Applications) -> Ratio:
    """Return the days from receipt to the end."""
    return mean(found.days_to_end[found.cohort])


def over_12_months(found: Applications) -> Ratio:
    """Return what had not ended twelve months after receipt."""
    return share(np.isnan(found.ended) | (found.ended - found.received > MONTHS_12), found.cohort)


def payout_days(found: Applications) -> Ratio:
    """Return the days from receipt to the first money in hand; money of urging goes to the creditor directly."""
    first = np.full(len(found.received), np.inf)
    np.minimum.at(first, found.payouts[:, 0].astype(np.int64), found.payouts[:, 2])
    first = np.where(found.state == State.SETTLED, np.fmin(first, found.ended), first)
    return mean(np.minimum(first - found.received, found.horizon)[found.cohort])


def settled_before_filing(found: Applications) -> Ratio:
    """Return what was paid in full under urging."""
    return share(found.ended_in_time(State.SETTLED), found.cohort)


def closing_rate(found: Applications) -> Ratio:
    """Return what ended in the year, of what had not ended before and what was received."""
    pending = (found.received < found.ends) & ~(found.ended < found.begins)
    return share(found.in_period(found.ended), pending)


def in_time(found: Applications) -> Ratio:
    """Return what ended within six months of receipt."""
    limit = add_months(np.floor(found.received), found.enforcement_months)
    return share(np.floor(found.ended) <= limit, found.cohort)


def hours(found: Applications) -> Ratio:
    """Return the hours of officers an application."""
    return mean(found.hours[found.cohort])


_COUNTS = (
    completion, recovery, zhongben, days, over_12_months, payout_days, settled_before_filing, closing_rate, in_time,
    hours,
)  # fmt: skip
FROM_RECEIPT: Mapping[str, Callable[[Applications], Ratio]] = MappingProxyType({one.__name__: one for one in _COUNTS})
"""Every indicator from receipt by its name."""
