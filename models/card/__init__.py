"""The model card: its words and the fields it lists, the same in reports on paper and on the service's pages."""

from __future__ import annotations

from models.card.fields import barred_fields, read_fields
from models.card.wording import (
    CONTROL,
    EFFECT,
    LAW,
    LIMIT,
    MEASURE_NAMES,
    PREDICTS,
    PURPOSE,
    RISKS,
    SCORE_NAMES,
    SIMULATED_LIMIT,
    TECHNIQUE,
    VERDICTS,
)

__all__ = [
    "CONTROL",
    "EFFECT",
    "LAW",
    "LIMIT",
    "MEASURE_NAMES",
    "PREDICTS",
    "PURPOSE",
    "RISKS",
    "SCORE_NAMES",
    "SIMULATED_LIMIT",
    "TECHNIQUE",
    "VERDICTS",
    "barred_fields",
    "read_fields",
]
