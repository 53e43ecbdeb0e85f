"""What people made of the advice, month by month: how often they followed it, and why they did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, func, or_, select

from models.indicators import Period, Ratio
from serving.store.tables.decisions import decisions

_LANES: Final = ("urge", "fast", "complex")


@dataclass(frozen=True)
class Decided:
    """How many decisions of one month (2026-10) followed the lane that was advised, or did not for one reason."""

    month: str
    followed: bool
    reason: str
    number: int


def decided(connection: Connection, court: str) -> list[Decided]:
    """Return decisions that were not taken back, about answers that advised a lane; others cannot be followed."""
    later = decisions.alias("later")
    taken_back = and_(
        later.c.advice_id == decisions.c.advice_id, later.c.turn == decisions.c.turn + 1, later.c.act == "withdraw"
    )
    month = func.substr(decisions.c.decided_at, 1, 7)
    other = or_(decisions.c.lane.is_(None), decisions.c.lane != decisions.c.advised)
    query = (
        select(month, other, decisions.c.reason, func.count())
        .where(decisions.c.court_code == court, decisions.c.act == "decide", decisions.c.advised.in_(_LANES))
        .where(~select(later.c.id).where(taken_back).exists())
        .group_by(month, other, decisions.c.reason)
    )
    return [Decided(row[0], not row[1], row[2] or "", row[3]) for row in connection.execute(query)]


def own_effect(found: Sequence[Decided], period: Period) -> dict[str, Ratio]:
    """Return how many decisions of a period followed the advice, and the reasons of those that did not."""
    inside = [one for one in found if period.first <= one.month <= period.last]
    others = [one for one in inside if not one.followed]
    total, differing = (float(sum(one.number for one in some)) for some in (inside, others))
    reasons = sorted({one.reason for one in others})
    return {
        "adopted": Ratio(total - differing, total),
        **{
            f"override.{reason}": Ratio(float(sum(one.number for one in others if one.reason == reason)), differing)
            for reason in reasons
        },
    }
