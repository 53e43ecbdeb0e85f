"""Corrections: wrong facts are put right, the case is scored anew, and both versions stay on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.keys import KeyRing
from serving.repositories.advice import Beside, Stored
from serving.repositories.corrections import CorrectedBeforeError, Correction, put_correction
from serving.repositories.decisions import DecisionStore

_SAME: Final = ("application_id", "court_code", "stage")


class Score(Protocol):
    """The use case that scores a document and stores the advice."""

    def __call__(self, document: object, *, key: str, origin: Origin, beside: Beside | None = None) -> Stored:
        """Return stored advice."""


@dataclass(frozen=True)
class Correcting:
    """The use case with its collaborators."""

    records: DecisionStore
    score: Score
    keys: KeyRing
    clock: Callable[[], datetime]

    def correct(self, advice_id: str, request: Mapping[str, Any], reason: str, *, key: str, origin: Origin) -> Stored:
        """Return advice on the corrected request; what it corrects is written in the same transaction.

        Raises
        ------
        ProblemError
            NOT_FOUND, CORRECTED_BEFORE, VALIDATION_FAILED where it is another case.
        """
        file = self.records.file(advice_id, origin=origin)
        if file is None:
            raise ProblemError("NOT_FOUND")
        errors = [_other(name) for name in _SAME if request.get(name) != file.advice[name]]
        if errors:
            raise ProblemError("VALIDATION_FAILED", errors=errors)
        correction = Correction(corrects=advice_id, court_code=file.advice["court_code"], reason=reason)

        note = partial(put_correction, correction=correction, by=(origin, self.clock(), self.keys))
        beside = Beside({"corrects": advice_id, "reason": reason}, note)
        try:
            return self.score(dict(request), key=key, origin=origin, beside=beside)
        except CorrectedBeforeError as error:
            raise ProblemError("CORRECTED_BEFORE", headers={"Link": _link(str(error.args[0]))}) from None


def _link(advice_id: str) -> str:
    return f'</v1/scores/{advice_id}>; rel="successor-version"'


def _other(name: str) -> dict[str, object]:
    zh, en = "更正须针对同一案件、同一阶段", "a correction is about the same case at the same stage"
    return {"pointer": f"/request/{name}", "code": "OTHER_CASE", "message": zh, "message_en": en}
