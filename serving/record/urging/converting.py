"""The daily duty: urged cases whose urging has ended become due for filing, at once and on the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from models.lifecycle import CONVERSION_TEXT, ConversionCause
from serving.access.origin import SERVICE, Origin
from serving.logs import logger
from serving.model_life.standing import Standing
from serving.record.urging.ending import Judge
from serving.repositories.duties import DutyStore
from serving.repositories.urging.conversions import ConversionStore
from serving.store.faults import StoreUnavailableError

EVERY_SECONDS: Final = 60.0
TOGETHER: Final = 100
"""Cases that are looked at before the lease is taken again."""
_LEASE: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Converting:
    """The duty with its collaborators; `worker` names who does it.

    Each case is one transaction: the conversion, its event, its place in the
    queue and the audit row are there together or not at all, and one decision
    to urge ends once. A worker that dies leaves the rest to the next one.
    """

    records: ConversionStore
    duties: DutyStore
    standing: Callable[[], Standing]
    worker: str
    clock: Callable[[], datetime]

    def once(self) -> tuple[int, int]:
        """Look at some of the cases that are due; return how many were looked at, and how many converted."""
        now = self.clock()
        if not self.duties.take("urging", self.worker, at=now, lasting=_LEASE):
            return 0, 0
        judge, by = Judge(self.standing(), now.date()), (Origin(SERVICE), now)
        looked = self.records.due(now.date(), most=TOGETHER)
        ended = [self.records.look(one, judge, by=by) for one in looked]
        return len(looked), sum(1 for one in ended if one is not None)

    def by_itself(self) -> None:
        """Do what there is to do, as the service does on its own; what fails is tried again a minute later."""
        try:
            looked = TOGETHER
            while looked == TOGETHER:
                looked, converted = self.once()
                if converted:
                    logger().info("converted", cases=converted)
        except StoreUnavailableError as error:
            logger().error("conversion_waits", reason=str(error))


def conversion_json(row: Mapping[str, Any]) -> dict[str, object]:
    """Return a conversion as the API shows it."""
    text, text_en = CONVERSION_TEXT[ConversionCause(row["cause"])]
    return {
        "id": row["id"], "rule": row["rule"], "cause": row["cause"], "text": text, "text_en": text_en,
        "due_on": row["due_on"], "at": row["at"], "decision_id": row["decision_id"],
    }  # fmt: skip
