"""The first page after logging in: what waits for you, what the court has done, and whether the model is at work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.access.actions import Action
from serving.access.principal import Principal
from serving.pages.language import Language
from serving.pages.model_state import cause_words
from serving.repositories.overview import Counts
from serving.repositories.queue import MOST_COUNTED


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One count with what it counts, where it leads (empty: nowhere), and how loud it is (`over`, `near`, ``)."""

    count: str
    text: str
    address: str = ""
    mood: str = ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One sentence about the model, and whether it must be seen."""

    text: str
    loud: bool = False


@dataclass(frozen=True, kw_only=True)
class HomePage:
    """Everything on the page; `waiting` is empty for those who see no cases."""

    waiting: tuple[Tile, ...]
    done: str
    model: tuple[Told, ...]
    simulated: bool


def home_page(
    counts: Counts | None, model: Mapping[str, Any], stopped: Sequence[str], *, reader: Principal, say: Language
) -> HomePage:
    """Return the page for this reader; `counts` is None for those who see no cases, `stopped` the courts without model.

    `*` in `stopped` stands for every court.
    """
    return HomePage(
        waiting=() if counts is None else _waiting(counts, reader, say),
        done="" if counts is None else say("本院近 7 日已决定 {count} 件", count=_number(counts.decided, say)),
        model=(_model(model, say), _switch(stopped, reader, say)),
        simulated="notice" in model,
    )


def _waiting(counts: Counts, reader: Principal, say: Language) -> tuple[Tile, ...]:
    tiles = [
        _tile(counts.late, say("期限已过而未处理"), say, mood="over", address="/queue"),
        _tile(counts.today, say("期限今日届满"), say, mood="near", address="/queue"),
        _tile(counts.urging, say("督促期 3 日内届满"), say, mood="near"),
        _tile(counts.waiting, say("待决定案件"), say, address="/queue"),
    ]
    if reader.may(Action.DECISION_CREATE):
        tiles.append(_tile(counts.mine, say("您正在办理"), say, address="/queue?mine=true"))
    if reader.may(Action.REVIEW_DECIDE):
        tiles.append(_tile(counts.reviews, say("当事人申请人工复核，待答复"), say, address="/reviews?state=open"))
    if reader.may(Action.REVIEW_REQUEST) and counts.untold:
        tiles.append(_tile(counts.untold, say("人工复核已答复，待告知当事人"), say, address="/reviews?state=untold"))
    if reader.may(Action.COURT_SIGN) and counts.windows:
        tiles.append(_tile(counts.windows, say("督促期变更申请，待签署"), say, mood="near", address="/settings#window"))
    return tuple(tiles)


def _number(count: int, say: Language) -> str:
    return say("{count} 件以上", count=MOST_COUNTED) if count > MOST_COUNTED else str(count)


def _tile(count: int, text: str, say: Language, *, mood: str = "", address: str = "") -> Tile:
    """Return a tile, loud only where there is something to count."""
    return Tile(count=_number(count, say), text=text, address=address, mood=mood if count else "")


def _model(model: Mapping[str, Any], say: Language) -> Told:
    why = model.get("degraded_reason")
    if why is None:
        return Told(text=say("现用模型 {name}，正常", name=model.get("name", "")))
    return Told(text=say("模型不可用，仅按规则给出建议：{why}", why=cause_words(why, say)), loud=True)


def _switch(stopped: Sequence[str], reader: Principal, say: Language) -> Told:
    if "*" in stopped:
        return Told(text=say("停用开关：已对全部法院停用模型"), loud=True)
    mine = [court for court in stopped if court in reader.courts]
    if mine:
        return Told(text=say("停用开关：已停用模型的法院 {courts}", courts=say.listed(mine)), loud=True)
    return Told(text=say("停用开关：未停用"))
