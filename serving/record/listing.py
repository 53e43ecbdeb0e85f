"""Looking up advice: by application, court or stage, page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.listing import Listed, ListingStore, Wanted


@dataclass(frozen=True)
class Listing:
    """The use case with its collaborators."""

    records: ListingStore
    keys: KeyRing
    clock: Callable[[], datetime]

    def page(self, wanted: Wanted, *, origin: Origin) -> Listed:
        """Return one page."""
        return self.records.page(wanted, origin=origin, at=self.clock())

    def seal(self, text: bytes) -> str:
        """Return the keyed digest by which page tokens are known to be ours."""
        return self.keys.body(text)
