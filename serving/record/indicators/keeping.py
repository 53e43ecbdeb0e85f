"""Keeping figures in the background: what happened is taken in every minute, and courts are counted anew when due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from serving.logs import logger
from serving.record.court_settings import CourtSettings
from serving.repositories.indicators.figures import FigureStore
from serving.repositories.indicators.refreshing import CourseStore
from serving.store.faults import StoreUnavailableError

EVERY_SECONDS: Final = 60.0
FIRST_SECONDS: Final = 3.0

SHARE_OF_TIME: Final = 20.0
"""Counting takes at most one part in so many of a worker's time: a large court is counted less often."""

PAUSE: Final = 0.02
"""Seconds between two steps, in which others may write."""


@dataclass
class Keeping:
    """The background job of one worker; several workers do it together and never twice."""

    courses: CourseStore
    figures: FigureStore
    settings: CourtSettings
    clock: Callable[[], datetime]
    seconds: Callable[[], float] = time.monotonic
    _stopped: threading.Event = field(default_factory=threading.Event, init=False)
    _not_before: dict[str, float] = field(default_factory=dict, init=False)

    def by_itself(self) -> None:
        """Do what is due; what fails is tried again the next time."""
        try:
            self.run()
        except StoreUnavailableError as error:
            logger().error("indicators_wait", reason=str(error))

    def stop(self) -> None:
        """Do no further step; what was begun is finished."""
        self._stopped.set()

    def run(self) -> None:
        """Take in what happened, and count the courts whose figures are due.

        Raises
        ------
        StoreUnavailableError
            The rest is done the next time.
        """
        while not self._stopped.is_set() and self.courses.step(at=self.clock()):
            self._stopped.wait(PAUSE)
        for court in self.figures.waiting(at=self.clock()):
            if not self._stopped.is_set() and self.seconds() >= self._not_before.get(court, 0.0):
                self._count(court)

    def _count(self, court: str) -> None:
        began = self.seconds()
        self.figures.count(court, base=self.settings.of(court).over_12_base, at=self.clock())
        ended = self.seconds()
        self._not_before[court] = ended + (ended - began) * SHARE_OF_TIME
