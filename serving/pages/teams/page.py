"""The page of teams: loads in the order of names, cases without a team, and the form that assigns them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from features.causes import FAMILIES
from features.clock import date_of
from models.teams import ROLE_ZH, RoomState
from serving.door.problems import ProblemError
from serving.pages import formats
from serving.pages.case.lanes import lane_words
from serving.pages.codes import family_words
from serving.pages.language import Language
from serving.pages.queue import Option
from serving.pages.teams.suggestions import suggestions
from serving.record.teams.assigning import REASONS
from serving.record.teams.loading import Load, Loads

_ROOM: Final[Mapping[RoomState, Callable[[Language], str]]] = {
    RoomState.FREE: lambda say: say("可接收"),
    RoomState.NEAR: lambda say: say("接近饱和"),
    RoomState.FULL: lambda say: say("本周额度已满"),
    RoomState.UNKNOWN: lambda say: say("未设额度"),
}

Named = Callable[[str | None], str]


@dataclass(frozen=True, kw_only=True)
class TeamRow:
    """One team; `members` are names for its lead and empty for everybody else."""

    address: str
    name: str
    role: str
    people: str
    cases: int
    new: int
    due: int
    overdue: int
    units: str
    per_person: str
    state: str
    near: bool
    takes: str
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One open case; `name` and `value` are what the form sends back for it."""

    name: str
    value: str
    address: str
    number: str
    lane: str
    cause: str
    due: str
    over: bool
    decided: str


@dataclass(frozen=True, kw_only=True)
class TeamsPage:
    """Everything on the page."""

    court: str
    courts: tuple[Option, ...]
    several: bool
    rows: tuple[TeamRow, ...]
    suggestions: tuple[str, ...]
    waiting: int
    cases: tuple[CaseRow, ...]
    teams: tuple[Option, ...]
    reasons: tuple[Option, ...]
    weights: str
    counted: str
    configured: bool
    sees_cases: bool
    may_assign: bool
    faults: tuple[str, ...]
    done: str

    @property
    def more(self) -> bool:
        """Whether there are more cases than are listed."""
        return self.waiting > len(self.cases)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads: in which language, how people are called, whether he sees cases and may assign them."""

    say: Language
    named: Named
    sees_cases: bool
    may_assign: bool


def teams_page(found: Loads, *, reader: Reader, problem: ProblemError | None = None, done: int = 0) -> TeamsPage:
    """Return the page; `problem` is what stood against assigning, `done` how many cases were assigned just now."""
    say = reader.say
    return TeamsPage(
        court=found.court,
        courts=tuple(Option(one, one, one == found.court) for one in found.courts),
        several=len(found.courts) > 1,
        rows=rows_of(found, reader.named, say),
        suggestions=suggestions(found, say),
        waiting=found.waiting,
        cases=case_rows(found.waiting_cases, found, say) if reader.sees_cases else (),
        teams=tuple(Option(load.team.id, load.team.name, chosen=False) for load in found.loads),
        reasons=tuple(Option(code, say.pick(*words), chosen=False) for code, words in REASONS.items()),
        weights=_weights(found, say),
        counted=say("在办数读至 {at}。", at=formats.instant(found.read_at) if found.read_at else "--"),
        configured=found.register is not None,
        sees_cases=reader.sees_cases,
        may_assign=reader.may_assign and found.register is not None,
        faults=() if problem is None else faults_of(problem, say),
        done=say("已分配 {count} 件。", count=done) if done else "",
    )


def rows_of(found: Loads, named: Named, say: Language) -> tuple[TeamRow, ...]:
    """Return the table of loads."""
    return tuple(_row(load, found, named, say) for load in found.loads)


def case_rows(cases: Sequence[Mapping[str, Any]], found: Loads, say: Language) -> tuple[CaseRow, ...]:
    """Return open cases as rows of a list."""
    return tuple(_case(place, row, found, say) for place, row in enumerate(cases, 1))


def faults_of(problem: ProblemError, say: Language) -> tuple[str, ...]:
    """Return what was wrong, in words."""
    told = [say.pick(str(one["message"]), str(one["message_en"])) for one in problem.errors]
    return tuple(told) or (say.pick(problem.problem.zh, problem.problem.en),)


def _row(load: Load, found: Loads, named: Named, say: Language) -> TeamRow:
    return TeamRow(
        address=f"/teams/{load.team.id}?court={found.court}",
        name=load.team.name,
        role=say.pick(ROLE_ZH[load.team.role], load.team.role.value),
        people=say("{present}/{many} 人", present=load.present, many=load.many),
        cases=load.cases,
        new=load.new,
        due=load.due,
        overdue=load.overdue,
        units=f"{load.units:.1f}",
        per_person="--" if math.isnan(load.per_person) else f"{load.per_person:.1f}",
        state=_ROOM[load.room.state](say),
        near=load.room.state in {RoomState.NEAR, RoomState.FULL},
        takes="" if not load.takes else say("七日内至少 {count} 件", count=load.takes),
        members=tuple(named(f"account:{one}") for one in load.members or ()),
    )


def _case(place: int, row: Mapping[str, Any], found: Loads, say: Language) -> CaseRow:
    due, today = row["next_due"], found.at.date()
    family = None if row["family"] is None else FAMILIES[row["family"]]
    between = say.pick("　", ", ")
    return CaseRow(
        name=f"case{place}",
        value=f"{row['advice_id']}.{row['turn']}",
        address=f"/cases/{row['advice_id']}",
        number=row["application_id"],
        lane=say("按原流程") if row["lane"] == "ordinary" else lane_words(row["lane"], "B", say),
        cause=say("未知") if family is None else family_words(family, say),
        due=say("未知") if due is None else f"{date_of(due)}{between}{formats.left(date_of(due), today, say)}",
        over=due is not None and date_of(due) < today,
        decided=date_of(row["decided"]).isoformat(),
    )


def _weights(found: Loads, say: Language) -> str:
    if found.weights is None:
        return ""
    lanes = say("、").join(
        f"{lane_words(lane.value, 'B', say)} {weight:g}" for lane, weight in found.weights.lanes.items()
    )
    return say("折算系数 {version}：{lanes}；按案由另乘系数的见本院设置。", version=found.weights.version, lanes=lanes)
