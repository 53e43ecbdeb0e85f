"""Making closed cases ready to be compared with: some at a time, by one worker, while the service runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from serving.logs import logger
from serving.model_life.standing import Standing
from serving.record.comparison.reading import Reader
from serving.repositories.comparison.closed import ClosedStore
from serving.repositories.duties import DutyStore
from serving.store.faults import StoreUnavailableError

EVERY_SECONDS: Final = 15.0
TOGETHER: Final = 200
"""Cases that one transaction makes ready; it keeps nobody waiting."""
_LEASE: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class Preparing:
    """The duty with its collaborators; `worker` names who does it."""

    records: ClosedStore
    duties: DutyStore
    standing: Callable[[], Standing]
    worker: str
    clock: Callable[[], datetime]

    def once(self) -> int:
        """Make some cases ready for the bundle at hand and return how many; 0 where another worker is at it."""
        reader = Reader.of(self.standing())
        if reader is None or not self.duties.take("comparison", self.worker, at=self.clock(), lasting=_LEASE):
            return 0
        rows = self.records.waiting(reader.bundle.sha256, most=TOGETHER)
        found = {str(row["id"]): None if (got := reader.leaves(row)) is None else got.tobytes() for row in rows}
        if found:
            self.records.make_ready(found, reader.bundle.sha256)
        return len(found)

    def by_itself(self) -> None:
        """Do what there is to do, as the service does on its own; what fails is tried again later."""
        try:
            while self.once() == TOGETHER:
                pass
        except StoreUnavailableError as error:
            logger().error("comparison_waits", reason=str(error))
