"""Another urging window: the draft of the court's rule table with it, checked by the law, for somebody to sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from models.rules.loading import Draft, draft_text
from models.rules.rule import RuleTableError
from models.rules.table import RuleTable
from serving.door.problems import ProblemError

PARAMETER: Final = "urging_days"
SOONEST: Final = timedelta(days=1)
LATEST: Final = timedelta(days=366)

_TITLE: Final = ("督促期变更草案（未签署）", "draft of another urging window (unsigned)")
_CHECK: Final = (
    "签署人核对督促期、施行日和本院规定",
    "Whoever signs checks window, first day and the court's own text",
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The window that is wanted, as it was typed in: days, the first day on which applications get it, and why."""

    court: str
    days: str
    day: str
    reason: str


def window_draft(table: RuleTable, asked: Asked, *, today: date) -> tuple[str, str]:
    """Return name and text of a file that is the table in force with another window from a day to come.

    Raises
    ------
    ProblemError
        VALIDATION_FAILED: no number, no day to come, the window that is in
        force anyway, or one that the law does not allow.
    """
    day, days = _day(asked.day, today), _days(asked.days)
    if table.on(day).number(PARAMETER) == days:
        raise _refused("days", f"{day} 的督促期本来就是 {days} 日", f"on {day} the window is {days} days anyway")
    version = f"{day.isoformat()}-urging"
    draft = Draft(
        court=asked.court if table.court == "default" else table.court, version=version, day=day, title=_TITLE,
        check=_CHECK, remarks=("变更理由 / why: " + " ".join(asked.reason.split()),),
    )  # fmt: skip
    text, name = draft_text(draft, [f"{PARAMETER} = {days}"], texts=table.texts), f"urging-{day.isoformat()}.toml"
    try:
        RuleTable.of([(name, text), *table.texts], register=table.register)
    except RuleTableError as error:
        first = error.faults[0]
        raise _refused("days", first.zh, first.en) from error
    return name, text


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _refused("days", "督促期填整数日", "the window is a whole number of days")
    return int(text)


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _refused("from", "施行日写作 2026-12-10", "write the first day as 2026-12-10") from None
    if not today + SOONEST <= day <= today + LATEST:
        zh, en = "施行日须在明日以后、一年之内", "the first day is tomorrow or later, within a year"
        raise _refused("from", zh, en)
    return day


def _refused(field: str, zh: str, en: str) -> ProblemError:
    error = {"pointer": f"/{field}", "code": "INVALID", "message": zh, "message_en": en}
    return ProblemError("VALIDATION_FAILED", errors=[error])
