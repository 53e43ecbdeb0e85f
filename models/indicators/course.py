"""The course of one application: when it was filed, how it ended, what it brought in; read from its events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from features.derived import add_months
from models.indicators.applications import State

MONEY: Final = ("payment", "deduction", "auction")
"""Kinds of events that bring money."""

CENT: Final = 0.005
"""Half a cent: payments within it of the claim have paid the claim."""

NEVER: Final = math.nan


@dataclass(frozen=True)
class Happened:
    """One event: when in days (`features.clock`), what, yuan (NaN where none are told), and how it closed."""

    at: float
    kind: str
    amount: float = NEVER
    mode: str = ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What answers tell of an application: receipt, claim, filing (NaN: not told), the last day for it, and consent.

    `consented` only where the applicant's consent to urging is on record;
    not asked is no consent.
    """

    received: float
    claim: float
    due: float
    filed: float = NEVER
    consented: bool = False


@dataclass(frozen=True, kw_only=True)
class Course:
    """How one application went; instants in days, NaN is never.

    `filed_due` is the last day on which it was to be filed, `late_from` the
    same day where it was not filed (or ended) by then, else NaN: until that day
    has passed nothing is late.
    """

    received: float
    filed: float
    ended: float
    closed: float
    state: State
    claim: float
    recovered: float
    money_at: float
    urged: float
    filed_due: float
    late_from: float


def course_of(told: Told, events: Sequence[Happened], *, urged: float = NEVER) -> Course:
    """Return the course that answers and events tell; `urged` is when a person decided on urging.

    The first closing counts: what comes after it is a resumed case (恢复执行),
    which official figures count apart. Paid in full before filing, or closed
    as fully performed without filing, is settled before filing (执前化解).
    Urging that ended (`convert`) is no filing: until one is told the case
    waits for it, and may be late.
    """
    ordered = sorted(events, key=lambda one: one.at)
    closed, state = _closing(ordered)
    filed = _filed(told, ordered, closed)
    urged = _least(urged, _first(ordered, "urge_start"))
    settled = _paid_in_full(ordered, told.claim, until=filed)
    if math.isnan(filed) and state is State.FULL:
        settled, state = _least(settled, closed), State.OPEN
    if not math.isnan(settled):
        state = State.SETTLED
    ended = settled if state is State.SETTLED else closed
    money = [one for one in ordered if one.kind in MONEY and one.amount > 0]
    due = _due(told, ordered, urged)
    return Course(
        received=told.received, filed=filed, ended=ended, closed=closed, state=state, claim=told.claim,
        recovered=math.fsum(one.amount for one in money), money_at=money[-1].at if money else NEVER, urged=urged,
        filed_due=due, late_from=NEVER if _least(filed, ended) < due + 1.0 else due,
    )  # fmt: skip


def _filed(told: Told, events: Sequence[Happened], closed: float) -> float:
    """Return when it was filed; what was closed without that being told had been, by its conversion at the latest."""
    filed = _least(told.filed, _first(events, "file"))
    if math.isnan(filed) and not math.isnan(closed):
        return _first([one for one in events if one.at <= closed], "convert")
    return filed


def _first(events: Sequence[Happened], *kinds: str) -> float:
    return next((one.at for one in events if one.kind in kinds), NEVER)


def _least(*days: float) -> float:
    """Return the earliest of some days, of which NaN is none."""
    return min((day for day in days if not math.isnan(day)), default=NEVER)


def _paid_in_full(events: Sequence[Happened], claim: float, *, until: float) -> float:
    """Return when voluntary payments before filing reached the claim."""
    if not claim > 0:
        return NEVER
    paid = 0.0
    for one in events:
        if one.at >= until:
            break
        if one.kind == "payment" and one.amount > 0:
            paid += one.amount
            if paid >= claim - CENT:
                return one.at
    return NEVER


def _closing(events: Sequence[Happened]) -> tuple[float, State]:
    first = next((one for one in events if one.kind in {"close", "zhongben"}), None)
    if first is None:
        return NEVER, State.OPEN
    if first.kind == "zhongben" or first.mode == "zhongben":
        return first.at, State.ZHONGBEN
    return first.at, State.FULL if first.mode == "full" else State.OTHER


def _due(told: Told, events: Sequence[Happened], urged: float) -> float:
    """Return the last day for filing: the statutory one, or where the applicant agreed to urging the end of a month.

    A month from its beginning is the longest that any text allows. Whoever
    withdraws consent is filed the same day (H13).
    """
    if not told.consented or math.isnan(urged):
        return told.due
    until = float(add_months(np.array([math.floor(urged)], dtype=np.float64), 1)[0])
    withdrawn = _first([one for one in events if one.at >= urged], "withdraw")
    return max(told.due, until if math.isnan(withdrawn) else min(until, math.floor(withdrawn)))
