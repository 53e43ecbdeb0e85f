"""Features of the urging that came before filing; they exist at stage B only.

The instants of filing and query are closed to features, so these speak of what
the debtor promised and paid, not of how long the court took.
"""

from __future__ import annotations

import numpy as np

from features.catalogue.formulas import days_between, days_since, to_claim
from features.feature import NAN, Pull, Unit, each_code, feature, taken
from features.known import Array, Known

URGING = ("本案未经执前督促，或者督促记录未登记", "the case was not urged, or the urging is not recorded")
PROMISE = ("被执行人未承诺履行日期，或者未登记", "the debtor named no day of performance, or it is not recorded")


@feature(
    "urge_start",
    "urge_promise_date",
    asks=("执前督促期间被执行人是否承诺履行日期？", "Did the debtor name a day of performance during urging?"),
    unit=Unit.YES_NO,
    pull=Pull.UP,
    code="W09",
    missing=URGING,
)
def urge_promised(known: Known) -> Array:
    """Tell whether an urged debtor named a day; unknown where nobody was urged."""
    promised = ~np.isnan(known["urge_promise_date"])
    return np.where(np.isnan(known["urge_start"]) & ~promised, NAN, promised)


@feature(
    "urge_start",
    "urge_promise_date",
    asks=("被执行人承诺的履行日距督促开始有多少日？", "How many days after the start of urging is the promised day?"),
    unit=Unit.DAY,
    pull=Pull.DOWN,
    code="W09",
    missing=PROMISE,
)
def urge_promise_days(known: Known) -> Array:
    """Return the days that the debtor asked for."""
    return days_between(known, "urge_start", "urge_promise_date")


@feature(
    "urge_promise_date",
    asks=("被执行人承诺的履行日已经过多少日？", "How many days ago was the promised day?"),
    unit=Unit.DAY,
    pull=Pull.DOWN,
    code="W09",
    missing=PROMISE,
)
def urge_promise_overdue_days(known: Known) -> Array:
    """Return the days since the promised day; negative while it lies ahead."""
    return days_since(known, "urge_promise_date")


FEATURES = (
    taken(
        "urge_reached",
        asks=("执前督促期间是否与被执行人取得联系？", "Was the debtor reached during urging?"),
        unit=Unit.YES_NO,
        pull=Pull.UP,
        code="W08",
        missing=URGING,
    ),
    urge_promised,
    urge_promise_days,
    urge_promise_overdue_days,
    to_claim(
        "urge_paid",
        asks=(
            "执前督促期间的履行金额相当于申请执行标的额的多少倍？",
            "How large was the payment during urging against the claim?",
        ),
        unit=Unit.LOG_RATIO,
        pull=Pull.UP,
        code="W10",
        missing=URGING,
    ),
    *each_code(
        "urge_result",
        {"partial": ("部分履行", "part performance"), "settled": ("达成和解", "a settlement")},
        asks=("执前督促的结果是否为{}？", "Did urging end in {}?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="W11",
        missing=URGING,
    ),
    *each_code(
        "urge_result",
        {"failed": ("未履行", "no performance")},
        asks=("执前督促的结果是否为{}？", "Did urging end in {}?"),
        unit=Unit.YES_NO,
        pull=Pull.DOWN,
        code="W11",
        missing=URGING,
    ),
)
