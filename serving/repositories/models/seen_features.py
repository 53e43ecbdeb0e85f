"""The features that a model saw in the newest cases, opened for counting and never shown case by case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from features.register import Stage
from serving.keys import KeyRing
from serving.store.tables.advice import advice
from serving.store.transaction import Store

MOST_CASES: Final = 2000
"""Newest cases of a stage that are counted: enough for an index, few enough for a page."""


@dataclass(frozen=True)
class Seen:
    """The rows of one stage, shape (n, features), and the days of the oldest and the newest; empty without cases."""

    rows: npt.NDArray[np.float32]
    since: str
    until: str


@dataclass(frozen=True)
class SeenFeatures:
    """Reads what models saw."""

    store: Store
    keys: KeyRing

    def newest(self, model_sha256: str, stage: Stage, *, width: int) -> Seen:
        """Return the rows that a bundle saw at a stage, the newest cases only; rows of another width are left out."""
        query = (
            select(advice.c.id, advice.c.day, advice.c.features)
            .where(
                advice.c.model_sha256 == model_sha256,
                advice.c.stage == stage.value,
                advice.c.features.is_not(None),
            )
            .order_by(advice.c.day.desc(), advice.c.number.desc())
            .limit(MOST_CASES)
        )
        found = self.store.read(lambda connection: connection.execute(query).all())
        opened = (self.keys.seal.open(row.features, f"advice.features:{row.id}") for row in found)
        rows = [
            values for values in (np.frombuffer(content, dtype="<f4") for content in opened) if len(values) == width
        ]
        days = [row.day for row in found]
        table = np.array(rows, dtype=np.float32).reshape(len(rows), width)
        return Seen(table, min(days, default=""), max(days, default=""))
