"""What should wake somebody: each alarm with its place and figure, and what has a known cause beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.drift import FEW, Drift
from models.known_change import KnownChange
from models.rules.rule import Text
from training.config import MonitorSettings
from training.evaluation.showing.words import SCORES
from training.learning.split import day_of
from training.monitoring.monitoring import Monitored, ScoreWatched, StageWatched
from training.monitoring.performance import Realised
from training.monitoring.watched import Window

CALENDAR = Text("只随日历变化", "moves with the calendar alone")


class Level(StrEnum):
    """How much a finding matters: an alarm ends the command with 1, the others are told."""

    ALARM = "alarm"
    WARNING = "warning"
    KNOWN = "known"


@dataclass(frozen=True)
class Alarm:
    """One finding: what kind, where, in words, and the cause where it is known."""

    level: Level
    kind: str
    place: str
    words: Text
    cause: Text | None = None


def alarms(found: Monitored, settings: MonitorSettings) -> list[Alarm]:
    """Return every finding, alarms first."""
    raised = [one for stage in found.stages for one in _of_stage(stage, found.window, settings)]
    return sorted(raised, key=lambda one: list(Level).index(one.level))


def _of_stage(stage: StageWatched, window: Window, settings: MonitorSettings) -> Iterator[Alarm]:
    yield from _features(stage, window, settings)
    yield from _new(stage, window, settings)
    for score in stage.scores:
        yield from _score(stage, score, settings)
    yield from _shares(stage, settings)
    yield from _people(stage, settings)


def _features(stage: StageWatched, window: Window, settings: MonitorSettings) -> Iterator[Alarm]:
    for one in stage.features:
        cause = _cause(one.fields, window, settings.known)
        place = f"{stage.stage}.{one.name}"
        level = _level(one.drift, settings)
        if level is not None:
            psi = f"PSI {one.drift.psi:.2f}（{one.drift.n_now:,} 件）"
            words = Text(f"{one.zh} {psi}", f"{one.en} PSI {one.drift.psi:.2f} ({one.drift.n_now:,} cases)")
            yield _known(Alarm(level, "feature_drift", place, words), cause)
        if one.drift.missing_beyond(settings.missing_gap):
            was, now = f"{one.drift.missing_reference:.0%}", f"{one.drift.missing_now:.0%}"
            words = Text(f"{one.zh} 缺失率 {was} → {now}", f"{one.en} missing: {was} → {now}")
            yield _known(Alarm(Level.ALARM, "missing", place, words), cause)


def _new(stage: StageWatched, window: Window, settings: MonitorSettings) -> Iterator[Alarm]:
    for one in stage.new:
        level = Level.ALARM if one.share >= settings.new_share and stage.n_now >= FEW else Level.WARNING
        words = Text(
            f"{one.zh} 出现新取值 {one.code}：{one.n:,} 件（{one.share:.1%}）",
            f"{one.field} has a new code {one.code}: {one.n:,} cases ({one.share:.1%})",
        )
        cause = _cause((one.field,), window, settings.known)
        yield _known(Alarm(level, "new_category", f"{stage.stage}.{one.field}", words), cause)


def _score(stage: StageWatched, score: ScoreWatched, settings: MonitorSettings) -> Iterator[Alarm]:
    place, name = f"{stage.stage}.{score.name}", SCORES[score.name]
    level = _level(score.drift, settings)
    if level is not None:
        psi = f"PSI {score.drift.psi:.2f}"
        yield Alarm(level, "score_drift", place, Text(f"{name.zh} 分布 {psi}", f"{name.en} scores {psi}"))
    for later in score.realised:
        yield from _realised(place, Text(name.zh, name.en), later, settings)


def _realised(place: str, name: Text, later: Realised, settings: MonitorSettings) -> Iterator[Alarm]:
    if later.observed.n < FEW:
        return
    if later.outside() and abs(later.off_by()) >= settings.rate_gap:
        said = f"{later.predicted:.1%}", f"{later.observed.value:.1%}"
        zh = f"{name.zh} {later.day:g} 日：预测 {said[0]}，实际 {said[1]}（{later.observed.n:,} 件）"
        en = f"{name.en} at day {later.day:g}: {said[0]} predicted, {said[1]} observed ({later.observed.n:,} cases)"
        yield Alarm(Level.ALARM, "calibration", place, Text(zh, en))
    auc = later.measures["auc"]
    if auc.upper < settings.auc_at_least:
        zh = f"{name.zh} {later.day:g} 日：区分度 {auc.value:.2f}，应 ≥ {settings.auc_at_least:g}"
        en = f"{name.en} at day {later.day:g}: AUC {auc.value:.2f}, asked {settings.auc_at_least:g}"
        yield Alarm(Level.ALARM, "ranking", place, Text(zh, en))


def _shares(stage: StageWatched, settings: MonitorSettings) -> Iterator[Alarm]:
    if min(stage.n_now, stage.n_reference) < FEW:
        return
    was, now = stage.abstained
    if now - was >= settings.abstained_gap:
        words = Text(f"暂不评分的比例 {was:.0%} → {now:.0%}", f"cases without a score {was:.0%} → {now:.0%}")
        yield Alarm(Level.ALARM, "abstained", str(stage.stage), words)
    for lane in sorted({*stage.lanes.reference, *stage.lanes.now}):
        was, now = (stage.lanes.share(lane, now=side) for side in (False, True))
        if abs(now - was) >= settings.lane_gap:
            words = Text(f"分流 {lane} 的占比 {was:.0%} → {now:.0%}", f"share of lane {lane} {was:.0%} → {now:.0%}")
            yield Alarm(Level.ALARM, "lane_share", f"{stage.stage}.{lane}", words)


def _people(stage: StageWatched, settings: MonitorSettings) -> Iterator[Alarm]:
    found = stage.overrides
    if found.decided >= FEW and found.rate >= settings.override_rate:
        zh = f"法官改变建议 {found.rate:.0%}（{found.differing:,}/{found.decided:,} 件）"
        en = f"people decided otherwise in {found.rate:.0%} ({found.differing:,} of {found.decided:,})"
        yield Alarm(Level.ALARM, "overrides", str(stage.stage), Text(zh, en))


def _level(found: Drift, settings: MonitorSettings) -> Level | None:
    if found.beyond(settings.psi_alarm):
        return Level.ALARM
    return Level.WARNING if found.beyond(settings.psi_warn) else None


def _cause(fields: Sequence[str], window: Window, known: Sequence[KnownChange]) -> Text | None:
    """Return the known change that lies between reference and window and touches one of the fields.

    What reads no field moves with the calendar: a window of three months never holds twelve.
    """
    if not fields:
        return CALENDAR
    since, until = day_of(window.trained.test_from), day_of(window.until)
    for one in known:
        if one.explains(fields, since=since, until=until):
            return Text(f"{one.on} {one.zh}", f"{one.on} {one.en}")
    return None


def _known(raised: Alarm, cause: Text | None) -> Alarm:
    return raised if cause is None else Alarm(Level.KNOWN, raised.kind, raised.place, raised.words, cause)
