"""Urging that ends (H13): how long it may take, and the day on which the case is filed by itself, and why.

Pure functions of what is known and of today: nothing here asks a clock. The
debtor has the whole of a last day, so the case is filed on the day after it;
a withdrawn consent or a clue files it on the same day. Holidays lengthen
neither the window nor a promise.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from models.deadlines import limitation
from models.rules.table import RulesInForce

_DAY = timedelta(days=1)


class ConversionCause(StrEnum):
    """Why urging ends and the case is filed; in this order where several fall on one day."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    NEW_CLUE = "new_clue"
    PROMISE_BROKEN = "promise_broken"
    PRESERVATION_LAPSING = "preservation_lapsing"
    LIMITATION_NEAR = "limitation_near"
    WINDOW_OVER = "window_over"


CONVERSION_TEXT: Mapping[ConversionCause, tuple[str, str]] = MappingProxyType(
    {
        ConversionCause.CONSENT_WITHDRAWN: (
            "申请人撤回同意，当日转立案",
            "consent withdrawn: to be filed the same day",
        ),
        ConversionCause.NEW_CLUE: ("发现财产线索，当日转立案", "assets were found: to be filed the same day"),
        ConversionCause.PROMISE_BROKEN: ("逾期未按承诺履行，当日转立案", "promise broken: to be filed the same day"),
        ConversionCause.PRESERVATION_LAPSING: (
            "保全将届满，督促提前终止，当日转立案",
            "preservation would lapse, so urging ends early: to be filed the same day",
        ),
        ConversionCause.LIMITATION_NEAR: (
            "申请执行时效将届满，督促提前终止，当日转立案",
            "limitation is near, so urging ends early: to be filed the same day",
        ),
        ConversionCause.WINDOW_OVER: ("督促期满未履行，当日转立案", "window over and unpaid: to be filed the same day"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Window:
    """The days in which a case may be urged, both included, and what ends them.

    There are none where `ends_on` lies before `starts_on`: the case is filed
    at once.
    """

    starts_on: date
    ends_on: date
    ended_by: ConversionCause = ConversionCause.WINDOW_OVER

    @property
    def is_open(self) -> bool:
        """Whether there is a day to urge on."""
        return self.starts_on <= self.ends_on


def urging_window(
    starts_on: date,
    rules: RulesInForce,
    *,
    limitation_on: date | None = None,
    preserved_until: Sequence[date] = (),
    pre_enforcement: bool = False,
) -> Window:
    """Return the window: the court's days, cut short by limitation and by the earliest of several preservations.

    It never exceeds a month, however short that is: no local text allows more.
    As H05 and H06 ask, urging is over while the margins are still whole. Under
    pre-enforcement preservation (民诉法解释第163条) there is no window at all.
    """
    if pre_enforcement:
        return Window(starts_on=starts_on, ends_on=starts_on - _DAY, ended_by=ConversionCause.PRESERVATION_LAPSING)
    days = starts_on + timedelta(days=rules.number("urging_days"))
    ends = [(min(days, _month_after(starts_on)), ConversionCause.WINDOW_OVER)]
    if limitation_on is not None:
        margin = timedelta(days=rules.number("limitation_margin_days"))
        ends.append((limitation_on - margin, ConversionCause.LIMITATION_NEAR))
    if preserved_until:
        margin = timedelta(days=rules.number("preservation_margin_days"))
        ends.append((min(preserved_until) - margin, ConversionCause.PRESERVATION_LAPSING))
    whole = ends[0]
    last, cause = min(ends, key=lambda end: (end[0], end is not whole, _ORDER[end[1]]))
    return Window(starts_on=starts_on, ends_on=last, ended_by=cause)


def window_of(values: Mapping[str, object], rules: RulesInForce, *, starts_on: date) -> Window:
    """Return the window of a case whose urging starts on this day, by its preservation and limitation."""
    expiry = values.get("pres_expiry")
    return urging_window(
        starts_on,
        rules,
        limitation_on=limitation(values, rules.limits).date,
        preserved_until=[expiry] if values.get("preserved") is True and isinstance(expiry, date) else [],
        pre_enforcement=values.get("pres_stage") == "pre_enforcement",
    )


def _month_after(day: date) -> date:
    """Return the same day of the next month, or its last day (民法典第202条)."""
    year, month = day.year + day.month // 12, day.month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@dataclass(frozen=True)
class Instalment:
    """One promised payment: by which day, and how much in yuan."""

    due_on: date
    amount: Decimal


@dataclass(frozen=True)
class Payment:
    """Money that came in during urging, in yuan."""

    paid_on: date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Urging:
    """An application under urging, as far as it is known; a promise of one payment is one instalment.

    `clue_on` is the day on which assets were found, `paid_in_full_on` the day
    on which the last of the debt came in.
    """

    window: Window
    promised: tuple[Instalment, ...] = ()
    paid: tuple[Payment, ...] = ()
    paid_in_full_on: date | None = None
    clue_on: date | None = None
    consent_withdrawn_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """The order to file a case that was being urged: the day on which it falls due, and why (H13)."""

    cause: ConversionCause
    on: date
    rule: str = "H13"

    @property
    def text(self) -> tuple[str, str]:
        """Chinese and English sentence for the file."""
        return CONVERSION_TEXT[self.cause]

    def late_by(self, today: date) -> int:
        """Return how many days the conversion is overdue; 0 on its own day."""
        return max((today - self.on).days, 0)


def next_conversion(urging: Urging) -> Conversion:
    """Return the earliest conversion by what is known: for certain, or unless the debtor pays before."""
    on, cause = min(_ends(urging), key=lambda end: (end[0], _ORDER[end[1]]))
    return Conversion(cause=cause, on=on)


def conversion_due(urging: Urging, *, today: date) -> Conversion | None:
    """Return the conversion to carry out today, or overdue; None while urging may go on.

    Money paid in full ends urging otherwise: then there is nothing to file.
    """
    if urging.paid_in_full_on is not None and urging.paid_in_full_on <= today:
        return None
    found = next_conversion(urging)
    return found if found.on <= today else None


def broken_on(promised: Sequence[Instalment], paid: Sequence[Payment]) -> date | None:
    """Return the first day on which a plan is broken, the day after an instalment fell short; None while it is kept.

    What was paid by the end of an instalment's day is set against all
    instalments up to it, so paying early keeps later ones.
    """
    owed = Decimal(0)
    for one in sorted(promised, key=lambda instalment: instalment.due_on):
        owed += one.amount
        if sum((payment.amount for payment in paid if payment.paid_on <= one.due_on), Decimal(0)) < owed:
            return one.due_on + _DAY
    return None


def _ends(urging: Urging) -> Iterator[tuple[date, ConversionCause]]:
    yield urging.window.ends_on + _DAY, urging.window.ended_by
    if urging.consent_withdrawn_on is not None:
        yield urging.consent_withdrawn_on, ConversionCause.CONSENT_WITHDRAWN
    if urging.clue_on is not None:
        yield urging.clue_on, ConversionCause.NEW_CLUE
    broken = broken_on(urging.promised, urging.paid)
    if broken is not None:
        yield broken, ConversionCause.PROMISE_BROKEN


_ORDER = {cause: place for place, cause in enumerate(ConversionCause)}
