"""Builders for the utility of lanes: score tables with chosen chances, and settings with chosen figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from features.register import Stage
from models.abstention import Abstain
from models.scores import ScoreColumn, ScoreTable
from models.utility import Amounts, Utility

DAYS = {"willingness": 15.0, "ability": 180.0, "quick_close": 30.0, "recovery": 180.0}


def score_table(
    *, stage: Stage = Stage.B, days: Sequence[float] | None = None, abstained: Sequence[bool] | None = None,
    **chances: Sequence[float],
) -> ScoreTable:  # fmt: skip
    """Return scores with these chances by name; nothing is withheld unless `abstained` says so."""
    n = len(next(iter(chances.values())))
    rows = np.zeros(n, dtype=bool) if abstained is None else np.array(abstained)
    columns = {name: _column(DAYS[name], np.array(values, dtype=np.float64)) for name, values in chances.items()}
    reasons = {Abstain.KEY_FIELD_MISSING: rows}
    until = None if days is None else np.array(days, dtype=np.float64)
    return ScoreTable(stage, columns, until, reasons, np.zeros((n, 1), dtype=np.float32), np.zeros(n))


def utility(figures: Mapping[str, float] | None = None) -> Utility:
    """Return the shipped setting with some figures changed; the others of `Amounts` stay."""
    shipped = Utility.load()
    return replace(shipped, amounts=replace(shipped.amounts, **dict(figures or {})))


def free_utility(**figures: float) -> Utility:
    """Return a setting in which everything is worth nothing but the figures given."""
    nothing = dict.fromkeys(Amounts.__dataclass_fields__, 0.0)
    return replace(Utility.load(), amounts=Amounts(**(nothing | figures)))


def _column(day: float, p: np.ndarray) -> ScoreColumn:
    return ScoreColumn(day=day, p=p, lower=p, upper=p, n=np.full(len(p), 500), raw=p, others={})
