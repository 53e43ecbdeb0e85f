"""How settings are said: modes, bases, intervals and the table of teams, each in one place."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from models.indicators import Indicator, Interval, Over12Base, Unit
from models.teams import TeamRegister
from serving.pages.indicators.numbers import named
from serving.pages.language import Language
from serving.record.court_values import ReviewMode
from serving.repositories.indicators.figures import COUNTED

MODES: Final[Mapping[ReviewMode, Callable[[Language], str]]] = {
    ReviewMode.ON_REQUEST: lambda say: say("需要时点开查看（记录在案）"),
    ReviewMode.COMMIT_FIRST: lambda say: say("先写初步意见，再看预测"),
    ReviewMode.OPEN: lambda say: say("直接可见"),
}
BASES: Final[Mapping[Over12Base, Callable[[Language], str]]] = {
    Over12Base.OPEN: lambda say: say("期末未结案件"),
    Over12Base.ACCEPTED: lambda say: say("旧存与新收立案"),
}


def mode_words(mode: ReviewMode, say: Language) -> str:
    """Return how predictions are seen."""
    return MODES[mode](say)


def base_words(base: Over12Base, say: Language) -> str:
    """Return of what old cases are a share."""
    return BASES[base](say)


def indicator_of(name: str) -> Indicator | None:
    """Return the indicator of this name; None where it is not counted any more."""
    return next((one for one in COUNTED if one.id == name), None)


def ends_of(name: str, interval: Interval | None) -> tuple[str, str]:
    """Return both ends as they are typed in, in percent or days; an open side is empty."""
    one = indicator_of(name)
    if interval is None or one is None:
        return "", ""
    part = 100.0 if one.unit is Unit.SHARE else 1.0
    low, high = ("" if math.isinf(end) else f"{round(end * part, 2):g}" for end in (interval.low, interval.high))
    return low, high


def interval_words(name: str, interval: Interval | None, say: Language) -> tuple[str, str]:
    """Return what the indicator is called, and its interval in words."""
    one = indicator_of(name)
    label = name if one is None else named(one, say)
    low, high = ends_of(name, interval)
    if not low and not high:
        return label, say("未设")
    unit = "" if one is not None and one.unit is Unit.DAYS else "%"
    if not low:
        return label, say("不高于 {high}", high=f"{high}{unit}")
    if not high:
        return label, say("不低于 {low}", low=f"{low}{unit}")
    return label, say("{low} 至 {high}", low=f"{low}{unit}", high=f"{high}{unit}")


def team_words(register: TeamRegister | None, say: Language) -> str:
    """Return how many teams and members a register has, and its version; nobody is named."""
    if register is None:
        return say("未设")
    members = sum(len(team.members) for team in register.teams)
    return say(
        "版本 {version}：团队 {teams} 个，成员 {members} 人，缺勤 {absences} 项",
        version=register.version, teams=len(register.teams), members=members, absences=len(register.absences),
    )  # fmt: skip
