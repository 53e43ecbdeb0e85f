"""Retention: content is erased when the court's period is over, by command and every hour by the service itself.

个人信息保护法 art. 19 and 47. Nothing is erased until the court has set a
period; the audit trail never is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from serving.access.origin import SERVICE, Origin
from serving.logs import logger
from serving.repositories.retention import Periods, RetentionStore
from serving.settings import Settings
from serving.store.faults import StoreUnavailableError

EVERY_SECONDS = 3_600


@dataclass(frozen=True)
class Retention:
    """The use case with its collaborators."""

    records: RetentionStore
    periods: Periods
    clock: Callable[[], datetime]

    def due(self) -> dict[str, int]:
        """Return how much would be erased now, and how much is only kept because it is held."""
        return self.records.due(self.periods, at=self.clock())

    def run(self, *, origin: Origin) -> dict[str, int]:
        """Erase what is due and return how many rows of which table.

        Raises
        ------
        StoreUnavailableError
            Not everything could be erased; the rest is due the next time.
        """
        return self.records.erase(self.periods, origin=origin, at=self.clock())

    def by_itself(self) -> None:
        """Erase what is due, as the service does on its own; what fails is tried again an hour later."""
        try:
            done = self.run(origin=Origin(SERVICE))
        except StoreUnavailableError as error:
            logger().error("retention_waits", reason=str(error))
        else:
            if done:
                logger().info("retention", **done)


def periods_of(settings: Settings) -> Periods:
    """Return the periods that the court has set."""
    return Periods(settings.retention_advice_days, settings.retention_job_days)
