"""Watching on the way out: alarms first, then drift, performance, lanes and overrides as tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from features.register import Stage
from models.drift import Drift
from models.lanes import LANES, lane_text
from models.lifecycle import OVERRIDE_TEXT, OverrideReason
from models.rules.rule import Text
from training.console import Column, Lang, Result
from training.evaluation.measures import Estimate
from training.evaluation.overrides import UNTOLD
from training.evaluation.showing.words import SCORES
from training.monitoring.alarms import Alarm, Level
from training.monitoring.monitoring import Monitored, ScoreWatched, StageWatched
from training.monitoring.performance import Realised

Row = dict[str, object]
LEVELS: Mapping[Level, Text] = {
    Level.ALARM: Text("警报", "alarm"),
    Level.WARNING: Text("留意", "warning"),
    Level.KNOWN: Text("已知原因", "known cause"),
}
FEW_TEXT = Text("样本少", "too few cases")
MOST_SHOWN = 15
"""Features shown to people, those that drifted most; programs get all of them."""


@dataclass(frozen=True)
class MonitorResults:
    """A watched model as tables for people and a document for programs."""

    found: Monitored
    alarms: Sequence[Alarm]
    lang: Lang

    def result(self, extra: Mapping[str, object]) -> Result:
        """Return everything that is shown; `extra` joins the document."""
        columns = (
            Column("level", "级别", "level"), Column("place", "位置", "place"), Column("what", "发现", "finding"),
            Column("cause", "已知原因", "known cause"),
        )  # fmt: skip
        rows: list[Row] = [
            {
                "level": self._say(*LEVELS[one.level]), "place": one.place, "what": self._say(*one.words),
                "cause": None if one.cause is None else self._say(*one.cause),
            }
            for one in self.alarms
        ]  # fmt: skip
        more = (self._performance(), self._drift(), self._lanes(), self._overrides())
        zh, en = self._closing()
        return Result(
            columns if rows else (), rows, self.document() | dict(extra), zh, en, self._title(),
            tuple(one for one in more if one.rows),
        )  # fmt: skip

    def document(self) -> dict[str, object]:
        """Return every figure as plain values; what cannot be worked out is null."""
        found = self.found
        document = {
            "data": "模拟 / simulated" if found.simulated else "实际 / real",
            "bundle": found.bundle.about.name,
            "bundle_sha256": found.bundle.sha256,
            "window": found.window.dates(),
            "status": "alarm" if any(one.level is Level.ALARM for one in self.alarms) else "ok",
            "alarms": [_alarm(one) for one in self.alarms],
            "stages": {str(stage.stage): _stage(stage) for stage in found.stages},
        }
        return {key: _finite(value) for key, value in document.items()}

    def _performance(self) -> Result:
        columns = (
            Column("score", "分数", "score"), Column("day", "日", "day"), Column("n", "案件", "cases"),
            Column("censored", "其中未满观察期", "censored"), Column("predicted", "预测", "predicted"),
            Column("observed", "实际", "observed"), Column("auc", "区分度", "AUC"),
            Column("brier", "Brier 分", "Brier"),
        )  # fmt: skip
        rows = [row for stage in self.found.stages for score in stage.scores for row in self._later(stage, score)]
        zh = "预计：结果未出之前，按分值如实推算；实际：观察期在所看日期内届满的案件，未满观察期的另列"
        en = "estimated: what honest chances must reach; by day: cases whose time ended in the window, censored apart"
        return Result(columns, rows, {}, zh, en, ("表现", "performance"))

    def _later(self, stage: StageWatched, score: ScoreWatched) -> Iterator[Row]:
        name = f"{stage.stage} {self._say(SCORES[score.name].zh, SCORES[score.name].en)}"
        if score.estimated is not None:
            measures = {key: _interval(one) for key, one in score.estimated.measures.items()}
            yield {
                "score": name, "day": self._say("预计", "estimated"), "n": f"{score.estimated.n:,}",
                "predicted": _percent(score.estimated.mean), **measures,
            }  # fmt: skip
        for later in score.realised:
            yield {
                "score": name, "day": f"{later.day:g}", "n": f"{later.n:,}", "censored": f"{later.censored:,}",
                "predicted": _percent(later.predicted), "observed": self._observed(later),
                **{key: _interval(one) for key, one in later.measures.items()},
            }  # fmt: skip

    def _observed(self, later: Realised) -> str | None:
        if not later.observed.n:
            return None
        rate = later.observed
        return f"{rate.value:.1%} [{rate.lower:.1%}, {rate.upper:.1%}]"

    def _drift(self) -> Result:
        columns = (
            Column("what", "特征或分数", "feature or score"), Column("psi", "PSI", "PSI"),
            Column("noise", "偶然界限", "noise"), Column("n", "案件（对照/现在）", "cases (then/now)"),
            Column("missing", "缺失率", "missing"),
        )  # fmt: skip
        rows = [row for stage in self.found.stages for row in self._drifted(stage)]
        zh = f"各阶段偏移最大的 {MOST_SHOWN} 项；PSI 不超过偶然界限的，说明不了变化"
        en = f"the {MOST_SHOWN} that drifted most at each stage; a PSI within the noise tells of no change"
        return Result(columns, rows, {}, zh, en, ("分布偏移", "drift"))

    def _drifted(self, stage: StageWatched) -> Iterator[Row]:
        scores = [(f"{stage.stage} {self._say(SCORES[s.name].zh, SCORES[s.name].en)}", s.drift) for s in stage.scores]
        most = sorted(stage.features, key=lambda one: -one.drift.psi)[:MOST_SHOWN]
        features = [(f"{stage.stage} {self._say(one.zh, one.en)}", one.drift) for one in most]
        for name, found in (*scores, *features):
            yield {
                "what": name,
                "psi": self._say(*FEW_TEXT) if found.few else f"{found.psi:.3f}",
                "noise": f"{found.noise:.3f}",
                "n": f"{found.n_reference:,}/{found.n_now:,}",
                "missing": f"{found.missing_reference:.1%} → {found.missing_now:.1%}",
            }

    def _lanes(self) -> Result:
        columns = (
            Column("stage", "阶段", "stage"), Column("lane", "分流", "lane"), Column("before", "对照", "reference"),
            Column("now", "现在", "now"), Column("n", "件数", "cases"),
        )  # fmt: skip
        rows = [row for stage in self.found.stages for row in self._shares(stage)]
        return Result(columns, rows, {}, title=("建议的分流", "proposed lanes"))

    def _shares(self, stage: StageWatched) -> Iterator[Row]:
        for name in sorted({*stage.lanes.reference, *stage.lanes.now}):
            shares = [_percent(stage.lanes.share(name, now=side)) for side in (False, True)]
            lane, n = self._lane(name, stage.stage), f"{stage.lanes.now.get(name, 0):,}"
            yield {"stage": str(stage.stage), "lane": lane, "before": shares[0], "now": shares[1], "n": n}
        was, now = (_percent(share) for share in stage.abstained)
        lane = self._say("（暂不评分）", "(no score)")
        yield {"stage": str(stage.stage), "lane": lane, "before": was, "now": now, "n": None}

    def _overrides(self) -> Result:
        columns = (
            Column("stage", "阶段", "stage"), Column("reason", "理由", "reason"), Column("n", "件数", "cases"),
            Column("share", "占已决定", "of decided"),
        )  # fmt: skip
        rows = [
            {
                "stage": str(stage.stage), "reason": self._reason(reason), "n": f"{n:,}",
                "share": _percent(n / stage.overrides.decided),
            }
            for stage in self.found.stages
            for reason, n in stage.overrides.by_reason.items()
        ]  # fmt: skip
        decided = sum(stage.overrides.decided for stage in self.found.stages)
        zh, en = f"已由人决定 {decided:,} 件", f"{decided:,} decided by people"
        return Result(columns, rows, {}, zh, en, ("改变建议的决定", "decisions that differ from the proposal"))

    def _reason(self, code: str) -> str:
        if code in set(OverrideReason):
            return self._say(*OVERRIDE_TEXT[OverrideReason(code)])
        return self._say("未写明", "not told") if code == UNTOLD else code

    def _lane(self, name: str, stage: Stage) -> str:
        return self._say(*lane_text(next((lane for lane in LANES if str(lane) == name), None), stage))

    def _title(self) -> tuple[str, str]:
        name, days = self.found.bundle.about.name, self.found.window.dates()
        marks = ("（模拟）", " (simulated)") if self.found.simulated else ("", "")
        zh = f"监测 {name}：{days['since']} 起，至 {days['until']}（不含）{marks[0]}"
        return zh, f"{name} watched from {days['since']} until {days['until']} (excluded){marks[1]}"

    def _closing(self) -> tuple[str, str]:
        counts = {level: sum(one.level is level for one in self.alarms) for level in Level}
        zh = f"警报 {counts[Level.ALARM]} 项，留意 {counts[Level.WARNING]} 项，已知原因 {counts[Level.KNOWN]} 项"
        en = f"{counts[Level.ALARM]} alarms, {counts[Level.WARNING]} warnings, {counts[Level.KNOWN]} of known cause"
        return zh, en

    def _say(self, zh: str, en: str) -> str:
        return self.lang.say(zh, en)


def _stage(stage: StageWatched) -> dict[str, object]:
    return {
        "reference": stage.n_reference,
        "now": stage.n_now,
        "features": {one.name: _drift(one.drift) for one in stage.features},
        "scores": {one.name: _score(one) for one in stage.scores},
        "new_categories": [asdict(one) for one in stage.new],
        "abstained": {"reference": stage.abstained[0], "now": stage.abstained[1]},
        "lanes": {"reference": dict(stage.lanes.reference), "now": dict(stage.lanes.now)},
        "overrides": {
            "decided": stage.overrides.decided,
            "differing": stage.overrides.differing,
            "by_reason": dict(stage.overrides.by_reason),
            "moves": [{"proposed": a, "chosen": b, "cases": n} for (a, b), n in stage.overrides.moves.items()],
            "by_court": {court: {"decided": n, "differing": m} for court, (n, m) in stage.overrides.by_court.items()},
        },
    }


def _drift(found: Drift) -> dict[str, object]:
    return asdict(found) | {"few": found.few}


def _score(one: ScoreWatched) -> dict[str, object]:
    return {
        "drift": _drift(one.drift),
        "estimated": None if one.estimated is None else asdict(one.estimated),
        "realised": [asdict(later) for later in one.realised],
    }


def _alarm(one: Alarm) -> dict[str, object]:
    return {
        "level": str(one.level), "kind": one.kind, "place": one.place, "zh": one.words.zh, "en": one.words.en,
        "cause": None if one.cause is None else {"zh": one.cause.zh, "en": one.cause.en},
    }  # fmt: skip


def _finite(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _interval(one: Estimate) -> str | None:
    return None if math.isnan(one.value) else f"{one.value:.3f} [{one.lower:.3f}, {one.upper:.3f}]"


def _percent(share: float) -> str | None:
    return None if math.isnan(share) else f"{share:.1%}"
