"""Days on which not everything finds a place: by how much, where, and what would be enough, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from features.register import Stage
from models.assignment.demand import Demand, Rows
from models.assignment.filling import NOWHERE, filled
from models.assignment.program import Program
from models.assignment.units import MILLI
from models.lanes import LANES, Lane, lane_text
from models.note import Note
from models.teams import TeamDay

_SHOWN = 5
_ROUNDS = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Shortage:
    """What is missing: `least` (teams,) the fewest places that could be enough, `enough` places that surely are.

    Both in thousandths; they are equal unless groups that stay together leave
    places unfilled.
    """

    least: Rows
    enough: Rows


def shortage_of(program: Program, team: Rows) -> Shortage:
    """Return the places missing for the units that wait; all zero where none waits."""
    capacity, units = program.capacity, program.units
    nothing = np.zeros(len(capacity), dtype=np.int64)
    if not (team == NOWHERE).any():
        return Shortage(least=nothing, enough=nothing)
    least = _least(program)
    load = np.bincount(team[team != NOWHERE], weights=units.weight[team != NOWHERE], minlength=len(capacity))
    free, missing = capacity - load.astype(np.int64) + least, nothing.copy()
    waiting = np.flatnonzero(team == NOWHERE)
    for unit in waiting[np.argsort(-units.weight[waiting], kind="stable")]:
        allowed, weight = np.flatnonzero(units.allowed[unit]), units.weight[unit]
        best = allowed[np.argmax(free[allowed])]
        missing[best] += max(weight - free[best], 0)
        free[best] = max(free[best] - weight, 0)
    enough = least + missing
    for _ in range(_ROUNDS):
        for unit in np.flatnonzero(filled(units, capacity + enough, team) == NOWHERE).tolist():
            allowed = np.flatnonzero(units.allowed[unit])
            enough[allowed[np.argmax((capacity + enough)[allowed])]] += units.weight[unit]
    return Shortage(least=least, enough=enough)


def _least(program: Program) -> Rows:
    """Return the fewest places by which all units would fit if they could be cut, shared out by what teams can take."""
    units = program.units
    first = np.unique(program.of, return_index=True)[1]
    pair_class, pair_team = np.nonzero(units.allowed[first])
    pairs, teams, classes = len(pair_class), len(program.capacity), len(program.size)
    flow = (np.arange(pairs),)
    weight = program.weight[pair_class].astype(np.float64)
    load = sparse.csr_array((weight, (pair_team, *flow)), shape=(teams, pairs))
    extra = sparse.diags_array(np.ones(teams))
    share = sparse.csr_array(np.maximum(program.capacity, MILLI).astype(np.float64)[:, None])
    found = linprog(
        np.concatenate([np.zeros(pairs), np.ones(teams + 1)]),
        A_ub=sparse.block_array([[load, -extra, None], [None, extra, -share]], format="csr"),
        b_ub=np.concatenate([program.capacity, np.zeros(teams)]).astype(np.float64),
        A_eq=sparse.csr_array((np.ones(pairs), (pair_class, *flow)), shape=(classes, pairs + teams + 1)),
        b_eq=program.size.astype(np.float64),
        bounds=(0, None),
        method="highs-ds",
    )
    if found.status != 0:
        return np.zeros(teams, dtype=np.int64)
    return np.asarray(np.ceil(np.round(found.x[pairs:-1], 6)), dtype=np.int64)


def notes_of(demand: Demand, program: Program, team: Rows, days: Sequence[TeamDay]) -> tuple[Note, ...]:
    """Return what a team leader has to know about a day on which cases wait; empty when none does."""
    waiting = np.flatnonzero(team == NOWHERE)
    closed = [_closed(day) for day in days if day.team.lanes and day.free <= 0.0]
    if not len(waiting):
        return tuple(closed)
    lanes = [_lane(demand, program, waiting, days, lane) for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX)]
    groups = [_group(demand, program, int(unit), team, days) for unit in waiting if len(program.units.rows[unit]) > 1]
    shown = groups[:_SHOWN]
    if len(groups) > _SHOWN:
        more = len(groups) - _SHOWN
        shown.append(
            Note("groups_more", f"另有 {more} 组今日放不下，见待分清单", f"{more} more groups wait; see the list")
        )
    return (*closed, *(note for note in lanes if note), *shown, *_enough(shortage_of(program, team), days))


def _closed(day: TeamDay) -> Note:
    away = sum(one.present <= 0.0 for one in day.members)
    zh = f"{day.team.name}（{day.team.id}）今日不能收案：{len(day.members)} 人中 {away} 人缺勤，其余已满或限额为零"
    en = f"{day.team.id} takes no case today: {away} of {len(day.members)} members are away, the others have no room"
    return Note("team_closed", zh, en)


def _lane(demand: Demand, program: Program, waiting: Rows, days: Sequence[TeamDay], lane: Lane) -> Note | None:
    """Say for one lane what there was, what its teams could take, and what waits."""
    units, code = program.units, LANES.index(lane)
    of_lane = np.array([bool((demand.lane[rows] == code).any()) for rows in units.rows], dtype=bool)
    left = waiting[of_lane[waiting]]
    if not len(left):
        return None
    takers = [i for i, day in enumerate(days) if lane in day.team.lanes]
    asked, able = units.weight[of_lane].sum() / MILLI, program.capacity[takers].sum() / MILLI
    cases, names = sum(len(units.rows[unit]) for unit in left), "、".join(days[i].team.id for i in takers)
    zh, en = lane_text(lane, Stage.B)
    over = f"超出 {asked - able:g}" if asked > able else "总量未超，但名额与其他程序共用，或受成组、专办、回避所限"
    over_en = (
        f"{asked - able:g} over"
        if asked > able
        else "enough in all, but shared with other lanes or limited by groups, specialisation or recusal"
    )
    return Note(
        "lane_short",
        f"{zh}：今日折算 {asked:g}，可办团队（{names}）今日可收 {able:g}，{over}；{cases} 件待分",
        f"{en}: {asked:g} units today, teams {names} can take {able:g}, {over_en}; {cases} cases wait",
    )


def _group(demand: Demand, program: Program, unit: int, team: Rows, days: Sequence[TeamDay]) -> Note:
    """Say for one group that waits how much room it lacks, and where there is most."""
    units = program.units
    here = team != NOWHERE
    free = program.capacity - np.bincount(team[here], weights=units.weight[here], minlength=len(days))
    able = np.flatnonzero(units.allowed[unit])
    most = int(able[np.argmax(free[able])])
    rows, weight = units.rows[unit], units.weight[unit] / MILLI
    name, room = demand.group[rows[0]], free[most] / MILLI
    zh = (
        f"组 {name}（{len(rows)} 件，折算 {weight:g}）今日放不下：可办团队中 {days[most].team.id} 余量最大，为 {room:g}"
    )
    en = (
        f"group {name} ({len(rows)} cases, {weight:g} units) does not fit: {days[most].team.id} has most room, {room:g}"
    )
    return Note("group_waits", f"{zh}，尚差 {weight - room:g}", f"{en}; {weight - room:g} short")


def _enough(missing: Shortage, days: Sequence[TeamDay]) -> list[Note]:
    """Say how many more places would be enough, and how many people that is."""
    if not missing.enough.any():
        return []
    zh = "；".join(_more(day, extra)[0] for day, extra in zip(days, missing.enough.tolist(), strict=True) if extra)
    en = "; ".join(_more(day, extra)[1] for day, extra in zip(days, missing.enough.tolist(), strict=True) if extra)
    least = missing.least.sum() / MILLI
    return [
        Note(
            "enough",
            f"以下增加即可全部安排：{zh}（合计至少须增 {least:g}）",
            f"this would be enough for all: {en} (at least {least:g} in all)",
        )
    ]


def _more(day: TeamDay, extra: int) -> tuple[str, str]:
    full = [one.full for one in day.members if one.full > 0.0]
    places = extra / MILLI
    if not full:
        return f"{day.team.id} 增 {places:g}", f"{day.team.id} {places:g} more"
    people = places / (sum(full) / len(full))
    return (
        f"{day.team.id} 增 {places:g}（约 {people:.1f} 人日）",
        f"{day.team.id} {places:g} more (about {people:.1f} days of a member)",
    )
