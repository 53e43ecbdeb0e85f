"""Assignment of a day's cases to teams and members: the one road from the list of cases to who takes what, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from features.known import Array
from models.assignment.demand import Demand, DemandError, Rows, ranks
from models.assignment.eligibility import Reason, led_to
from models.assignment.evenness import filling
from models.assignment.filling import NOWHERE
from models.assignment.planning import Plan, Terms, placed_at, plan, thousandths, value_of
from models.assignment.prices import Price, prices_of
from models.assignment.shortage import notes_of
from models.assignment.units import MILLI
from models.lots import ALGORITHM, DrawRecord, Part, Seat, Ticket, draw
from models.note import Note
from models.teams import Evenly, Load, TeamDay, TeamRegister, Workload, capacity_on


@dataclass(frozen=True, kw_only=True)
class Day:
    """The day on which cases are given: the register, what members already have, and the seed of the draw.

    `gain` is what a specialised team adds for a case, in yuan; `priced` asks
    for the worth of one more place in every team.
    """

    on: date
    register: TeamRegister
    seed: int
    loads: Mapping[str, Load]
    gain: float = 0.0
    priced: bool = True


@dataclass(frozen=True, kw_only=True)
class TeamLoad:
    """What a team got: `free` before, `given` today, both in weighted units, and `filling`, the share of its places."""

    team: str
    name: str
    free: float
    given: float
    cases: int
    filling: float


@dataclass(frozen=True, kw_only=True)
class Proof:
    """How good the plan is known to be.

    `placed` and `most` hold for every rank before the last the cases placed,
    and the most that any plan can place that places the most at all earlier
    ranks. `value` and `bound` are in yuan, NaN where there is no bound; the
    bound holds among plans that place the most at every rank.
    """

    placed: Mapping[int, int]
    most: Mapping[int, int]
    value: float
    bound: float

    @property
    def short(self) -> int | None:
        """The first rank at which fewer cases are placed than the bound allows; None where there is none."""
        ranks = (rank for rank in sorted(self.placed) if self.placed[rank] < self.most.get(rank, 0))
        return next(ranks, None)

    @property
    def best(self) -> bool:
        """Whether no plan is better."""
        near = self.value >= self.bound - 1e-6 * max(abs(self.bound), 1.0)
        return dict(self.placed) == dict(self.most) and near


@dataclass(frozen=True, kw_only=True, eq=False)
class Assignment:
    """Who takes what on one day; every sequence has one entry for each case of `demand`, which is in order of ids.

    `team` and `member` are None for a case that waits, and `reason` says why.
    `weight` is in weighted units, NaN without a lane; `waiting` lists the rows
    that wait, the first to be served first; `steps` are the days of urgency
    behind `rank`.
    """

    day: date
    demand: Demand
    weight: Array
    rank: Rows
    team: tuple[str | None, ...]
    member: tuple[str | None, ...]
    reason: tuple[Reason | None, ...]
    waiting: Rows
    teams: tuple[TeamLoad, ...]
    steps: tuple[int, ...]
    notes: tuple[Note, ...]
    prices: tuple[Price, ...]
    proof: Proof
    record: DrawRecord


def assign(demand: Demand, day: Day) -> Assignment:
    """Give every case to a team and a member, or say why it waits.

    Lanes, specialisation, recusal and places are limits that nothing can buy.
    Livelihood claims come first, then the statutory dates, and within a rank
    as many cases as possible; value decides after that. Groups stay together.
    Teams and members are filled evenly, and who gets which case is drawn by
    the seed. The order of the cases plays no part.

    Raises
    ------
    DemandError
        No weights of work are in force on the day, or somebody is recused, or
        was given something before, who stands in no team: a slip there would
        give a case to the wrong person unseen.
    """
    workload = day.register.workload_on(day.on)
    if workload is None:
        msg = f"{day.on} 没有施行的折算工作量 / no weights of work are in force on {day.on}"
        raise DemandError(msg)
    _refuse_strangers(demand, day)
    practice = day.register.practice
    cases = demand.sorted()
    terms = Terms(workload=workload, practice=practice, gain=day.gain)
    rank = ranks(cases, day.on, practice.urgent_days)
    planned = plan(cases, capacity_on(day.register, day.on, day.loads), terms, rank)
    record = _record(planned, day)
    return _told(planned, day, workload, record)


def _refuse_strangers(demand: Demand, day: Day) -> None:
    known = {member.id for team in day.register.teams for member in team.members}
    recused = {name for names in demand.recused for name in names} - known
    loaded = set(day.loads) - known
    if recused or loaded:
        zh = f"回避人员中 {len(recused)} 个编号、已分工作量中 {len(loaded)} 个编号不在团队文件内"
        msg = f"{zh} / {len(recused)} recused ids and {len(loaded)} ids with loads stand in no team"
        raise DemandError(msg)


def _record(planned: Plan, day: Day) -> DrawRecord:
    """Return the record of the day's draw, drawn."""
    program = planned.program
    here = np.flatnonzero(planned.team != NOWHERE).tolist()
    weight = thousandths(np.nan_to_num(planned.weight))
    places: dict[int, dict[str, int]] = {}
    for unit in here:
        teams = places.setdefault(int(program.of[unit]), {})
        name = planned.days[planned.team[unit]].team.id
        teams[name] = teams.get(name, 0) + 1
    blank = DrawRecord(
        algorithm=ALGORITHM,
        seed=day.seed,
        day=day.on.isoformat(),
        register_sha256=day.register.sha256,
        tickets=tuple(_ticket(planned, unit, weight) for unit in here),
        places=places,
        seats={one.team.id: _seats(one, day.register.practice.evenly_by) for one in planned.days},
        draws=(),
    )
    return replace(blank, draws=draw(blank))


def _ticket(planned: Plan, unit: int, weight: Rows) -> Ticket:
    ids, recused = planned.demand.ids, planned.demand.recused
    rows = planned.program.units.rows[unit].tolist()
    parts = (Part(case=ids[i], weight=int(weight[i]), recused=tuple(sorted(recused[i]))) for i in rows)
    return Ticket(key=planned.program.units.keys[unit], kind=int(planned.program.of[unit]), parts=tuple(parts))


def _seats(day: TeamDay, by: Evenly) -> tuple[Seat, ...]:
    """Return who takes part in a team's draw, and by what they are kept even."""
    seats = []
    for one in day.present:
        stock = by is Evenly.STOCK
        before, whole = (one.load.on_hand, one.full) if stock else (one.load.today, one.present)
        measures = thousandths([before, whole, one.free]).tolist()
        seats.append(Seat(member=one.id, before=measures[0], whole=measures[1], free=measures[2]))
    return tuple(seats)


def _told(planned: Plan, day: Day, workload: Workload, record: DrawRecord) -> Assignment:
    """Put the plan and the draw into words by case."""
    row_of = {case: row for row, case in enumerate(planned.demand.ids)}
    team: list[str | None] = [None] * len(planned.demand)
    member: list[str | None] = [None] * len(planned.demand)
    for one in record.draws:
        for case in one.cases:
            team[row_of[case]], member[row_of[case]] = one.team, one.member
    reason = _reasons(planned, team)
    steps = day.register.practice.urgent_days
    return Assignment(
        day=day.on,
        demand=planned.demand,
        weight=planned.weight,
        rank=planned.rank,
        team=tuple(team),
        member=tuple(member),
        reason=reason,
        waiting=_waiting(planned, reason),
        teams=_loads(planned),
        steps=steps,
        notes=(
            *planned.notes,
            *_unled(planned),
            *_unbound(planned),
            *notes_of(planned.demand, planned.program, planned.team, planned.days),
        ),
        prices=_prices(planned, workload) if day.priced else (),
        proof=_proof(planned),
        record=record,
    )


def _unled(planned: Plan) -> tuple[Note, ...]:
    """Say to which teams rules of the court point in vain, because none of that code takes the lane."""
    demand, teams = planned.demand, [one.team for one in planned.days]
    reached = np.asarray((led_to(demand, teams) & planned.eligible.known).any(axis=1))
    missed = [row for row, codes in enumerate(demand.led) if codes and demand.routed[row] and not reached[row]]
    if not missed:
        return ()
    codes = sorted({code for row in missed for code in demand.led[row]})
    wanted, wanted_en = "、".join(codes), ", ".join(codes)
    zh = f"{len(missed)} 件依本院规则应由团队 {wanted} 办理，团队文件中没有办理其程序的该团队，改按一般次序分派"
    en = f"rules point {len(missed)} cases to {wanted_en}, and no such team takes their lane; given as others are"
    return (Note("unled", zh, en),)


def _unbound(planned: Plan) -> tuple[Note, ...]:
    """Say how many cases cannot follow an earlier one, because its team is gone or does not take them."""
    names = [one.team.id for one in planned.days]
    free = [
        row
        for row, name in enumerate(planned.demand.bound)
        if name is not None and not (name in names and planned.eligible.known[row, names.index(name)])
    ]
    if not free:
        return ()
    zh = f"{len(free)} 件的原承办团队今日不存在，或不办其程序，改按一般次序分派"
    return (
        Note("unbound", zh, f"{len(free)} cases cannot follow an earlier one: its team is gone or takes no such case"),
    )


def _reasons(planned: Plan, team: list[str | None]) -> tuple[Reason | None, ...]:
    """Return why each waiting case waits."""
    reasons: list[Reason | None] = [None] * len(team)
    most = int(planned.program.capacity.max(initial=0))
    for unit in np.flatnonzero(planned.team == NOWHERE).tolist():
        rows = planned.program.units.rows[unit]
        allowed = planned.program.units.allowed[unit]
        most = int(planned.program.capacity[allowed].max(initial=0))
        large = len(rows) > 1 and planned.program.units.weight[unit] > most
        for row in rows.tolist():
            reasons[row] = Reason.GROUP_TOO_LARGE if large else Reason.NO_PLACE
    for row in np.flatnonzero(~planned.eligible.allowed.any(axis=1)).tolist():
        reasons[row] = planned.eligible.reason(row, planned.demand)
    return tuple(reasons)


def _waiting(planned: Plan, reason: tuple[Reason | None, ...]) -> Rows:
    """Return the rows that wait in the order of their ranks, then the statutory date, receipt, and id."""
    demand = planned.demand
    rows = np.array([i for i, why in enumerate(reason) if why is not None], dtype=np.int64)
    late = [np.nan_to_num(dates[rows], nan=np.inf) for dates in (demand.received, demand.deadline)]
    return rows[np.lexsort((rows, *late, planned.rank[rows]))]


def _loads(planned: Plan) -> tuple[TeamLoad, ...]:
    program, here = planned.program, planned.team != NOWHERE
    given = np.bincount(planned.team[here], weights=program.units.weight[here], minlength=len(planned.days))
    sizes = np.array([len(rows) for rows in program.units.rows], dtype=np.float64)
    cases = np.bincount(planned.team[here], weights=sizes[here], minlength=len(planned.days))
    filled = filling(program, planned.team, planned.before)
    return tuple(
        TeamLoad(
            team=one.team.id,
            name=one.team.name,
            free=one.free,
            given=float(given[i]) / MILLI,
            cases=int(cases[i]),
            filling=float(filled[i]),
        )
        for i, one in enumerate(planned.days)
    )


def _prices(planned: Plan, workload: Workload) -> tuple[Price, ...]:
    if planned.relaxed is None or not planned.program.pairs:
        return ()
    places = [max((workload.lanes[lane] for lane in one.team.lanes), default=0.0) for one in planned.days]
    names = [one.team.id for one in planned.days]
    return prices_of(planned.program, planned.relaxed, names, thousandths(places))


def _proof(planned: Plan) -> Proof:
    program, bound = planned.program, planned.bound
    placed, value = placed_at(program, planned.team), value_of(program, planned.team)
    if bound is None:
        return Proof(placed=placed, most={}, value=value, bound=math.nan)
    return Proof(
        placed=placed, most={rank: bound.placed.get(rank, 0) for rank in placed}, value=value, bound=bound.value
    )
