"""Similar closed cases on the page: same and different points, lane, and how each ended, failures among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.pages.case.lanes import advised_words, lane_words
from serving.pages.language import Language
from serving.record.case_files import CaseFile
from serving.record.comparison.finding import FEWEST

_SHOWN: Final = 6


@dataclass(frozen=True, kw_only=True)
class SimilarLine:
    """One similar case; `marked` where the reader has said that it is not similar."""

    id: str
    number: str
    same: str
    different: str
    lane: str
    ending: str
    closed_on: str
    marked: bool


@dataclass(frozen=True, kw_only=True)
class SimilarBlock:
    """The similar cases, or in one sentence why there are none to show."""

    lines: tuple[SimilarLine, ...]
    summary: str
    among: str
    instead: str


def similar_of(found: CaseFile, me: str, say: Language) -> SimilarBlock:
    """Return the block; below three cases it says so in a word and shows none."""
    similar = found.similar
    if not found.whole:
        return _none(say("相近案件与预测一并显示。"))
    if len(similar.cases) < FEWEST:
        return _none(_why(found, say))
    marked = {row["subject"] for row in found.marks if row["kind"] == "similar" and row["by"] == me}
    paid = sum(1 for one in similar.cases if one["paid"])
    return SimilarBlock(
        lines=tuple(_line(one, one["advice_id"] in marked, say) for one in similar.cases),
        summary=say("{count} 件中 {paid} 件全部履行", count=len(similar.cases), paid=paid),
        among=say(
            "从本院同阶段已结的 {compared} 件中按相近程度选出，结果有好有坏，不经挑选。", compared=similar.compared
        ),
        instead="",
    )


def _none(instead: str) -> SimilarBlock:
    return SimilarBlock(lines=(), summary="", among="", instead=instead)


def _why(found: CaseFile, say: Language) -> str:
    if found.answer["mode"] == "rules":
        return say("没有预测，因此没有可比的案件。")
    if found.similar.found > len(found.similar.cases):
        return say("原列相近案件的材料已按期限删除，余下不足三件，不予列出。")
    return say("本院可比的已结案件不足三件，暂不列出。")


def _line(one: Mapping[str, Any], marked: bool, say: Language) -> SimilarLine:  # noqa: FBT001 - one of the line's own facts
    between = say.pick("、", ", ")
    lane = (
        lane_words(one["lane"], one["stage"], say) if one["decided"] else advised_words(one["lane"], one["stage"], say)
    )
    return SimilarLine(
        id=one["advice_id"],
        number=one["application_id"],
        same=_shortened([say.pick(*pair) for pair in one["same"]], between, say),
        different=say.apart(say.pick(*pair) for pair in one["different"]) or say("无明显不同"),
        lane=lane,
        ending=say.pick(*one["ending"]),
        closed_on=one["closed_on"],
        marked=marked,
    )


def _shortened(points: Sequence[str], between: str, say: Language) -> str:
    """Return the weightiest points, and how many there are where that is not all of them."""
    shown = between.join(points[:_SHOWN]) or say("未知")
    return shown if len(points) <= _SHOWN else say("{points}等 {count} 项", points=shown, count=len(points))
