"""The synthetic court: population, course and observation; it knows the truth, and training may not read that."""

from training.simulate.settings import CourtSettings, Summary
from training.simulate.writing import simulate

__all__ = ["CourtSettings", "Summary", "simulate"]
