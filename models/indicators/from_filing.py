"""Indicators from filing: the official formulas over the cases that were closed in the year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from features.derived import add_months
from models.indicators.applications import MONTHS_12, Applications, Over12Base, Ratio, State, mean, share
from models.routes import Bools


def completion(found: Applications) -> Ratio:
    """Return what was closed as fully enforced, of what was closed (执行完毕率)."""
    return share(found.state == State.FULL, closed(found))


def recovery(found: Applications) -> Ratio:
    """Return the yuan that came in, of the yuan applied for in what was closed (执行到位率).

    A case of unknown amount counts in neither: its money over nothing would raise the rate.
    """
    known = closed(found) & (found.claim > 0)
    return Ratio(float(found.yuan(days=np.inf)[known].sum()), float(found.claim[known].sum()))


def zhongben(found: Applications) -> Ratio:
    """Return what was closed as 终本, of what was closed (首执案件终本率)."""
    return share(found.state == State.ZHONGBEN, closed(found))


def days(found: Applications) -> Ratio:
    """Return the days from the day of filing to that of closing (平均结案时间), as the dates in the file tell them."""
    return mean((np.floor(found.closed) - np.floor(found.filed))[closed(found)])


def over_12_months(found: Applications) -> Ratio:
    """Return the open cases filed over twelve months ago, of the base that the setting names (超12个月未结案件比)."""
    still = (found.filed < found.ends) & ~(found.closed < found.ends)
    old = still & (found.ends - found.filed > MONTHS_12)
    return share(old, still if found.over_12_base is Over12Base.OPEN else _accepted(found))


def payout_days(found: Applications) -> Ratio:
    """Return the days from the arrival of money to its payout (案款平均发放天数)."""
    paid = found.payouts[found.in_period(found.payouts[:, 2])]
    return mean(paid[:, 2] - paid[:, 1])


def settled_before_filing(found: Applications) -> Ratio:
    """Return what was paid under urging, of that and what was filed."""
    settled = (found.state == State.SETTLED) & found.in_period(found.ended)
    return share(settled, settled | found.in_period(found.filed))


def closing_rate(found: Applications) -> Ratio:
    """Return what was closed, of what was carried over and newly filed (结案率)."""
    return share(closed(found), _accepted(found))


def in_time(found: Applications) -> Ratio:
    """Return what was closed within six months of filing, of what was closed (法定审限内结案率)."""
    limit = add_months(np.floor(found.filed), found.enforcement_months)
    return share(np.floor(found.closed) <= limit, closed(found))


def closed(found: Applications) -> Bools:
    """Return the filed cases that were closed in the year."""
    return np.asarray(found.in_period(found.closed) & ~np.isnan(found.filed))


def _accepted(found: Applications) -> Bools:
    carried = (found.filed < found.begins) & ~(found.closed < found.begins)
    return np.asarray(carried | found.in_period(found.filed))


_COUNTS = (
    completion, recovery, zhongben, days, over_12_months, payout_days, settled_before_filing, closing_rate, in_time,
)  # fmt: skip
FROM_FILING: Mapping[str, Callable[[Applications], Ratio]] = MappingProxyType({one.__name__: one for one in _COUNTS})
"""Every indicator from filing by its name."""
