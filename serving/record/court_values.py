"""What a court sets for itself: how scores are seen, its reference intervals, its teams, and what parties are told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from models.indicators import Clock, Interval, Over12Base, Unit, indicators
from models.strict_table import SettingsError
from models.teams import TeamRegister, teams_of
from serving.door.problems import ProblemError

INTERVAL: Final = r"[a-z0-9_]{1,40}=[0-9]{0,5}(\.[0-9]{1,2})?~[0-9]{0,5}(\.[0-9]{1,2})?"
"""How an interval is written: `completion=35~45.5`, in percent or days; an open side is left out."""

MOST_TEAM_TEXT: Final = 20_000
MOST_INTERVALS: Final = 40


class ReviewMode(StrEnum):
    """When whoever decides sees the scores (法发〔2022〕33号: users may choose, and leave at any time)."""

    OPEN = "open"
    ON_REQUEST = "on_request"
    COMMIT_FIRST = "commit_first"


@dataclass(frozen=True)
class Settings:
    """The settings in force, and their version.

    `intervals` are the court's own (合理区间) by indicator; none is shipped.
    `teams` is None where the court has none on record.
    """

    version: int = 0
    review_mode: ReviewMode = ReviewMode.ON_REQUEST
    over_12_base: Over12Base = Over12Base.OPEN
    intervals: Mapping[str, Interval] = field(default_factory=lambda: MappingProxyType({}))
    court_name: str = ""
    contact: str = ""
    teams: TeamRegister | None = None

    def named(self, code: str) -> str:
        """Return what a paper of the court has at its head: the court's name, its code where no name is set."""
        return self.court_name or code


SHIPPED: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "review_mode": ReviewMode.ON_REQUEST.value,
        "over_12_base": Over12Base.OPEN.value,
        "intervals": [],
        "court_name": "",
        "contact": "",
        "teams": "",
    }
)
"""What holds before anything was set; older versions on record lack some of it."""


def settings_of(values: Mapping[str, Any], version: int) -> Settings:
    """Return the settings that a version on record holds."""
    whole = {**SHIPPED, **values}
    return Settings(
        version=version,
        review_mode=ReviewMode(whole["review_mode"]),
        over_12_base=Over12Base(whole["over_12_base"]),
        intervals=MappingProxyType(dict(_interval(one) for one in whole["intervals"])),
        court_name=whole["court_name"],
        contact=whole["contact"],
        teams=_register(whole["teams"]) if whole["teams"] else None,
    )


def checked(changes: Mapping[str, Any], *, court: str) -> dict[str, Any]:
    """Return changes that make sense, as they are kept.

    Raises
    ------
    ProblemError
        VALIDATION_FAILED, naming everything that is wrong.
    """
    errors = [
        *_interval_errors(changes.get("intervals", ())),
        *(_team_errors(changes["teams"], court) if changes.get("teams") else ()),
    ]
    if errors:
        raise ProblemError("VALIDATION_FAILED", errors=errors)
    kept = dict(changes)
    if "intervals" in kept:
        kept["intervals"] = sorted(kept["intervals"])
    return kept


def _interval(text: str) -> tuple[str, Interval]:
    """Return the indicator and its interval, in shares and days as figures are counted."""
    name, _, span = text.partition("=")
    low, _, high = span.partition("~")
    part = Decimal(1) if _units().get(name) is Unit.DAYS else Decimal(100)
    return name, Interval(
        float(Decimal(low) / part) if low else -math.inf, float(Decimal(high) / part) if high else math.inf
    )


def _interval_errors(texts: Sequence[str]) -> list[dict[str, object]]:
    names = [text.partition("=")[0] for text in texts]
    errors = []
    for text in texts:
        name, interval = _interval(text)
        most = math.inf if _units().get(name) is Unit.DAYS else 1.0
        if name not in _units():
            errors.append(_error("intervals", "UNKNOWN", f"没有指标 {name}", f"there is no indicator {name}"))
        elif math.isinf(interval.low) and math.isinf(interval.high):
            errors.append(_error(name, "EMPTY", "参考区间须填下限或上限", "an interval has a lower or an upper end"))
        elif interval.low > interval.high:
            errors.append(_error(name, "ORDER", "下限不得大于上限", "the lower end is above the upper one"))
        elif max(end for end in (interval.low, interval.high) if not math.isinf(end)) > most:
            errors.append(_error(name, "RANGE", "比率不得超过 100%", "a share is at most 100 %"))
        elif names.count(name) > 1:
            errors.append(_error(name, "TWICE", "同一指标只填一个区间", "one interval an indicator"))
    return errors


@cache
def _units() -> Mapping[str, Unit]:
    return {one.id: one.unit for one in indicators() if one.clock is Clock.FILING}


def _team_errors(text: str, court: str) -> list[dict[str, object]]:
    try:
        register = _register(text)
    except SettingsError as error:
        return [_error("teams", "TEAMS", f"{one.place}：{one.zh}", f"{one.place}: {one.en}") for one in error.faults]
    errors = []
    if register.court != court:
        zh, en = (
            f"团队表所写法院为 {register.court}，应为 {court}",
            f"the teams are of court {register.court}, not {court}",
        )
        errors.append(_error("teams", "COURT", zh, en))
    if any(member.name for team in register.teams for member in team.members):
        zh = "成员只写账户名（id），不写姓名；页面上的姓名由账户带出"
        errors.append(
            _error("teams", "NAMES", zh, "members are written by account name (id) only, never by their names")
        )
    return errors


@cache
def _register(text: str) -> TeamRegister:
    return teams_of(text)


def _error(field_: str, code: str, zh: str, en: str) -> dict[str, object]:
    return {"pointer": f"/{field_}", "code": code, "message": zh, "message_en": en}
