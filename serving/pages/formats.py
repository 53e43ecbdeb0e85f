"""How days, instants, money and counts are written on every page and every print: here and nowhere else."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from features.clock import SHANGHAI
from serving.pages.language import Language

_UNIT: Final = re.compile(r"(?<![\w.,])(-?\d[\d,.]*)(个月|[日次元件项人年种倍级位])(?=）|$)")
"""A number and its unit at the end of a fact, or of what stands in brackets there."""


def day(value: str | date | None, say: Language) -> str:
    """Return a calendar day as 2026-11-27; what is not known is said to be unknown, never left empty."""
    if value is None:
        return say("未知")
    return value if isinstance(value, str) else value.isoformat()


def instant(value: str | datetime) -> str:
    """Return an instant on the courts' clock, to the minute: 2026-11-20 09:12."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def amount(value: str | Decimal | None) -> str:
    """Return an amount without its unit, for columns whose head names it: 38,600.00; `--` where none is on record."""
    return "--" if value is None else f"{Decimal(value):,.2f}"


def money(value: str | Decimal | None, say: Language) -> str:
    """Return an amount with its unit: 38,600.00 元."""
    return say("未知") if value is None else say("{amount} 元", amount=amount(value))


def spaced(stored: str) -> str:
    """Return a number on record with a space before its unit, as everywhere else: 285日 is 285 日, 3.5倍 is 3.5 倍."""
    return _UNIT.sub(r"\1 \2", stored)


def change(share: float) -> str:
    """Return a change as a signed percentage: +62%."""
    return f"{share:+.0%}".replace("-", "−")


def exact(value: str) -> Decimal:
    """Return an amount on record as a number to be added up."""
    return Decimal(value)


def count(value: int) -> str:
    """Return how many there are, with separators: 12,345."""
    return f"{value:,}"


def left(due: date, today: date, say: Language) -> str:
    """Return how far a day is away, in the words of a clerk."""
    days = (due - today).days
    if days < 0:
        return say("已过 {days} 日", days=-days)
    return say("今日届满") if days == 0 else say("{days} 日后到期", days=days)


def signed(value: int) -> str:
    """Return an effect with its sign, the minus as a real one, so that columns line up."""
    return f"+{value}" if value > 0 else f"−{-value}" if value < 0 else "0"


def percent(part: int, whole: int) -> str:
    """Return a share without decimals, `--` of nothing: 18%."""
    return f"{100 * part / whole:.0f}%" if whole else "--"


def figure(value: float | None) -> str:
    """Return a figure of merit with three decimals, the minus as a real one; `--` where there is none."""
    return "--" if value is None else f"{value:.3f}".replace("-", "−")


def difference(value: float | None) -> str:
    """Return a difference with its sign and three decimals; `--` where there is none."""
    return "--" if value is None else f"{value:+.3f}".replace("-", "−")
