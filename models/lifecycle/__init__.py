"""What happens after the advice: urging and fast lane that end by themselves, 终本 that waits, decisions that win."""

from models.lifecycle.decision import (
    OVERRIDE_TEXT,
    Final,
    HumanDecision,
    MissingOverrideReasonError,
    OverrideReason,
    final_route,
)
from models.lifecycle.fast_clock import FastClock, fast_clock, fast_clock_days, fast_conversion_due
from models.lifecycle.urging import (
    CONVERSION_TEXT,
    Conversion,
    ConversionCause,
    Instalment,
    Payment,
    Urging,
    Window,
    broken_on,
    conversion_due,
    next_conversion,
    urging_window,
    window_of,
)
from models.lifecycle.zhongben import ZHONGBEN_STEP_TEXT, ZhongbenCheck, ZhongbenStep, zhongben_check

__all__ = [
    "CONVERSION_TEXT",
    "OVERRIDE_TEXT",
    "ZHONGBEN_STEP_TEXT",
    "Conversion",
    "ConversionCause",
    "FastClock",
    "Final",
    "HumanDecision",
    "Instalment",
    "MissingOverrideReasonError",
    "OverrideReason",
    "Payment",
    "Urging",
    "Window",
    "ZhongbenCheck",
    "ZhongbenStep",
    "broken_on",
    "conversion_due",
    "fast_clock",
    "fast_clock_days",
    "fast_conversion_due",
    "final_route",
    "next_conversion",
    "urging_window",
    "window_of",
    "zhongben_check",
]
