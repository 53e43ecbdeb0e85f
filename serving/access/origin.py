"""Where an action comes from: who asks, and in which request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from serving.access.principal import EVERY_COURT, Principal

SERVICE: Final = Principal(kind="local", id="service", courts=EVERY_COURT)
"""The service when it acts by itself, as when it starts or stops."""


@dataclass(frozen=True)
class Origin:
    """What every audit row says of its cause."""

    by: Principal
    request_id: str = ""
