"""What a lane is called on the pages, in the stage of its case."""

from __future__ import annotations

from features.register import Stage
from models.lanes import Lane, lane_text
from serving.pages.language import Language
from serving.record.decisions import ORDINARY


def lane_words(lane: str | None, stage: str, say: Language) -> str:
    """Return the words for a decided lane; without a lane it is the ordinary procedure."""
    if lane is None or lane == ORDINARY:
        return say("暂不采纳，按原流程办理")
    return say.pick(*lane_text(Lane(lane), Stage(stage)))


def advised_words(route: str | None, stage: str, say: Language) -> str:
    """Return the words for an advised lane; without one it is left to the judge."""
    return say.pick(*lane_text(None if route is None else Lane(route), Stage(stage)))
