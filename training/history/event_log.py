"""The events of all cases as arrays: what happened, when, and when the court could know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.events import EVENT_KINDS
from features.known import Array


@dataclass(frozen=True)
class EventLog:
    """All events as arrays, sorted by case row and then by time.

    `row` points into the cases table; `at` and `recorded_at` are days since
    1970-01-01 00:00 Shanghai; `kind` and `mode` are indices into
    `EVENT_KINDS` and `CLOSE_MODES` (-1 for no mode); `amount` is
    in yuan, NaN where none was given; `source` holds text or None.
    """

    row: npt.NDArray[np.int64]
    at: Array
    recorded_at: Array
    kind: npt.NDArray[np.int64]
    mode: npt.NDArray[np.int64]
    amount: Array
    source: npt.NDArray[np.generic]

    def of(self, *kinds: str) -> EventLog:
        """Return only the events of these kinds."""
        wanted = [EVENT_KINDS.index(kind) for kind in kinds]
        return self.where(np.isin(self.kind, wanted))

    def where(self, keep: npt.NDArray[np.bool_]) -> EventLog:
        """Return only the events that are marked."""
        return EventLog(
            self.row[keep], self.at[keep], self.recorded_at[keep], self.kind[keep], self.mode[keep],
            self.amount[keep], self.source[keep],
        )  # fmt: skip

    def known_at(self, as_of: Array) -> EventLog:
        """Return only the events that the court knew at each case's moment; NaN knows nothing."""
        return self.where(self.recorded_at <= as_of[self.row])
