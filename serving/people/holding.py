"""Legal holds: what is needed for a proceeding is not erased, whatever the periods say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.repositories.holds import Hold, HoldStore, NoCaseError, NoHoldError


@dataclass(frozen=True)
class Holding:
    """The use case with its collaborators."""

    records: HoldStore
    clock: Callable[[], datetime]

    def place(self, asked: Mapping[str, Any], *, origin: Origin) -> Mapping[str, Any]:
        """Hold a case from today or from the day that is asked for.

        Raises
        ------
        ProblemError
            NOT_FOUND where nothing is known of the case; VALIDATION_FAILED
            where the hold would end before it begins or is over already.
        """
        now = self.clock()
        begins: date = asked.get("from") or now.date()
        ends: date | None = asked.get("until")
        if ends is not None and ends < max(begins, now.date()):
            raise ProblemError("VALIDATION_FAILED", errors=[_OVER])
        hold = Hold(
            court_code=asked["court_code"], application_id=asked["application_id"], held_from=begins, held_until=ends,
            reason=asked["reason"],
        )  # fmt: skip
        try:
            return self.records.place(hold, origin=origin, at=now)
        except NoCaseError:
            raise ProblemError("NOT_FOUND") from None

    def lift(self, hold_id: str, reason: str, *, origin: Origin) -> Mapping[str, Any]:
        """End a hold from now on.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        """
        try:
            return self.records.lift(hold_id, reason, origin=origin, at=self.clock())
        except NoHoldError:
            raise ProblemError("NOT_FOUND") from None

    def standing(self, *, origin: Origin) -> list[Mapping[str, Any]]:
        """Return the holds in force."""
        return self.records.standing(origin=origin, at=self.clock())


def hold_json(row: Mapping[str, Any]) -> dict[str, object]:
    """Return an act as the API shows it."""
    return {
        "id": row["id"],
        "act": row["act"],
        "lifts": row.get("lifts"),
        "court_code": row["court_code"],
        "application_id": row["application_id"],
        "from": row["held_from"],
        "until": row["held_until"],
        "reason": row["reason"],
        "by": row["by"],
        "at": row["at"],
    }


_OVER = {
    "pointer": "/until",
    "code": "DATE_ORDER",
    "message": "不得早于起始日和今天",
    "message_en": "must be neither before `from` nor before today",
}
