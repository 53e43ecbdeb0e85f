"""Indicators of a court's work: one formula each, for simulated years and for the record alike."""

from models.indicators.applications import Applications, Over12Base, Ratio, State
from models.indicators.indicator import Clock, Indicator, Unit, indicators

__all__ = ["Applications", "Clock", "Indicator", "Over12Base", "Ratio", "State", "Unit", "indicators"]
