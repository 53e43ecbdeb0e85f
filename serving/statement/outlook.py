"""What the answers mean for the applicant: when to apply, what may make it slow, and what he can do; no figures."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from features.derived import LIMITATION_MONTHS, add_months
from serving.statement.answers import Answers

DRAFT_DAYS: Final = 30
"""After so many days the answers may be out of date and are to be looked through again."""

LARGE: Final = 500_000
"""Yuan; from here on property usually has to be sold."""

RELEASE_DAYS: Final = 5
"""执前保全 ends unless enforcement is applied for within five days after the period ends (民诉法解释 163)."""

_EPOCH: Final = date(1970, 1, 1)


class Level(StrEnum):
    """How much may stand in the way, by what the applicant said himself."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Standing(StrEnum):
    """Whether the application can be made now; it is never refused here."""

    NOW = "now"
    NOT_YET = "not_yet"
    LATE = "late"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Reason:
    """One line of the published table that applies."""

    points: int
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What the result page says.

    `until` is the last day of the two years for applying (民事诉讼法(2023)第250条), `release_on` the day from
    which property preserved before enforcement must be let go; both None where the date is not known or does not
    apply; `released` that this day is past, `expired` that the preservation is over. `stale` says that the answers
    are old.
    """

    standing: Standing
    until: date | None
    release_on: date | None
    released: bool
    expired: bool
    level: Level
    reasons: tuple[Reason, ...]
    version: str
    stale: bool


@dataclass(frozen=True)
class _Table:
    version: str
    medium: int
    high: int
    rows: tuple[tuple[Mapping[str, str], Reason], ...]


def outlook(answers: Answers, *, today: date) -> Outlook:
    """Return what the answers mean today; the same answers mean the same on the same day."""
    table, said = _table(), _said(answers)
    reasons = tuple(reason for when, reason in table.rows if all(said.get(name) == told for name, told in when.items()))
    points = sum(reason.points for reason in reasons)
    level = Level.HIGH if points >= table.high else Level.MEDIUM if points >= table.medium else Level.LOW
    until = None if answers.due is None else _last_day(answers.due)
    before = answers.preserved == "before_enforcement"
    release_on = answers.due + timedelta(days=RELEASE_DAYS) if before and answers.due else None
    return Outlook(
        standing=_standing(answers, until, today),
        until=until,
        release_on=release_on,
        released=release_on is not None and today > release_on,
        expired=answers.expiry is not None and today > answers.expiry,
        level=level,
        reasons=reasons,
        version=table.version,
        stale=today - answers.started > timedelta(days=DRAFT_DAYS),
    )


def _standing(answers: Answers, until: date | None, today: date) -> Standing:
    if answers.basis == "foreign":
        return Standing.FOREIGN
    if answers.due is not None and today <= answers.due:
        return Standing.NOT_YET
    return Standing.LATE if until is not None and today > until else Standing.NOW


def _last_day(due: date) -> date:
    days = add_months(np.array([float((due - _EPOCH).days)]), LIMITATION_MONTHS)
    return _EPOCH + timedelta(days=int(days[0]))


def _said(answers: Answers) -> dict[str, str]:
    """Return the answers as the table names them; what was not answered is not there."""
    said = {name: getattr(answers, name) for name in ("contact", "paid", "preserved", "relief")}
    if answers.assets_asked:
        said["assets_known"] = "yes" if answers.assets else "no"
    if answers.amount is not None:
        said["large"] = "yes" if answers.amount >= LARGE else "no"
    return said


@cache
def _table() -> _Table:
    read = tomllib.loads(files("serving.statement").joinpath("outlook.toml").read_text(encoding="utf-8"))
    rows = tuple((row["when"], Reason(row["points"], row["zh"], row["en"])) for row in read["reason"])
    return _Table(read["version"], read["medium"], read["high"], rows)
