"""Outcomes come in: each event is checked for sense, and a report is on record whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from features.clock import SHANGHAI
from features.events import CLOSE_MODES, EVENT_KINDS, MONEY
from serving.access.actions import Action
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.door.strict_json import canonical
from serving.keys import KeyRing
from serving.repositories.advice import Call
from serving.repositories.denials import DenialStore
from serving.repositories.outcomes import Happened, OutcomeStore, Receipt, UnknownCaseError

SCOPE: Final = "/v1/outcomes"
SOURCES: Final = ("voluntary", "deduction", "auction", "guarantor", "other")
"""Where money came from: 自动履行, 扣划, 拍卖变卖, 担保人或他人代偿, 其他."""

KINDS: Final = tuple(kind for kind in EVENT_KINDS if kind != "query")
"""Kinds that may be reported; a query is not reported but scored (stage B)."""

MODES: Final = CLOSE_MODES

PROMISED: Final = ("promise", "settle")
"""Kinds of events that may say how much was promised."""

EARLIEST: Final = datetime(1991, 4, 9, tzinfo=SHANGHAI)
"""No event of a case is older than the 民事诉讼法 (in force since 9 April 1991) under which it is enforced."""

Error = dict[str, object]


class OutcomeFileError(ValueError):
    """A file of outcomes holds lines that make no sense; nothing of it was taken in."""


@dataclass(frozen=True)
class Outcomes:
    """The use case with its collaborators."""

    records: OutcomeStore
    keys: KeyRing
    clock: Callable[[], datetime]

    def report(self, events: Sequence[Mapping[str, object]], *, key: str, origin: Origin) -> Receipt:
        """Record a report of events, or return what this key already led to.

        Raises
        ------
        ProblemError
            An event makes no sense, is of another court or of a case that was
            never advised on, or the key was used for another report.
        StoreUnavailableError
            Nothing was recorded.
        """
        now = self.clock()
        happened = [_happened(event) for event in events]
        errors = [error for place, event in enumerate(happened) for error in _errors(place, event, now)]
        if errors:
            raise ProblemError("VALIDATION_FAILED", errors=errors)
        self._require_courts(happened, origin, now)
        call = Call(SCOPE, key, self.keys.body(canonical(list(events))), origin.by.owner)
        try:
            receipt = self.records.record(call, happened, origin=origin, at=now)
        except UnknownCaseError as error:
            raise ProblemError(
                "VALIDATION_FAILED", errors=[_error(place, "application_id", "UNKNOWN_CASE") for place in error.places]
            ) from None
        if receipt.body_digest != call.body_digest:
            raise ProblemError("IDEMPOTENCY_KEY_REUSED")
        return receipt

    def _require_courts(self, events: Sequence[Happened], origin: Origin, now: datetime) -> None:
        for court in sorted({event.court_code for event in events}):
            if court not in origin.by.courts:
                DenialStore(self.records.store, self.keys).note_court(origin, Action.OUTCOME_CREATE, court, at=now)
                raise ProblemError("PERMISSION_DENIED")


def _happened(event: Mapping[str, object]) -> Happened:
    """Return an event whose fields have their form already."""
    texts = {name: None if value is None else str(value) for name, value in event.items()}
    return Happened(
        application_id=texts["application_id"] or "", court_code=texts["court_code"] or "", at=texts["at"] or "",
        kind=texts["kind"] or "", amount=texts.get("amount"), source=texts.get("source"), mode=texts.get("mode"),
    )  # fmt: skip


def _errors(place: int, event: Happened, now: datetime) -> list[Error]:
    """Return what makes no sense about one event."""
    no_amount = event.kind not in MONEY and event.kind not in PROMISED and event.amount is not None
    at = datetime.fromisoformat(event.at)
    held = (
        ("at", "DATE_IN_FUTURE", at > now),
        ("at", "DATE_TOO_EARLY", at < EARLIEST),
        ("amount", "AMOUNT_MISSING", event.kind in MONEY and event.amount is None),
        ("amount", "AMOUNT_NOT_ALLOWED", no_amount),
        ("mode", "MODE", (event.kind == "close") != (event.mode is not None)),
    )
    return [_error(place, field, code) for field, code, wrong in held if wrong]


def _error(place: int, field: str, code: str) -> Error:
    zh, en = _WORDS[code]
    return {"pointer": f"/events/{place}/{field}", "code": code, "message": zh, "message_en": en}


_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "DATE_IN_FUTURE": ("不得晚于现在", "must not be in the future"),
    "DATE_TOO_EARLY": (
        "不得早于民事诉讼法施行之日 1991-04-09",
        "must not be before 1991-04-09, when the procedure law began",
    ),
    "AMOUNT_MISSING": ("到款事项须写明金额", "an event that brings money says how much"),
    "AMOUNT_NOT_ALLOWED": ("该类事项没有金额", "an event of this kind has no amount"),
    "MODE": ("结案须写明方式，其他事项不写", "closing has a mode, and nothing else has one"),
    "UNKNOWN_CASE": (
        "本系统对该案没有建议记录，核对申请编号与法院",
        "no advice on this case is here; check number and court",
    ),
}
