"""The list of changed cases: one line each, with both lanes, the rules that decided and the reason in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.register import Stage
from models.lanes import LANES, UNDECIDED, lane_of, lane_text
from models.routes import Routes
from models.rules.rule import Text
from training.console import Lang
from training.learning.split import day_of
from training.rule_tools.replay.grounds import ground, reason_for_change
from training.rule_tools.replay.replaying import Part

HEADINGS: Mapping[str, Text] = {
    "case_id": Text("案件编号", "case_id"),
    "court": Text("法院", "court"),
    "received_on": Text("收到日期", "received_on"),
    "stage": Text("阶段", "stage"),
    "old_lane": Text("原分流", "old_lane"),
    "new_lane": Text("新分流", "new_lane"),
    "why": Text("变化原因", "why"),
    "old_rule": Text("原决定规则", "old_rule"),
    "old_reason": Text("原理由", "old_reason"),
    "new_rule": Text("新决定规则", "new_rule"),
    "new_reason": Text("新理由", "new_reason"),
    "score_lane": Text("仅按分值", "score_lane"),
    "data": Text("数据", "data"),
}
"""Columns of the list in their order, with their headings."""

STAGE_TEXT: Mapping[Stage, Text] = {
    Stage.A: Text("立案前", "A, before filing"),
    Stage.B: Text("查控后", "B, after the query"),
}
Columns = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class ChangedCases:
    """Writes the lines of changed cases in one language."""

    lang: Lang
    simulated: bool

    def columns(self, part: Part) -> Columns:
        """Return the lines of a part as columns, one row for every changed case."""
        rows = np.flatnonzero(part.changed)
        lines = [self._line(part, int(row)) for row in rows]
        codes = part.new_disputes.wanted[rows].tolist()
        wanted = ["" if c == UNDECIDED else self._say(*lane_text(LANES[c], part.batch.stage)) for c in codes]
        found = {name: [line[name] for line in lines] for name in HEADINGS if name not in {"score_lane", "data"}}
        found |= {"score_lane": wanted, "data": [self._say("模拟", "simulated") if self.simulated else ""] * len(rows)}
        return {name: np.array(found[name], dtype=object) for name in HEADINGS}

    def _line(self, part: Part, row: int) -> dict[str, str]:
        batch, stage = part.batch, part.batch.stage
        return {
            "case_id": str(batch.ids[row]),
            "court": str(batch.courts[row]),
            "received_on": day_of(float(batch.columns["received_at"][row])).isoformat(),
            "stage": self._say(*STAGE_TEXT[stage]),
            "old_lane": self._lane(part.old, row),
            "new_lane": self._lane(part.new, row),
            "why": self._say(*reason_for_change(part, row)),
            "old_rule": part.old.deciding_rule(row) or "",
            "old_reason": self._say(*ground(part.old, row)),
            "new_rule": part.new.deciding_rule(row) or "",
            "new_reason": self._say(*ground(part.new, row)),
        }

    def _lane(self, routes: Routes, row: int) -> str:
        return self._say(*lane_text(lane_of(int(routes.lane[row])), routes.outcomes.view.stage))

    def _say(self, zh: str, en: str) -> str:
        return zh if self.lang is Lang.ZH else en
