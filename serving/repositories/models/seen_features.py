"""The features that a model saw in the newest cases, opened for counting and never shown case by case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from features.register import Stage
from serving.keys import KeyRing
from serving.store.tables.advice import advice
from serving.store.transaction import Store

MOST_CASES: Final = 2000
"""Newest cases of a stage that are counted: enough for an index, few enough for a page."""


@dataclass(frozen=True)
class Seen:
    """The rows of one stage, shape (n, features), and the days of the oldest and the newest; empty without cases.

    `by_id` holds the rows by the id of their answer, the newest first.
    """

    by_id: Mapping[str, npt.NDArray[np.float32]]
    width: int
    since: str
    until: str

    @cached_property
    def rows(self) -> npt.NDArray[np.float32]:
        """The rows as one table."""
        return np.array(list(self.by_id.values()), dtype=np.float32).reshape(len(self.by_id), self.width)


@dataclass(frozen=True)
class SeenFeatures:
    """Reads what models saw."""

    store: Store
    keys: KeyRing

    def newest(self, model_sha256: str, stage: Stage, *, width: int, before: Seen | None = None) -> Seen:
        """Return the rows that a bundle saw at a stage, the newest cases only; rows of another width are left out.

        What was seen `before` is opened no second time; where nothing came or
        went since, it is returned itself. Erased answers have no row any more.
        """
        query = (
            select(advice.c.id, advice.c.day)
            .where(
                advice.c.model_sha256 == model_sha256,
                advice.c.stage == stage.value,
                advice.c.features.is_not(None),
            )
            .order_by(advice.c.day.desc(), advice.c.number.desc())
            .limit(MOST_CASES)
        )

        def work(connection: Connection) -> tuple[list[str], list[str], dict[str, npt.NDArray[np.float32]]]:
            listed = connection.execute(query).all()
            ids = [row.id for row in listed]
            known = {} if before is None else before.by_id
            fresh = select(advice.c.id, advice.c.features).where(
                advice.c.id.in_([one for one in ids if one not in known])
            )
            found = [] if before is not None and ids == list(known) else connection.execute(fresh).all()
            return ids, [row.day for row in listed], {row.id: self._opened(row.id, row.features) for row in found}

        ids, days, opened = self.store.read(work)
        if before is not None and ids == list(before.by_id):
            return before
        every = opened if before is None else {**before.by_id, **opened}
        rows = {one: every[one] for one in ids if len(every[one]) == width}
        return Seen(rows, width, min(days, default=""), max(days, default=""))

    def _opened(self, advice_id: str, sealed: bytes) -> npt.NDArray[np.float32]:
        return np.frombuffer(self.keys.seal.open(sealed, f"advice.features:{advice_id}"), dtype="<f4")
