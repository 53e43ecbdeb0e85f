"""One event of the audit trail: who did what to which record, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from serving.access.origin import Origin

Outcome = Literal["done", "denied", "failed"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """What is put on the chain.

    `action` is a word of the table of actions (`score.create`), `kind` and
    `object_id` name the record it was done to. `detail` is flat and holds
    digests, codes and counts only: never a person's data.
    """

    action: str
    actor: str
    role: str = ""
    court: str = ""
    kind: str = ""
    object_id: str = ""
    outcome: Outcome = "done"
    request_id: str = ""
    detail: Mapping[str, str | int | bool | None] = field(default_factory=dict)


def event_of(origin: Origin, action: str, *, kind: str, object_id: str, court: str = "", **detail: str) -> Event:
    """Return the event of an action that was done by the origin's caller."""
    return Event(
        action=action,
        actor=origin.by.actor,
        role=origin.by.role,
        court=court,
        kind=kind,
        object_id=object_id,
        request_id=origin.request_id,
        detail=detail,
    )
