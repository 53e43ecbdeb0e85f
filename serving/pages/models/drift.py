"""Do cases still look as they did in training: the stability index of every feature over the newest stored cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from features.feature import Feature
from models.bundle.paper import StagePaper
from models.drift import FEW, Drift
from models.known_change import KnownChange
from serving.control.dossier import StageDrift
from serving.pages.language import Language

CHANGED: Final = 0.1
STRONG: Final = 0.2
MISSING: Final = 0.1
"""From these differences on a feature is listed first; they are those at which watching warns and alarms."""


@dataclass(frozen=True, kw_only=True)
class DriftLine:
    """One feature: its index, its missing values before and now, and what that says."""

    name: str
    psi: str
    missing: str
    verdict: str
    cause: str
    strong: bool


@dataclass(frozen=True, kw_only=True)
class DriftBlock:
    """The block: those that moved, and those that did not; without either the sentence says why."""

    sentence: str
    moved: tuple[DriftLine, ...] = ()
    still: tuple[DriftLine, ...] = ()

    @property
    def still_count(self) -> int:
        """How many features have not moved."""
        return len(self.still)


def drift_of(paper: StagePaper, found: StageDrift | None, *, learned_until: date | None, say: Language) -> DriftBlock:
    """Return the block of a stage; what came after `learned_until` and was known beforehand is named as a cause."""
    if found is None:
        return DriftBlock(sentence=say("未随模型提供。重新训练的模型带有各特征在训练期的分布。"))
    if found.cases < FEW:
        return DriftBlock(
            sentence=say("本模型已评分 {count} 件，不足 {few} 件，不作结论。", count=found.cases, few=FEW)
        )

    def cause(feature: Feature) -> str:
        return _cause(feature, paper.known_changes, since=learned_until, until=found.until, say=say)

    pairs = sorted(zip(paper.features, found.features, strict=True), key=lambda pair: -pair[1].psi)
    moved = [pair for pair in pairs if _moved(pair[1])]
    still = [pair for pair in pairs if not _moved(pair[1])]
    sentence = say(
        "最近 {count} 件（{since} 至 {until}）与训练期相比：{all} 项特征中 {moved} 项有变化。",
        count=found.cases, since=found.since, until=found.until, all=len(pairs), moved=len(moved),
    )  # fmt: skip
    return DriftBlock(
        sentence=sentence,
        moved=tuple(_line(feature, drift, cause(feature), say) for feature, drift in moved),
        still=tuple(_line(feature, drift, "", say) for feature, drift in still),
    )


def _moved(drift: Drift) -> bool:
    return drift.beyond(CHANGED) or drift.missing_beyond(MISSING)


def _line(feature: Feature, drift: Drift, cause: str, say: Language) -> DriftLine:
    return DriftLine(
        name=say.pick(feature.zh, feature.en),
        psi=f"{drift.psi:.2f}",
        missing=f"{drift.missing_reference:.0%} → {drift.missing_now:.0%}",
        verdict=_verdict(drift, say),
        cause=cause,
        strong=drift.beyond(STRONG),
    )


def _cause(feature: Feature, known: Sequence[KnownChange], *, since: date | None, until: str, say: Language) -> str:
    """Return why a feature was bound to move, where that is known; one that reads no field moves with the calendar."""
    if not feature.reads:
        return say("只随日历变化")
    if since is None or not until:
        return ""
    last = date.fromisoformat(until) + timedelta(days=1)
    causes = (one for one in known if one.explains(feature.reads, since=since, until=last))
    return say.apart(f"{one.on} {say.pick(one.zh, one.en)}" for one in causes)


def _verdict(drift: Drift, say: Language) -> str:
    said = []
    if drift.beyond(STRONG):
        said.append(say("变化明显"))
    elif drift.beyond(CHANGED):
        said.append(say("有变化"))
    if drift.missing_beyond(MISSING):
        said.append(say("缺失率变化"))
    return say.listed(said) or say("稳定")
