"""The first page's figures: what waits for whoever has logged in, and how much the court has done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from serving.access.origin import Origin
from serving.repositories.overview import Counts, OverviewStore


@dataclass(frozen=True)
class Overview:
    """The use case with its collaborators."""

    records: OverviewStore
    clock: Callable[[], datetime]

    def counts(self, *, origin: Origin) -> Counts:
        """Return the counts of now."""
        return self.records.counts(origin=origin, at=self.clock())
