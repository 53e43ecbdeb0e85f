"""The courts' clock: fixed +08:00, and time as the number of days since 1970-01-01 in Shanghai."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""No summer time since 1991, so an offset is enough and no table of zones is needed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=SHANGHAI)
_EPOCH_DAY = _EPOCH.toordinal()
_DAY = timedelta(days=1)


def days_of(moment: date) -> float:
    """Return days since the epoch: whole for a date, with a fraction for an aware instant.

    The whole part of an instant is its date in Shanghai.
    """
    if isinstance(moment, datetime):
        return (moment - _EPOCH) / _DAY
    return float(moment.toordinal() - _EPOCH_DAY)


def date_of(days: float) -> date:
    """Return the calendar day in Shanghai of a number of days since the epoch."""
    return date.fromordinal(math.floor(days) + _EPOCH_DAY)
