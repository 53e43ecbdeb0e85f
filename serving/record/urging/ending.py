"""Whether urging has ended (H13), by everything on record about the case: window, money, clue, consent, promise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from features.case import Case, InvalidCaseError
from features.clock import SHANGHAI
from models.advise import received_on
from models.lifecycle import (
    CONVERSION_TEXT,
    Conversion,
    ConversionCause,
    Urging,
    conversion_due,
    next_conversion,
    window_of,
)
from serving.model_life.standing import Standing
from serving.repositories.urging.conversions import Ended, Look, Watched

_MONEY: Final = frozenset({"payment", "deduction", "auction"})
_A_MOMENT: Final = timedelta(days=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Judge:
    """Looks at urged cases with the rules that stand, on one day."""

    standing: Standing
    today: date

    def __call__(self, watched: Watched) -> Look:
        """Return what a look finds.

        A case that cannot be read any more is converted as if its window were
        over: the applicant must not lose his filing to our reading.
        """
        case = self._case(watched.urged)
        if case is None:
            return Look(ended=_ended(Conversion(cause=ConversionCause.WINDOW_OVER, on=self.today)))
        urging = _urging(watched, case, self.standing)
        if urging.paid_in_full_on is not None:
            return Look()
        broken = _first(watched.events, "settle_default")
        due = conversion_due(urging, today=self.today)
        if broken is not None and (due is None or broken < due.on):
            due = Conversion(cause=ConversionCause.PROMISE_BROKEN, on=broken)
        if due is not None:
            return Look(ended=_ended(due))
        return Look(again_on=max(next_conversion(urging).on, self.today + _DAY))

    def _case(self, document: Mapping[str, Any]) -> Case | None:
        asked = datetime.fromisoformat(document["as_of"]) + _A_MOMENT
        try:
            return self.standing.parse(document, asked, tokenise=str)
        except InvalidCaseError:
            return None


def _urging(watched: Watched, case: Case, standing: Standing) -> Urging:
    begun = _first(watched.events, "urge_start") or watched.decided_on
    return Urging(
        window=window_of(case.values, standing.rules_of(case.court_code).on(received_on(case)), starts_on=begun),
        paid_in_full_on=_paid_in_full_on(watched),
        clue_on=_first(watched.events, "clue"),
        consent_withdrawn_on=_withdrawn_on(watched),
    )


def _withdrawn_on(watched: Watched) -> date | None:
    """Return the day on which the applicant stopped agreeing: by a reported event, or by the newest facts."""
    since = [one for one in watched.events if _day(one["at"]) >= watched.decided_on]
    reported = _first(since, "withdraw")
    if reported is not None or watched.document["case"].get("consent_urge") != "refuse":
        return reported
    return max(_day(watched.answer["created_at"]), watched.decided_on)


def _paid_in_full_on(watched: Watched) -> date | None:
    """Return the day on which what came in reached the claim; None while it has not, or the claim is unknown."""
    claim = watched.document["case"].get("claim_amount")
    if claim is None:
        return None
    came, once = Decimal(0), set()
    for event in sorted(watched.events, key=lambda one: _day(one["at"])):
        told = (event["at"], event["kind"], event["amount"], event["source"])
        if event["kind"] not in _MONEY or not event["amount"] or told in once:
            continue
        once.add(told)
        came += Decimal(event["amount"])
        if came >= Decimal(claim):
            return _day(event["at"])
    return None


def _first(events: Iterable[Mapping[str, Any]], kind: str) -> date | None:
    days = [_day(event["at"]) for event in events if event["kind"] == kind]
    return min(days, default=None)


def _ended(due: Conversion) -> Ended:
    return Ended(rule=due.rule, cause=due.cause.value, due_on=due.on, text=CONVERSION_TEXT[due.cause])


def _day(instant: str) -> date:
    return datetime.fromisoformat(instant).astimezone(SHANGHAI).date()
