"""The conflict report on the way out: a line for each rule that stands against the scores, by rule, never by person."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from features.register import Stage
from models.bundle import Bundle
from models.lanes import Lane, lane_text
from models.rules.rule import Text
from models.rules.table import RuleTable
from training.console import Column, Lang, Result
from training.evaluation.rates import Rate
from training.rule_tools.replay.changed_cases import STAGE_TEXT
from training.rule_tools.replay.conflicts import ASKED, Found
from training.rule_tools.replay.grounds import STATES
from training.rule_tools.tables.results import about
from training.rule_tools.tables.wording import Wording

Row = dict[str, object]
OUTCOME_TEXT: Mapping[str, Text] = MappingProxyType(
    {
        "willingness": Text("实际督促期内履行", "paid in the urging window"),
        "ability": Text("实际 180 日内全部到位", "paid in full in 180 days"),
        "quick_close": Text("实际 30 日内执行到位", "done in 30 days"),
    }
)
NOTE = Text(
    "分值栏为模型估计；实际结果只统计已知结果的案件，是当时办理方式下的结果，不是改道以后的结果；按规则编号排列，不作人员排名",
    "scores are the model's estimates; outcomes count the cases whose outcome is known, under what was done then, "
    "not under another lane; ordered by rule, ranking nobody",
)


@dataclass(frozen=True)
class ConflictResults:
    """What was found of every sort of cases, as tables for people and a document for programs."""

    table: RuleTable
    bundle: Bundle
    wording: Wording
    found: Sequence[Found]
    window: float
    few: int
    lang: Lang
    simulated: bool

    def result(self, extra: Mapping[str, object]) -> Result:
        """Return one table for each stage; `extra` joins the document."""
        stages = [stage for stage in Stage if any(one.sort.stage is stage for one in self.found)]
        tables = [self._table(stage) for stage in stages]
        first, more = tables[0], tuple(tables[1:])
        closing = Result(
            (), (), zh=self._marked(NOTE.zh, "（模拟数据）"), en=self._marked(NOTE.en, " (simulated data)")
        )
        return Result(
            first.columns, first.rows, self.document() | dict(extra), title=first.title, more=(*more, closing)
        )

    def document(self) -> dict[str, object]:
        """Return every sort as plain values; a figure that nobody knows is null."""
        return {
            "data": "模拟 / simulated" if self.simulated else "实际 / real",
            "table": about(self.table),
            "bundle": {"name": self.bundle.about.name, "sha256": self.bundle.sha256},
            "few_below": self.few,
            "urging_days": self.window,
            "rows": [self._plain(one) for one in self.found],
        }

    def _plain(self, one: Found) -> Row:
        sort, words = one.sort, self._words(one)
        return {
            "stage": str(sort.stage),
            "conflict": bool(sort.id) and sort.wanted is not None,
            "id": sort.id or None,
            "zh": words.zh,
            "en": words.en,
            "result": sort.result or None,
            "score_lane": sort.wanted and str(sort.wanted),
            "lane": sort.lane and str(sort.lane),
            "cases": one.cases,
            "mean_score": _finite(one.mean_score),
            "claimed_yuan": round(one.claimed, 2),
            "outcomes": {name: self._plain_rate(rate) for name, rate in one.outcomes.items()},
        }

    def _plain_rate(self, rate: Rate) -> Row:
        value, lower, upper = (_finite(figure) for figure in (rate.value, rate.lower, rate.upper))
        return {"n": rate.n, "rate": value, "lower": lower, "upper": upper, "few": rate.n < self.few}

    def _table(self, stage: Stage) -> Result:
        columns = (
            Column("id", "规则", "rule"),
            Column("what", "内容", "what it says"),
            Column("result", "情形", "finding"),
            Column("lanes", "分值主张 → 规则结论", "scores want → rule gives"),
            Column("cases", "件数", "cases"),
            Column("score", "平均分值", "mean score"),
            Column("expected", "按分值约可", "expected by scores"),
            *(Column(name, *OUTCOME_TEXT[name]) for name in ASKED[stage]),
        )
        rows = [self._row(one) for one in self.found if one.sort.stage is stage]
        words = STAGE_TEXT[stage]
        title = (
            self._marked(f"规则与分值不一致：{words.zh}", "（模拟）"),
            self._marked(f"rules against scores: {words.en}", " (simulated)"),
        )
        return Result(columns, rows, title=title)

    def _row(self, one: Found) -> Row:
        sort = one.sort
        score = one.mean_score
        return {
            "id": sort.id or "—",
            "what": self._say(*self._words(one)),
            "result": self._say(*STATES[sort.result]) if sort.result else "—",
            "lanes": self._lanes(one),
            "cases": f"{one.cases:,}",
            "score": "—" if math.isnan(score) else f"{score:.2f}",
            "expected": "—" if math.isnan(score) else f"{round(score * one.cases):,}",
            **{name: self._rate(rate) for name, rate in one.outcomes.items()},
        }

    def _lanes(self, one: Found) -> str:
        names = [self._lane(lane, one.sort.stage) for lane in (one.sort.wanted, one.sort.lane)]
        return f"{names[0]} → {names[1]}" if one.sort.wanted is not None else f"— → {names[1]}"

    def _lane(self, lane: Lane | None, stage: Stage) -> str:
        return self._say(*lane_text(lane, stage))

    def _words(self, one: Found) -> Text:
        """Return what the rule or condition says; for the rest, how it came that no rule stands against the scores."""
        if one.sort.wanted is None:
            rule = self._named(one.sort.id)
            if rule is None:
                return Text("分值不可用", "no usable score")
            return Text(f"{rule.zh}（依法不评分）", f"{rule.en} (never scored)")
        if not one.sort.id:
            return Text("规则与分值一致", "rules and scores agree")
        return self._named(one.sort.id) or Text(one.sort.id, one.sort.id)

    def _named(self, name: str) -> Text | None:
        for rule in reversed(self.table.rules):
            if rule.id == name:
                return Text(rule.zh, rule.en)
            for condition in rule.conditions:
                if condition.id == name:
                    return self.wording.condition(condition)
        return None

    def _rate(self, rate: Rate) -> str:
        if not rate.n:
            return self._say("未知", "unknown")
        few = self._say("，样本少", ", few") if rate.n < self.few else ""
        return f"{rate.value:.0%} [{rate.lower:.0%}, {rate.upper:.0%}] {self._say('共', 'of')} {rate.n:,}{few}"

    def _marked(self, text: str, mark: str) -> str:
        return f"{text}{mark}" if self.simulated else text

    def _say(self, zh: str, en: str) -> str:
        return zh if self.lang is Lang.ZH else en


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None
