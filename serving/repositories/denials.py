"""Refusals on record: what somebody asked for and was not permitted to do."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from serving.access.actions import Action
from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import Event, event_of
from serving.keys import KeyRing
from serving.store.transaction import Store

_COURT: Final = re.compile(r"[\u4e00-\u9fff]{1,4}\d{0,6}")
"""A court's code, such as 浙1022; whatever else was typed in its place is not repeated."""


@dataclass(frozen=True)
class DenialStore:
    """Puts refusals on the audit chain."""

    store: Store
    keys: KeyRing

    def note_court(self, origin: Origin, action: Action, court: str, *, at: datetime) -> None:
        """Write down that somebody wanted to change a case of a court that is not his."""
        known = court if _COURT.fullmatch(court) else "?"
        event = event_of(origin, action, kind="court", object_id=known, court=known, why="COURT")
        self.note(replace(event, outcome="denied"), at=at)

    def note(self, event: Event, *, at: datetime) -> None:
        """Write one refusal."""
        self.store.write(lambda connection: append(connection, event, mac=self.keys.mac, at=at))
