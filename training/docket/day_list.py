"""The day's list: cases that wait for a team, as a clerk or the case system wrote them, lanes already decided."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from features.causes import FAMILIES, FAMILIES_ZH
from models.assignment import Demand, DemandError
from models.lanes import LANE_CODE, UNDECIDED, Lane
from models.teams import Load
from training.docket import lists
from training.errors import CommandError

CASES = {
    "case_id": "案件编号",
    "lane": "程序",
    "family": "案由类别",
    "livelihood": "涉民生",
    "deadline": "法定期限",
    "received": "收到日期",
    "value": "名额价值",
    "group": "归并组",
    "bound": "原承办团队",
    "recused": "回避人员",
    "team": "指向团队",
}
"""Headings of a day's list."""

_LOADS = {"member": "人员编号", "today": "今日已分", "week": "本周已分", "on_hand": "在办"}
_DECIDED = {"case_id": "案件编号", "lane": "程序"}
_ON_HAND = {"id_token": "被执行人标识", "team": "团队"}
_NAN = float("nan")


def read_day(path: Path) -> Demand:
    """Return the cases of a day's list.

    Raises
    ------
    CommandError
        LIST_REJECTED: the list cannot be read, a cell makes no sense, or a case stands there twice.
    """
    read = lists.read_list(path, CASES, needed=("case_id", "lane"))
    lanes = read.values("lane", lists.lane, None)
    facts = {
        "ids": [one or "" for one in read.columns["case_id"]],
        "lane": np.array([_code(one) for one in lanes], dtype=np.int8),
        "family": np.array(read.values("family", _family, _NAN), dtype=np.float64),
        "livelihood": np.array(read.values("livelihood", lists.yes, missing=False), dtype=np.bool_),
        "deadline": np.array(read.values("deadline", lists.day, _NAN), dtype=np.float64),
        "received": np.array(read.values("received", lists.day, _NAN), dtype=np.float64),
        "value": np.array(read.values("value", lists.number, _NAN), dtype=np.float64),
        "group": read.values("group", str, None),
        "bound": read.values("bound", str, None),
        "recused": read.values("recused", lists.several, frozenset[str]()),
        "led": read.values("team", lists.several, frozenset[str]()),
    }
    read.check()
    try:
        return Demand(**facts)  # type: ignore[arg-type]
    except DemandError as error:
        zh, _, en = str(error).partition(" / ")
        raise CommandError("LIST_REJECTED", f"{path.name}：{zh}", f"{path.name}: {en}") from error


def read_loads(path: Path | None) -> dict[str, Load]:
    """Return what members were given before, by their ids; nothing without a list."""
    if path is None:
        return {}
    read = lists.read_list(path, _LOADS, needed=("member",))
    names = [one or "" for one in read.columns["member"]]
    columns = [read.values(name, lists.amount, 0.0) for name in ("today", "week", "on_hand")]
    read.faults += [] if len(set(names)) == len(names) and all(names) else ["人员编号重复或为空"]
    read.check()
    return {
        name: Load(today=today, week=week, on_hand=on_hand)
        for name, today, week, on_hand in zip(names, *columns, strict=True)
    }


def read_decided(path: Path | None) -> dict[str, int]:
    """Return the lanes that people decided, as codes by case id: a person's decision stands before any proposal."""
    if path is None:
        return {}
    read = lists.read_list(path, _DECIDED, needed=tuple(_DECIDED))
    lanes = read.values("lane", lists.lane, None)
    read.check()
    return {str(case): _code(lane) for case, lane in zip(read.columns["case_id"], lanes, strict=True)}


def read_on_hand(path: Path | None) -> dict[str, str | None]:
    """Return the debtors with a case on hand, by token, and the team that has it, None where it is not said."""
    if path is None:
        return {}
    read = lists.read_list(path, _ON_HAND, needed=("id_token",))
    teams = read.values("team", str, None)
    read.check()
    return {str(token): team for token, team in zip(read.columns["id_token"], teams, strict=True) if token}


def _code(lane: Lane | None) -> int:
    return UNDECIDED if lane is None else LANE_CODE[lane]


def _family(text: str) -> float:
    """Return the place of a family of causes, by its code or its Chinese name."""
    for place, name in enumerate(FAMILIES):
        if text in {name, FAMILIES_ZH[name]}:
            return float(place)
    raise ValueError(text)
