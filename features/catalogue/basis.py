"""Features of the enforcement basis: its kind, its age and the time it leaves."""

from __future__ import annotations

import numpy as np

from features.catalogue.formulas import days_between, days_since
from features.feature import Pull, Unit, each_code, feature, taken
from features.known import Array, Known

UNDATED = ("执行依据未载明或者未登记该日期", "the date is not stated in the basis or not recorded")
UNRECORDED = ("执行依据的该项内容未登记", "this part of the basis is not recorded")

KINDS = {
    "payment_order": ("支付令", "a payment order"),
    "arbitral_award": ("仲裁裁决书", "an arbitral award"),
    "notarised_debt": ("公证债权文书", "a notarised debt instrument"),
}

AGREED_KINDS = {
    "mediation": ("人民法院调解书", "a court mediation document"),
    "judicial_confirmation": ("司法确认裁定书", "a judicial confirmation of a mediated agreement"),
}


@feature(
    "basis_effective_date",
    asks=("执行依据生效至今已有多少日？", "How many days has the enforcement basis been in effect?"),
    unit=Unit.DAY,
    pull=Pull.DOWN,
    code="P03",
    missing=UNDATED,
)
def days_since_effective(known: Known) -> Array:
    """Return the days from the day the basis took effect to the day of `as_of`."""
    return days_since(known, "basis_effective_date")


@feature(
    "due_date",
    "basis_effective_date",
    asks=("执行依据所定的履行期限有多少日？", "How many days did the basis give for performance?"),
    unit=Unit.DAY,
    pull=Pull.NONE,
    code="P07",
    missing=UNDATED,
)
def performance_days(known: Known) -> Array:
    """Return the days from effect to the end of the period; a long one may be mercy or an instalment plan."""
    return days_between(known, "basis_effective_date", "due_date")


@feature(
    asks=("评分时点处于当年第几个月？", "In which month of the year does the scoring fall?"),
    unit=Unit.MONTH,
    pull=Pull.NONE,
    code="P11",
    missing=("不会缺失", "never missing"),
)
def month_of_year(known: Known) -> Array:
    """Return the month of `as_of`, 1 to 12: closures and filings bunch before the year's statistics are cut."""
    days = known.as_of.astype(np.int64).astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64) % 12
    return months.astype(np.float64) + 1.0


FEATURES = (
    taken(
        "days_since_due",
        asks=("履行期限届满至今已有多少日？", "How many days ago did the performance period end?"),
        unit=Unit.DAY,
        pull=Pull.DOWN,
        code="P03",
        missing=UNDATED,
    ),
    days_since_effective,
    performance_days,
    taken(
        "limitation_days_left",
        asks=("距申请执行时效期间届满还有多少日？", "How many days of the limitation period for enforcement are left?"),
        unit=Unit.DAY,
        pull=Pull.UP,
        code="P06",
        missing=UNDATED,
    ),
    taken(
        "instalment",
        asks=("执行依据是否确定分期履行？", "Does the basis order performance by instalments?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="P07",
        missing=UNRECORDED,
    ),
    *each_code(
        "basis_type",
        KINDS,
        asks=("执行依据是否为{}？", "Is the enforcement basis {}?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="P10",
        missing=UNRECORDED,
    ),
    # Mediated documents are kept more often, but those that come to enforcement were broken once: no direction.
    *each_code(
        "basis_type",
        AGREED_KINDS,
        asks=("执行依据是否为{}？", "Is the enforcement basis {}?"),
        unit=Unit.YES_NO,
        pull=Pull.NONE,
        code="W02",
        missing=UNRECORDED,
    ),
    month_of_year,
)
