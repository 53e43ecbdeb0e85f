"""A comparison on the way out: measures side by side with a verdict in words, courts that differ, lanes that change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from features.register import Stage
from models.card import VERDICTS
from models.lanes import LANES, lane_text
from models.rules.rule import Text
from training.comparing.comparison import Comparison, ScoreCompared
from training.comparing.lane_changes import LaneChanges
from training.comparing.paired import Paired, Verdict
from training.console import Column, Lang, Result
from training.evaluation.measures import MEASURES
from training.evaluation.showing.words import SCORES
from training.rule_tools.replay.changed_cases import STAGE_TEXT
from training.rule_tools.replay.tally import LANE_NAMES

Row = dict[str, object]


@dataclass(frozen=True)
class ComparisonResults:
    """A comparison with its changed lanes, as tables for people and a document for programs."""

    comparison: Comparison
    lanes: LaneChanges
    lang: Lang
    simulated: bool

    def result(self, extra: Mapping[str, object]) -> Result:
        """Return everything that is shown; `extra` joins the document."""
        columns = (
            Column("score", "分数", "score"), Column("measure", "指标", "measure"), Column("n", "案件", "cases"),
            Column("old", "现用", "old"), Column("new", "候选", "new"), Column("difference", "差值", "difference"),
            Column("interval", "95% 区间", "95 % interval"), Column("verdict", "结论", "verdict"),
        )  # fmt: skip
        rows = [row for one in self.comparison.scores for row in self._rows(one)]
        zh, en = self._closing()
        old, new = (one.about.name for one in (self.comparison.old, self.comparison.new))
        marked = ("（模拟）", " (simulated)") if self.simulated else ("", "")
        title = (f"{old}（现用）与 {new}（候选）{marked[0]}", f"{old} (old) and {new} (new){marked[1]}")
        more = tuple(one for one in (self._courts(), self._moves()) if one.rows)
        return Result(columns, rows, self.document() | dict(extra), zh, en, title, more)

    def document(self) -> dict[str, object]:
        """Return every figure as plain values."""
        found = self.comparison
        return {
            "data": "模拟 / simulated" if self.simulated else "实际 / real",
            "old": {"bundle": found.old.about.name, "sha256": found.old.sha256},
            "new": {"bundle": found.new.about.name, "sha256": found.new.sha256},
            "scores": {one.label: self._plain(one) for one in found.scores},
            "only_old": list(found.only_old),
            "only_new": list(found.only_new),
            "tolerated": dict(found.tolerated),
            "worse": [f"{one.label} {held.measure}" for one, held in found.worse],
            "better": [f"{one.label} {held.measure}" for one, held in found.better],
            "cases": self.lanes.cases,
            "changed": self.lanes.changed,
            "changed_file": str(self.lanes.list),
            **{f"lanes_{key}": value for key, value in self.lanes.replay.options().items()},
        }

    def failures(self) -> Iterator[Text]:
        """Yield in words each measure in which the new bundle is worse by more than is tolerated."""
        for one, held in self.comparison.worse:
            measure, words = MEASURES[held.measure], SCORES[one.name]
            tolerated = self.comparison.tolerated.get(held.measure, 0.0)
            by = f"{abs(held.difference.value):.3f}"
            zh = f"{one.stage} {words.zh}：{measure.zh} 变差 {by}"
            en = f"{one.stage} {words.en}: {measure.en} worse by {by}"
            beyond = (f"，超过 {tolerated:.3f}", f", beyond {tolerated:.3f}") if tolerated else ("", "")
            yield Text(zh + beyond[0], en + beyond[1])

    def _rows(self, one: ScoreCompared) -> Iterator[Row]:
        for held in one.measures:
            measure = MEASURES[held.measure]
            yield {
                "score": self._score(one),
                "measure": self._say(measure.zh, measure.en),
                "n": f"{one.n:,}",
                **_figures(held),
                "verdict": self._say(*VERDICTS[held.verdict]),
            }

    def _courts(self) -> Result:
        """Return the courts whose cases tell the two apart, and say how many others there are."""
        columns = (
            Column("score", "分数", "score"), Column("court", "法院", "court"), Column("measure", "指标", "measure"),
            Column("n", "案件", "cases"), Column("old", "现用", "old"), Column("new", "候选", "new"),
            Column("difference", "差值", "difference"), Column("interval", "95% 区间", "95 % interval"),
            Column("verdict", "结论", "verdict"),
        )  # fmt: skip
        told = [
            (one, part, part.paired)
            for one in self.comparison.scores
            for part in one.courts
            if part.paired is not None and part.paired.verdict is not Verdict.SAME
        ]
        rows: list[Row] = [
            {
                "score": self._score(one), "court": part.court, "n": f"{part.n:,}",
                "measure": self._say(MEASURES[held.measure].zh, MEASURES[held.measure].en), **_figures(held),
                "verdict": self._say(*VERDICTS[held.verdict]),
            }
            for one, part, held in told
        ]  # fmt: skip
        few = len({part.court for one in self.comparison.scores for part in one.courts if part.paired is None})
        zh = f"其余法院无法区分；{few} 个法院样本少" if few else "其余法院无法区分"
        en = f"no other court tells them apart; {few} have too few cases" if few else "no other court tells them apart"
        return Result(columns, rows, {}, zh, en, ("按法院", "by court"))

    def _moves(self) -> Result:
        columns = (
            Column("stage", "阶段", "stage"), Column("old", "现用", "old"), Column("new", "候选", "new"),
            Column("cases", "件数", "cases"), Column("share", "占全部", "of all"),
        )  # fmt: skip
        rows = [row for stage in Stage for row in self._moved(stage)]
        return Result(columns, rows, {}, title=("分流改变", "changed lanes"))

    def _moved(self, stage: Stage) -> list[Row]:
        matrix, total = self.lanes.tally.matrix(stage), self.lanes.tally.cases(stage)
        found = [
            (int(matrix[i, j]), old, new)
            for i, old in enumerate(LANE_NAMES)
            for j, new in enumerate(LANE_NAMES)
            if i != j and matrix[i, j]
        ]
        return [
            {
                "stage": self._say(*STAGE_TEXT[stage]), "old": self._lane(old, stage), "new": self._lane(new, stage),
                "cases": f"{n:,}", "share": f"{n / total:.1%}",
            }
            for n, old, new in sorted(found, reverse=True)
        ]  # fmt: skip

    def _lane(self, name: str, stage: Stage) -> str:
        lane = next((lane for lane in LANES if str(lane) == name), None)
        return self._say(*lane_text(lane, stage))

    def _closing(self) -> tuple[str, str]:
        lanes = self.lanes
        share = lanes.changed / lanes.cases if lanes.cases else 0.0
        zh = f"分流改变 {lanes.changed:,} 件（{share:.1%}，共 {lanes.cases:,} 件）→ {lanes.list}"
        return zh, f"{lanes.changed:,} of {lanes.cases:,} cases ({share:.1%}) change their lane → {lanes.list}"

    def _plain(self, one: ScoreCompared) -> dict[str, object]:
        return {
            "day": one.day,
            "cases": one.n,
            "twins_left_out": one.twins,
            "measures": {held.measure: _document(held) for held in one.measures},
            "courts": [
                {"court": part.court, "cases": part.n, "few": part.paired is None, **(_document(part.paired) or {})}
                for part in one.courts
            ],
        }

    def _score(self, one: ScoreCompared) -> str:
        return f"{one.stage} {self._say(SCORES[one.name].zh, SCORES[one.name].en)}"

    def _say(self, zh: str, en: str) -> str:
        return self.lang.say(zh, en)


def _figures(held: Paired) -> Row:
    lower, upper = held.difference.lower, held.difference.upper
    return {
        "old": f"{held.old:.3f}",
        "new": f"{held.new:.3f}",
        "difference": f"{held.difference.value:+.3f}",
        "interval": f"[{lower:+.3f}, {upper:+.3f}]",
    }


def _document(held: Paired | None) -> dict[str, object]:
    if held is None:
        return {}
    return {
        "measure": held.measure, "old": held.old, "new": held.new, "difference": asdict(held.difference),
        "verdict": str(held.verdict),
    }  # fmt: skip
