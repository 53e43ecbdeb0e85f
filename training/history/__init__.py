"""A court's history: tables, events, and what was known when."""

from __future__ import annotations

from training.history.decision_log import DecisionLog
from training.history.history import History, HistoryError
from training.history.parts import parts

__all__ = ["DecisionLog", "History", "HistoryError", "parts"]
