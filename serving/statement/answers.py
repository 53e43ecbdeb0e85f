"""What an applicant can answer: kinds only, no name, no number of a person; everything may be left unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "basis": ("judgment", "mediation", "payment_order", "arbitration", "notarial", "foreign", "other", "unknown"),
    "relief": ("money", "other", "unknown"),
    "debtor": ("person", "company", "both", "other", "unknown"),
    "contact": ("yes", "no", "unknown"),
    "paid": ("none", "some", "unknown"),
    "preserved": ("none", "in_trial", "before_enforcement", "unknown"),
    "urging": ("yes", "no", "undecided"),
})  # fmt: skip
"""Questions with one answer of several; an empty text is a question not yet answered."""

ASSETS: Final = ("salary", "accounts", "realty", "vehicle", "claims")
"""What the other side may own: 工资或固定收入, 银行账户和网络支付, 房产, 车辆, 对外债权和股权."""

EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2060, 12, 31)
MOST_YUAN: Final = 10**10 - 1


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answers so far; "" is not yet answered, None a date or an amount that is not known.

    `started` is the day of the first page. `due` is the last day of the
    period for performance, of the last instalment where there are several.
    `amount` is in whole yuan. `assets` are those known of; none of them with
    `assets_asked` means that none is known.
    """

    started: date
    basis: str = ""
    due: date | None = None
    relief: str = ""
    amount: int | None = None
    debtor: str = ""
    assets: frozenset[str] = frozenset()
    assets_asked: bool = False
    contact: str = ""
    paid: str = ""
    preserved: str = ""
    expiry: date | None = None
    urging: str = ""

    def __post_init__(self) -> None:
        """Refuse what no page of ours can have sent."""
        wrong = [name for name, codes in CHOICES.items() if getattr(self, name) not in ("", *codes)]
        dates = [day for day in (self.due, self.expiry) if day is not None]
        if wrong or not self.assets <= set(ASSETS) or any(not EARLIEST <= day <= LATEST for day in dates):
            msg = f"不是可选的答案：{wrong} / no such answer: {wrong}"
            raise ValueError(msg)
        if self.amount is not None and not 0 < self.amount <= MOST_YUAN:
            msg = "金额不在范围内 / the amount is out of range"
            raise ValueError(msg)
