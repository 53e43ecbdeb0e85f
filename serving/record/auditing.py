"""Looking at the audit trail: who did what to which record, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.audit_rows import AuditRows, Sought


@dataclass(frozen=True)
class Auditing:
    """The use case with its collaborators."""

    records: AuditRows
    keys: KeyRing
    clock: Callable[[], datetime]

    def page(self, sought: Sought, *, origin: Origin) -> tuple[list[Mapping[str, Any]], int | None]:
        """Return one page, and where the next one begins."""
        return self.records.page(sought, origin=origin, at=self.clock())

    def seal(self, text: bytes) -> str:
        """Return the keyed digest by which page tokens are known to be ours."""
        return self.keys.body(text)
