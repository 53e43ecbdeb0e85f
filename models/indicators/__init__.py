"""Indicators of a court's work: one formula each, for simulated years and for the record alike."""

from models.indicators.applications import Applications, Over12Base, Ratio, State, mean, share
from models.indicators.course import MONEY, Course, Happened, Told, course_of
from models.indicators.indicator import Clock, Indicator, Unit, indicators
from models.indicators.late import filed_in_time, late_in, pays
from models.indicators.months import Period, periods_up_to, twelve_months
from models.indicators.reference import SMALL_BASE, Interval, Standing, standing

__all__ = [
    "MONEY",
    "SMALL_BASE",
    "Applications",
    "Clock",
    "Course",
    "Happened",
    "Indicator",
    "Interval",
    "Over12Base",
    "Period",
    "Ratio",
    "Standing",
    "State",
    "Told",
    "Unit",
    "course_of",
    "filed_in_time",
    "indicators",
    "late_in",
    "mean",
    "pays",
    "periods_up_to",
    "share",
    "standing",
    "twelve_months",
]
