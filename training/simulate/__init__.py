"""The synthetic court: population, course and observation; it knows the truth, and training may not read that."""

from training.simulate.arrivals import Arrivals, Chance, Span, draw_arrivals, fading
from training.simulate.settings import CourtSettings, Summary
from training.simulate.writing import simulate

__all__ = ["Arrivals", "Chance", "CourtSettings", "Span", "Summary", "draw_arrivals", "fading", "simulate"]
