"""Preservations of a case one by one: which run, which wait behind another court, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

KINDS: Mapping[str, str] = {
    "deposit": "存款",
    "movable": "动产",
    "realty": "不动产",
    "other_right": "其他财产权",
}
"""What is preserved, as the periods of 民诉法解释第485条 tell it apart, and its Chinese wording."""

PARTS = frozenset({"kind", "expires_on", "order", "stage", "amount"})
"""What a request may say of one preservation."""

CASH_UNTIL = "pres_cash.until"
"""Column: the last day of the freeze on the money in `pres_cash`, where preservations were sent one by one."""


@dataclass(frozen=True, kw_only=True)
class Preservation:
    """One preserved asset: what it is, its last day, and its place in the order of seals.

    `order` 1 is the first seal; a later one waits, and has no effect and no
    period of its own until it becomes the first (查扣冻规定(2020)第26条).
    `amount` is the money actually frozen, in yuan; None where it is unknown or
    no money.
    """

    kind: str
    expires_on: date
    order: int = 1
    stage: str | None = None
    amount: Decimal | None = None

    @property
    def runs(self) -> bool:
        """Whether it is in effect as the first seal."""
        return self.order == 1

    def document(self) -> dict[str, object]:
        """Return it as it is sent."""
        plain: dict[str, object] = {"kind": self.kind, "expires_on": self.expires_on.isoformat(), "order": self.order}
        plain |= {} if self.stage is None else {"stage": self.stage}
        return plain | ({} if self.amount is None else {"amount": str(self.amount)})


def together(several: Sequence[Preservation], on: date) -> dict[str, object]:
    """Return what several preservations say of a case on a day, by the names of the register.

    The earliest end is that of those that run; one that has ended counts, so
    that somebody looks at it. Money counts while its freeze holds. What they
    do not say is left out: money is unknown where one holding freeze names
    no amount.
    """
    if not several:
        return {}
    running = [one for one in several if one.runs]
    told: dict[str, object] = {"preserved": True}
    if running:
        told["pres_expiry"] = min(one.expires_on for one in running)
    if any(one.stage == "pre_enforcement" for one in several):
        told["pres_stage"] = "pre_enforcement"
    if any(one.kind == "deposit" for one in several):
        told["first_seal"] = bool(first_deposits(several))
        cash = money_of([one for one in first_deposits(several) if one.expires_on >= on])
        told |= {} if cash is None else {"pres_cash": cash}
    return told


def cash_until(several: Sequence[Preservation], on: date) -> date | None:
    """Return the last day of the money's freeze: the earliest that still holds, else the latest; None without money."""
    ends = [one.expires_on for one in first_deposits(several)]
    holding = [end for end in ends if end >= on]
    return min(holding, default=max(ends, default=None))


def first_deposits(several: Sequence[Preservation]) -> list[Preservation]:
    """Return the frozen money that is first in rank."""
    return [one for one in several if one.kind == "deposit" and one.runs]


def money_of(deposits: Sequence[Preservation]) -> Decimal | None:
    """Return the money of all of these; None where one of them does not name it, or where it is no sum of money."""
    amounts = [one.amount for one in deposits if one.amount is not None]
    total = sum(amounts, Decimal(0))
    return total if len(amounts) == len(deposits) and total < MOST_MONEY else None


MOST_MONEY = Decimal(10) ** 13
"""No fact of money reaches this."""
