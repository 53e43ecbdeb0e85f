"""The thread in which a worker keeps its figures, from its start to its end."""

from __future__ import annotations

from serving.audit.schedule import Schedule
from serving.record.indicators.keeping import EVERY_SECONDS, FIRST_SECONDS, Keeping


class Counting:
    """Calls the background job every minute; at the end the step at hand is finished and no other begun."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping
        self._schedule = Schedule(
            keeping.by_itself, seconds=EVERY_SECONDS, name="indicators", at_end=False, first=FIRST_SECONDS
        )

    def start(self) -> None:
        """Begin; the first call comes almost at once, so that a court that starts has its figures."""
        self._schedule.start()

    def stop(self) -> None:
        """End."""
        self._keeping.stop()
        self._schedule.stop()
