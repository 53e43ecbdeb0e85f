"""How a case of the past ended, in words: paid or not, by which way, after how many days, and how much came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

Pair = tuple[str, str]
"""Chinese and English words."""

MODE_TEXT: Final[Mapping[str, Pair]] = MappingProxyType(
    {
        "full": ("执行完毕", "paid in full"),
        "zhongben": ("终结本次执行程序", "closed for lack of assets"),
        "terminated": ("终结执行", "terminated"),
        "not_enforced": ("不予执行", "not enforced"),
        "dismissed": ("驳回申请", "dismissed"),
        "cancelled": ("销案", "cancelled"),
        "other": ("以其他方式结案", "closed otherwise"),
    }
)
_MONEY: Final = frozenset({"payment", "deduction", "auction"})


@dataclass(frozen=True)
class Ending:
    """`paid` says whether the whole debt was met; `text` tells the end in both languages."""

    paid: bool
    text: Pair


def ending_of(
    mode: str, *, days: int | None, events: Sequence[Mapping[str, Any]], claim: str | Decimal | None
) -> Ending:
    """Return the end of a case.

    `days` run from receipt to closing, None where receipt is unknown. `events`
    are those reported of the case, of which what was reported twice counts
    once; `claim` is the amount asked for, None where unknown: then no share is told.
    """
    kinds = {event["kind"] for event in events}
    by_itself = mode == "full" and "payment" in kinds and not kinds & {"file", "deduction", "auction"}
    zh, en = ("自动履行", "paid of their own accord") if by_itself else MODE_TEXT[mode]
    if days is not None:
        zh, en = f"{days} 日{zh}", f"{en} after {days} day{'' if days == 1 else 's'}"
    if "convert" in kinds:
        zh, en = f"督促未成转立案，{zh}", f"urging failed and the case was filed; {en}"
    share = None if mode == "full" else _share(events, claim)
    if share is not None:
        zh, en = f"{zh}，到位 {share}%", f"{en}; {share} % recovered"
    return Ending(paid=mode == "full", text=(zh, en))


def days_between(first: date, last: date) -> int:
    """Return the days from one day to another, never below nought: a court may register late."""
    return max((last - first).days, 0)


def _share(events: Sequence[Mapping[str, Any]], claim: str | Decimal | None) -> int | None:
    if claim is None or Decimal(claim) <= 0:
        return None
    once = {(event["at"], event["kind"], event["amount"], event["source"]) for event in events}
    came = sum((Decimal(amount) for _, kind, amount, _ in once if kind in _MONEY and amount), Decimal(0))
    return int(min(came * 100 / Decimal(claim), Decimal(100)))
