"""On simulated data: the generator's own probabilities, and how much of what can be known a model has learned."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.known import Array
from features.register import Stage
from training.history import History

COLUMNS = {
    (Stage.A, "willingness"): ("p_willingness_15", 15.0),
    (Stage.A, "ability"): ("p_ability_180_a", 180.0),
    (Stage.A, "recovery"): ("recovery_180_a", 180.0),
    (Stage.B, "ability"): ("p_ability_180_b", 180.0),
    (Stage.B, "quick_close"): ("p_quick_30_b", 30.0),
    (Stage.B, "recovery"): ("recovery_180_b", 180.0),
}
"""The truth table's column for each score, and the day at which it speaks. Only evaluation reads that table."""


def oracle(history: History, stage: Stage, name: str, *, day: float) -> Array | None:
    """Return the generator's probability by case row, NaN where it has none; None where there is no truth to ask."""
    column, speaks_at = COLUMNS.get((stage, name), ("", -1.0))
    file = history.path / "truth.parquet"
    if not history.simulated or speaks_at != day or not file.is_file():
        return None
    table = pq.read_table(file, columns=["case_id", column])
    values = np.full(history.cases.num_rows, np.nan)
    found = pc.fill_null(table[column].cast(pa.float64()), float("nan")).to_numpy()
    values[history.rows_of(table["case_id"], table="truth")] = found
    return values


def explained_share(*, constant: float, model: float, best: float) -> float:
    """Return the part of the avoidable loss that the model avoids: 0 like the constant, 1 like the oracle."""
    return (constant - model) / (constant - best) if constant > best else float("nan")
