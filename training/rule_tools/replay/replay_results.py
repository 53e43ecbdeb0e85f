"""A replay on the way out: who moves where, by court, cause and amount, by which rule, and against which scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from features.causes import FAMILIES_ZH
from features.register import Stage
from models.lanes import LANES, lane_text
from models.rules.rule import Text
from models.rules.table import RuleTable
from training.console import Column, Lang, Result
from training.learning.split import day_of
from training.rule_tools.replay.changed_cases import STAGE_TEXT
from training.rule_tools.replay.replaying import Replay
from training.rule_tools.replay.scope import SKIPS
from training.rule_tools.replay.tally import BANDS, LANE_NAMES, Decider, Matrix, Tally
from training.rule_tools.tables.results import about

Row = dict[str, object]
Pair = TypeVar("Pair", tuple[Decider, Decider], tuple[int, int])
DIMENSIONS: Mapping[str, Text] = {
    "court": Text("按法院", "by court"),
    "cause_family": Text("按案由类别", "by family of causes"),
    "amount": Text("按申请执行标的额", "by amount claimed"),
}
LANE_TEXT: Mapping[str, Text] = {
    "undecided": Text(*lane_text(None, Stage.B)),
    **{str(lane): Text(*lane_text(lane, Stage.B)) for lane in LANES},
}
SHOWN = ("urge", "fast", "complex", "none", "undecided")
"""Order in which a person reads the lanes."""


@dataclass(frozen=True)
class ReplayResults:
    """The counts of a replay, as a table for people and a document for programs."""

    replay: Replay
    tally: Tally
    lang: Lang
    simulated: bool

    def result(self, extra: Mapping[str, object]) -> Result:
        """Return everything that is shown; `extra` joins the document (the path of the list, the hashes)."""
        columns = (
            Column("stage", "阶段", "stage"),
            Column("old", "原分流", "old lane"),
            *(Column(name, f"新：{LANE_TEXT[name].zh}", f"new: {LANE_TEXT[name].en}") for name in SHOWN),
            Column("total", "合计", "total"),
        )
        rows = [row for stage in self.stages for row in self._moves(stage)]
        zh, en = self._closing()
        more = (*(self._by(name, words) for name, words in DIMENSIONS.items()), self._by_rule(), self._against())
        return Result(columns, rows, self.document() | dict(extra), zh, en, self._title(), more)

    @property
    def stages(self) -> list[Stage]:
        """The stages of which any case was replayed."""
        return [stage for stage in Stage if self.tally.cases(stage)]

    def document(self) -> dict[str, object]:
        """Return the counts as plain values with stable keys."""
        return {
            "data": "模拟 / simulated" if self.simulated else "实际 / real",
            "old": about(self.replay.old),
            "new": about(self.replay.new),
            **self.replay.options(),
            "last_received": day_of(self.tally.last).isoformat(),
            "cases": sum(self.tally.cases(stage) for stage in Stage),
            "changed": sum(self.tally.changed(stage) for stage in Stage),
            "by_stage": {str(stage): self._stage(stage) for stage in self.stages},
        }

    def _stage(self, stage: Stage) -> Row:
        tally = self.tally
        return {
            "cases": tally.cases(stage),
            "changed": tally.changed(stage),
            "skipped": {str(reason): n for reason, n in self.replay.skipped[stage].items()},
            "matrix": _plain(tally.matrix(stage)),
            "by": {
                name: {
                    part: {"cases": int(m.sum()), "changed": _changed(m), "matrix": _plain(m)}
                    for part in tally.parts(stage, name)
                    for m in [tally.matrix(stage, name, part)]
                }
                for name in DIMENSIONS
            },
            "by_rule": [
                {**_decider("old", old), **_decider("new", new), "cases": n}
                for (old, new), n in _sorted({(o, n): c for (s, o, n), c in tally.rules.items() if s is stage})
            ],
            "against_scores": [
                {"rule": rule, "old": tally.against[stage, "old", rule], "new": tally.against[stage, "new", rule]}
                for rule in self._ruled(stage)
            ],
        }

    def _moves(self, stage: Stage) -> Iterator[Row]:
        matrix = self.tally.matrix(stage)
        for name in SHOWN:
            row = matrix[LANE_NAMES.index(name)]
            if row.sum():
                moved = {other: f"{int(row[LANE_NAMES.index(other)]):,}" for other in SHOWN}
                words = {"stage": self._say(*STAGE_TEXT[stage]), "old": self._say(*LANE_TEXT[name])}
                yield {**words, **moved, "total": f"{int(row.sum()):,}"}

    def _by(self, dimension: str, words: Text) -> Result:
        columns = (
            Column("stage", "阶段", "stage"),
            Column("part", "类别", "part"),
            Column("cases", "件数", "cases"),
            Column("changed", "改变", "changed"),
            Column("share", "比例", "share"),
            Column("moves", "主要变化", "main moves"),
        )
        rows = [row for stage in self.stages for row in self._changed_parts(stage, dimension)]
        still = sum(len(self.tally.parts(stage, dimension)) for stage in self.stages) - len(rows)
        zh, en = (f"其余 {still} 类没有改变", f"{still} other parts: no change") if still else ("", "")
        return Result(columns if rows else (), rows, zh=zh, en=en, title=words)

    def _changed_parts(self, stage: Stage, dimension: str) -> Iterator[Row]:
        for part in self.tally.parts(stage, dimension):
            matrix = self.tally.matrix(stage, dimension, part)
            n, changed = int(matrix.sum()), _changed(matrix)
            if changed:
                yield {
                    "stage": self._say(*STAGE_TEXT[stage]),
                    "part": self._say(*_part_text(dimension, part)),
                    "cases": f"{n:,}",
                    "changed": f"{changed:,}",
                    "share": f"{changed / n:.1%}",
                    "moves": self._main(matrix),
                }

    def _main(self, matrix: Matrix) -> str:
        """Return the two largest moves of a part in words."""
        moves = {
            (i, j): int(matrix[i, j]) for i in range(len(matrix)) for j in range(len(matrix)) if i != j and matrix[i, j]
        }
        names = [self._say(*LANE_TEXT[name]) for name in LANE_NAMES]
        told = [f"{names[i]} → {names[j]} {n:,}" for (i, j), n in _sorted(moves)[:2]]
        return self._say("，", ", ").join(told) or "—"

    def _by_rule(self) -> Result:
        columns = (
            Column("stage", "阶段", "stage"),
            Column("old", "原决定规则", "old rule"),
            Column("new", "新决定规则", "new rule"),
            Column("cases", "改变件数", "changed cases"),
        )
        rows: list[Row] = [
            {
                "stage": self._say(*STAGE_TEXT[stage]),
                "old": self._decided(self.replay.old, old),
                "new": self._decided(self.replay.new, new),
                "cases": f"{n:,}",
            }
            for stage in self.stages
            for (old, new), n in _sorted({(o, n): c for (s, o, n), c in self.tally.rules.items() if s is stage})
        ]
        return Result(
            columns if rows else (),
            rows,
            title=("改变由哪些规则决定", "which rules decide the changes") if rows else ("", ""),
        )

    def _against(self) -> Result:
        columns = (
            Column("stage", "阶段", "stage"),
            Column("rule", "规则", "rule"),
            Column("old", "原表件数", "old table"),
            Column("new", "新表件数", "new table"),
        )
        rows: list[Row] = [
            {
                "stage": self._say(*STAGE_TEXT[stage]),
                "rule": self._rule(self._table_of(rule), rule),
                "old": f"{self.tally.against[stage, 'old', rule]:,}",
                "new": f"{self.tally.against[stage, 'new', rule]:,}",
            }
            for stage in self.stages
            for rule in self._ruled(stage)
        ]
        title = ("规则结论与分值不一致的案件", "cases in which a rule stands against the scores") if rows else ("", "")
        return Result(columns if rows else (), rows, title=title)

    def _ruled(self, stage: Stage) -> list[str]:
        return sorted({rule for one, _, rule in self.tally.against if one is stage})

    def _table_of(self, rule: str) -> RuleTable:
        known = {one.id for one in self.replay.new.rules}
        return self.replay.new if rule in known else self.replay.old

    def _rule(self, table: RuleTable, name: str) -> str:
        rule = next((one for one in reversed(table.rules) if one.id == name), None)
        if rule is None:
            return self._say(*LANE_TEXT["undecided"])
        return f"{name} {self._say(rule.zh, rule.en)}"

    def _decided(self, table: RuleTable, by: Decider) -> str:
        missing = self._say("（事实不明）", " (facts missing)") if by.unknown else ""
        return self._rule(table, by.id) + missing

    def _title(self) -> tuple[str, str]:
        on = self.replay.scope.on
        zh = f"规则回放：{self.replay.old.version} → {self.replay.new.version}" + (
            f"（按 {on} 施行的规则试算）" if on else ""
        )
        en = f"replay: {self.replay.old.version} → {self.replay.new.version}" + (
            f" (as if received on {on})" if on else ""
        )
        return (f"{zh}（模拟）", f"{en} (simulated)") if self.simulated else (zh, en)

    def _closing(self) -> tuple[str, str]:
        zh, en = [], []
        for stage in self.stages:
            n, changed = self.tally.cases(stage), self.tally.changed(stage)
            zh.append(f"{STAGE_TEXT[stage].zh} {n:,} 件，改变分流 {changed:,} 件（{changed / n:.1%}）")
            en.append(f"{STAGE_TEXT[stage].en}: {n:,} cases, {changed:,} with another lane ({changed / n:.1%})")
            for reason, left in self.replay.skipped[stage].items():
                if left:
                    zh.append(f"{STAGE_TEXT[stage].zh} {left:,} 件未回放：{SKIPS[reason].zh}")
                    en.append(f"{STAGE_TEXT[stage].en}: {left:,} left out, {SKIPS[reason].en}")
        return "；".join(zh), "; ".join(en)

    def _say(self, zh: str, en: str) -> str:
        return zh if self.lang is Lang.ZH else en


def _decider(side: str, by: Decider) -> Row:
    return {f"{side}_rule": by.id or None, f"{side}_unknown": by.unknown}


def _part_text(dimension: str, part: str) -> Text:
    if dimension == "amount":
        return BANDS[part]
    if dimension == "cause_family":
        return Text(FAMILIES_ZH.get(part, "案由未知"), part)
    return Text(part, part)


def _plain(matrix: Matrix) -> dict[str, dict[str, int]]:
    """Return the moves that occurred: old lane, new lane, cases."""
    return {
        name: {other: int(matrix[i, j]) for j, other in enumerate(LANE_NAMES) if matrix[i, j]}
        for i, name in enumerate(LANE_NAMES)
        if matrix[i].any()
    }


def _changed(matrix: Matrix) -> int:
    return int(matrix.sum() - np.trace(matrix))


def _sorted(counted: Mapping[Pair, int]) -> list[tuple[Pair, int]]:
    """Return counts, the largest first, and names in order among equals."""
    return sorted(counted.items(), key=lambda one: (-one[1], str(one[0])))
