"""Suggestions about the work of teams, each with its reason in figures; they move nothing by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from models.lanes import LANES
from models.teams import RoomState
from serving.pages.case.lanes import lane_words
from serving.pages.language import Language
from serving.record.teams.loading import Load, Loads


def suggestions(found: Loads, say: Language) -> tuple[str, ...]:
    """Return what somebody could do, in the order of the teams' names."""
    return (*_waiting(found, say), *_overdue(found, say), *_shifts(found, say))


def _waiting(found: Loads, say: Language) -> Iterator[str]:
    """Decided cases without a team, and who could take some of them."""
    if not found.waiting:
        return
    takers = [load for load in found.loads if load.takes and load.team.lanes]
    if not takers:
        yield say("有 {count} 件已决定的案件尚未分配，现有团队七日内都没有余量或者未设额度。", count=found.waiting)
        return
    names = say("、").join(say("{team} {count} 件", team=load.team.name, count=load.takes) for load in takers)
    yield say(
        "有 {count} 件已决定的案件尚未分配；按出勤和额度，七日内至少可接收：{names}。", count=found.waiting, names=names
    )


def _overdue(found: Loads, say: Language) -> Iterator[str]:
    for load in found.loads:
        if load.overdue:
            yield say(
                "{team}有 {count} 件已过下一期限，{due} 件在七日内到期：先核实这些案件的期限。",
                team=load.team.name, count=load.overdue, due=load.due,
            )  # fmt: skip


def _shifts(found: Loads, say: Language) -> Iterator[str]:
    """Teams near their limit, where another one that takes the same lane has room."""
    for load in found.loads:
        if load.room.state not in {RoomState.NEAR, RoomState.FULL}:
            continue
        for lane in (one for one in LANES if one in load.team.lanes):
            others = [one for one in found.loads if _could(one, load) and lane in one.team.lanes]
            if others:
                yield say(
                    "{team}七日内余量 {left} 折算件（共 {whole}）；{other}同办{lane}，至少可接收 {count} 件。",
                    team=load.team.name, left=f"{load.room.left:.1f}", whole=f"{load.room.whole:.1f}",
                    other=others[0].team.name, lane=lane_words(lane.value, "B", say), count=others[0].takes,
                )  # fmt: skip
                break


def _could(other: Load, load: Load) -> bool:
    return other.team.id != load.team.id and other.room.state is RoomState.FREE and bool(other.takes)
