"""Scoring files without a server."""

from __future__ import annotations

from training.scoring.scorer import Scorer

__all__ = ["Scorer"]
