"""Promotions at their hour: what was signed for later is checked anew and put in service by one worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from models.promotion.refusal import PromotionError
from serving.access.origin import SERVICE, Origin
from serving.control.promoting import Promoting
from serving.logs import logger
from serving.repositories.duties import DutyStore
from serving.store.faults import StoreUnavailableError

EVERY_SECONDS: Final = 20.0
_LEASE: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class PromotionsDue:
    """The duty with its collaborators; `worker` names who does it."""

    promoting: Promoting
    duties: DutyStore
    worker: str
    clock: Callable[[], datetime]

    def by_itself(self) -> None:
        """Do what there is to do; what cannot be done is logged by its code, and stands in the ledger."""
        try:
            due = self.promoting.due()
            if due and self.duties.take("promotions", self.worker, at=self.clock(), lasting=_LEASE):
                for one in due:
                    self._one(one.sha256)
        except (PromotionError, StoreUnavailableError, OSError, ValueError) as error:
            logger().error("promotion_waits", error=type(error).__name__, code=getattr(error, "code", ""))

    def _one(self, sha256: str) -> None:
        for waiting in self.promoting.due():
            if waiting.sha256 != sha256:
                continue
            try:
                self.promoting.carry_out(waiting, origin=Origin(SERVICE))
                logger().info("promoted", model_sha256=sha256)
            except PromotionError as error:
                logger().error("promotion_refused", model_sha256=sha256, code=error.code)
