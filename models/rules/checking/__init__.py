"""Checking rule tables: what may not be done to the law, dates, values, and lanes that contradict each other."""

from models.rules.checking.dates import misdated
from models.rules.checking.lanes import lane_faults, order_faults
from models.rules.checking.law import loosened, unknown_as_met
from models.rules.checking.values import value_faults

__all__ = ["lane_faults", "loosened", "misdated", "order_faults", "unknown_as_met", "value_faults"]
