"""The list of cases that were not filed by their last day: which, since when, and whether they are filed by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.clock import date_of
from serving.pages.indicators.page import period_text
from serving.pages.language import Language
from serving.record.indicators.looking import Looked


@dataclass(frozen=True, kw_only=True)
class LateRow:
    """One case."""

    address: str
    number: str
    received: str
    due: str
    filed: str
    days: str


@dataclass(frozen=True, kw_only=True)
class LatePage:
    """Everything on the page; `summary` says how many cases there are, and that the list was cut off where it was."""

    court: str
    period: str
    rows: tuple[LateRow, ...]
    summary: str
    back: str


def late_page(looked: Looked, rows: Sequence[Mapping[str, Any]], *, back: str, say: Language) -> LatePage:
    """Return the page of these cases."""
    figure = looked.now.figures.get("late")
    count = len(rows) if figure is None else max(int(figure["numerator"]), len(rows))
    return LatePage(
        court=looked.court,
        period=period_text(looked.period, say),
        rows=tuple(_row(row, looked, say) for row in rows),
        summary=_summary(count, len(rows), say),
        back=back,
    )


def _summary(count: int, listed: int, say: Language) -> str:
    if count > listed:
        return say("共 {count} 件，按期限由早到晚，只列出最早的 {listed} 件。", count=count, listed=listed)
    return say("共 {count} 件，按期限由早到晚。", count=count)


def _row(row: Mapping[str, Any], looked: Looked, say: Language) -> LateRow:
    done = row["filed"] if row["filed"] is not None else row["ended"]
    until = looked.at.date() if done is None else date_of(done)
    late = (until - date_of(row["late_from"])).days
    words = say("尚未立案") if done is None else until.isoformat()
    return LateRow(
        address=f"/cases/{row['advice_id']}",
        number=row["application_id"],
        received=date_of(row["received"]).isoformat(),
        due=date_of(row["late_from"]).isoformat(),
        filed=words if row["filed"] is not None or done is None else say("未立案，{day} 执前履行", day=words),
        days=say("{days} 日", days=late),
    )
