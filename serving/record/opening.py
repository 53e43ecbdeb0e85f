"""Opening the record: its use cases on one store, handed to the routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from serving.keys import KeyRing
from serving.record.outcomes import Outcomes
from serving.repositories.outcomes import OutcomeStore
from serving.store.transaction import Store


@dataclass(frozen=True, kw_only=True)
class Record:
    """The use cases around advice."""

    outcomes: Outcomes


def open_record(store: Store, keys: KeyRing, *, clock: Callable[[], datetime]) -> Record:
    """Return the use cases of a worker."""
    return Record(outcomes=Outcomes(OutcomeStore(store, keys), keys, clock))
