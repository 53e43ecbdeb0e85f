"""Marks of judges: a reason that does not fit the case, a similar case that is none; kept beside the decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serving.access.origin import Origin
from serving.repositories.comparison.marks import Kind, Mark, MarkStore


@dataclass(frozen=True)
class Marking:
    """The use case with its collaborators."""

    records: MarkStore
    clock: Callable[[], datetime]

    def of(self, advice_id: str) -> Sequence[Mapping[str, Any]]:
        """Return the marks that stand on an answer; whoever asks has had his reading of it noted."""
        return self.records.of(advice_id)

    def put(self, answer: Mapping[str, Any], kind: Kind, subject: str, *, stands: bool, origin: Origin) -> None:
        """Put a mark on a part of an answer that the caller may see, or take his own back."""
        mark = Mark(advice_id=answer["id"], court_code=answer["court_code"], kind=kind, subject=subject, set=stands)
        self.records.put(mark, origin=origin, at=self.clock())
