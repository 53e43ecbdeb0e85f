"""Units of assignment: single cases, and groups that go to one team together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from features.known import Array
from models.assignment.demand import Bools, Demand, Rows
from models.assignment.eligibility import Eligible
from models.note import Note

Scalar = TypeVar("Scalar", bound=np.generic)

MILLI = 1000
"""Weights and capacities are counted in thousandths of a weighted unit, as whole numbers: no sum ever drifts."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """U units in the order of their keys.

    `rows` the cases of each; `weight` in thousandths; `rank` that of the most
    urgent case; `count` how many of its cases have that rank; `value` in
    yuan; `allowed` and `special` of shape (U, teams), for all of its cases.
    """

    keys: tuple[str, ...]
    rows: tuple[Rows, ...]
    weight: Rows
    rank: Rows
    count: Rows
    value: Array
    deadline: Array
    received: Array
    allowed: Bools
    special: Bools

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self.keys)


@dataclass(frozen=True, kw_only=True, eq=False)
class Facts:
    """What units are made of, by case: weight in thousandths, rank, value in yuan, and who may take it."""

    demand: Demand
    weight: Rows
    rank: Rows
    value: Array
    eligible: Eligible


def units_of(facts: Facts, full: Rows) -> tuple[Units, tuple[Note, ...]]:
    """Return the units of all cases that somebody may take, and what was done about groups that no team can hold.

    A group whose cases no single team may take is kept together within each
    lane. A group heavier than the full day of every team that may take it
    (`full`, thousandths) could wait for ever: it is bound to the team that
    takes most in a day, and its cases come in by order of rank, as many as
    fit today and the rest on the next days.
    """
    notes: list[Note] = []
    takers: Bools = np.asarray(facts.eligible.allowed.any(axis=1))
    singles = [np.array([i]) for i in np.flatnonzero(takers).tolist() if facts.demand.group[i] is None]
    groups = _groups(facts.demand)
    notes += [_incomplete(facts.demand, rows, takers) for rows in groups if not takers[rows].all()]
    grouped = [part for rows in groups if takers[rows].any() for part in _parts(facts, rows[takers[rows]], notes)]
    allowed = facts.eligible.allowed.copy()
    ready: list[Rows] = []
    given = np.zeros(len(full), dtype=np.int64)
    for rows in grouped:
        ever = facts.eligible.known[rows].all(axis=0)
        if len(rows) == 1 or facts.weight[rows].sum() <= full[ever].max(initial=0):
            ready.append(rows)
        else:
            ready += _spread(facts, rows, allowed, full - given, notes)
            given[np.flatnonzero(allowed[rows[0]])] += facts.weight[rows].sum()
    return _built(facts, [*singles, *ready], allowed), tuple(notes)


def _groups(demand: Demand) -> list[Rows]:
    """Return the cases of each group, in the order of the groups' names."""
    members: dict[str, list[int]] = {}
    for row, name in enumerate(demand.group):
        if name is not None:
            members.setdefault(name, []).append(row)
    return [np.array(members[name]) for name in sorted(members)]


def _incomplete(demand: Demand, rows: Rows, takers: Bools) -> Note:
    """Say that some cases of a group cannot go with the others, because nobody may take them today."""
    name, left = demand.group[int(rows[0])], int((~takers[rows]).sum())
    zh = f"组 {name} 共 {len(rows)} 件，其中 {left} 件今日没有可办团队（原因见待分清单），其余仍集中分派"
    en = f"{left} of the {len(rows)} cases of group {name} have no team today (see the list); the others stay together"
    return Note("group_part", zh, en)


def _parts(facts: Facts, rows: Rows, notes: list[Note]) -> list[Rows]:
    """Return the group whole, or by lane where no team may take all of it."""
    if facts.eligible.allowed[rows].all(axis=0).any():
        return [rows]
    name, lanes = facts.demand.group[int(rows[0])], facts.demand.lane[rows]
    parts = [rows[lanes == lane] for lane in np.unique(lanes)]
    whole = [part for part in parts if facts.eligible.allowed[part].all(axis=0).any()]
    torn = [part for part in parts if not facts.eligible.allowed[part].all(axis=0).any()]
    zh = f"组 {name} 共 {len(rows)} 件，没有一个团队可以全部办理，改为分 {len(parts)} 个程序各自集中"
    en = f"no team may take all {len(rows)} cases of group {name}; kept together within each of {len(parts)} lanes"
    if torn:
        zh += f"；其中 {sum(map(len, torn))} 件仍无共同可办团队，逐件分派"
        en += f"; {sum(map(len, torn))} of them have no team in common and go one by one"
    notes.append(Note("group_split", zh, en))
    return [*whole, *(row.reshape(1) for part in torn for row in part)]


def _spread(facts: Facts, rows: Rows, allowed: Bools, full: Rows, notes: list[Note]) -> list[Rows]:
    """Bind the cases of a group that no team can hold to the team that takes most, and hand them in one by one."""
    together = np.flatnonzero(allowed[rows].all(axis=0))
    team = int(together[np.argmax(full[together])])
    allowed[rows] = False
    allowed[rows, team] = True
    name, weight = facts.demand.group[int(rows[0])], facts.weight[rows].sum() / MILLI
    zh = (
        f"组 {name} 共 {len(rows)} 件、折算 {weight:g}，超过任一可办团队全员一日可收的工作量"
        f"（最多 {full[together].max() / MILLI:g}）；全组归同一团队，按先后逐日收入，今日收不下的列入待分"
    )
    en = (
        f"group {name} has {len(rows)} cases, {weight:g} units, more than any team takes in a full day; all of it goes "
        "to one team, day by day in order of rank, and what does not fit today is listed as waiting"
    )
    notes.append(Note("group_spread", zh, en))
    return [row.reshape(1) for row in rows]


def _built(facts: Facts, members: Sequence[Rows], allowed: Bools) -> Units:
    ids = facts.demand.ids
    named = sorted(((min(ids[i] for i in rows), rows) for rows in members), key=lambda one: one[0])
    rows = [one for _, one in named]
    starts = np.cumsum([0, *map(len, rows)])[:-1] if rows else np.zeros(0, dtype=np.int64)
    flat = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
    rank = _reduced(np.minimum, facts.rank[flat], starts)
    of = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    return Units(
        keys=tuple(key for key, _ in named),
        rows=tuple(rows),
        weight=_reduced(np.add, facts.weight[flat], starts),
        rank=rank,
        count=np.bincount(of, weights=facts.rank[flat] == rank[of], minlength=len(rows)).astype(np.int64),
        value=_reduced(np.add, facts.value[flat], starts),
        deadline=_reduced(np.fmin, facts.demand.deadline[flat], starts),
        received=_reduced(np.fmin, facts.demand.received[flat], starts),
        allowed=_reduced(np.logical_and, allowed[flat], starts),
        special=_reduced(np.logical_and, facts.eligible.special[flat], starts),
    )


def _reduced(how: np.ufunc, values: npt.NDArray[Scalar], starts: Rows) -> npt.NDArray[Scalar]:
    """Reduce the values of each unit's cases to one; units without cases do not exist."""
    if not len(starts):
        return values[:0]
    return np.asarray(how.reduceat(values, starts, axis=0))
