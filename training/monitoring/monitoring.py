"""Everything that is watched of a model, measured in one pass, and what of it should wake somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from features.known import Array
from features.register import Stage
from models.bundle import Bundle
from models.drift import Drift, drift
from models.rules.table import RuleTable
from models.scores import ReadAt, score_rows
from training.config import Settings
from training.console import Console
from training.evaluation.overrides import Overrides, overrides
from training.history import DecisionLog, History
from training.learning.labels import Outcomes, outcomes
from training.learning.split import day_of
from training.monitoring.categories import NewCategory, new_categories
from training.monitoring.performance import Estimated, Realised, estimated, realised
from training.monitoring.watched import Watched, Window
from training.rule_tools.replay.replaying import Replay
from training.rule_tools.replay.scope import Scope
from training.rule_tools.replay.tally import LANE_NAMES, Tally


@dataclass(frozen=True)
class FeatureDrift:
    """One feature: its name and words, the fields it reads, and how far it has drifted."""

    name: str
    zh: str
    en: str
    fields: tuple[str, ...]
    drift: Drift


@dataclass(frozen=True)
class ScoreWatched:
    """One score: its drift, what it must reach, and what it reached."""

    name: str
    drift: Drift
    estimated: Estimated | None
    realised: tuple[Realised, ...]


@dataclass(frozen=True)
class LaneShares:
    """The proposed lanes before and now: counts by lane."""

    reference: Mapping[str, int]
    now: Mapping[str, int]

    def share(self, lane: str, *, now: bool) -> float:
        """Return a lane's share; NaN without cases."""
        counts = self.now if now else self.reference
        total = sum(counts.values())
        return counts.get(lane, 0) / total if total else float("nan")


@dataclass(frozen=True)
class StageWatched:
    """Everything watched at one stage; `abstained` are the shares of cases without a score, before and now."""

    stage: Stage
    n_reference: int
    n_now: int
    features: tuple[FeatureDrift, ...]
    scores: tuple[ScoreWatched, ...]
    new: tuple[NewCategory, ...]
    abstained: tuple[float, float]
    lanes: LaneShares
    overrides: Overrides


@dataclass(frozen=True)
class Monitored:
    """A model watched over a window of days."""

    bundle: Bundle
    window: Window
    stages: tuple[StageWatched, ...]
    simulated: bool


@dataclass(frozen=True)
class Watch:
    """What is watched and with what: bundle, history, rules and settings."""

    bundle: Bundle
    history: History
    rules: RuleTable
    settings: Settings
    window: Window

    def run(self, *, console: Console) -> Monitored:
        """Measure every stage of the bundle."""
        stages = [stage for stage in Stage if stage in self.bundle.stages]
        log = DecisionLog.of(self.history)
        with console.step("监测", "monitoring", total=len(stages)) as advance:
            found = []
            for stage in stages:
                found.append(self._stage(stage, log))
                advance()
        return Monitored(self.bundle, self.window, tuple(found), self.history.simulated)

    def _stage(self, stage: Stage, log: DecisionLog) -> StageWatched:
        threads = self.settings.booster.threads
        watched = Watched.of(self.bundle, self.history, stage, self.window, threads=threads)
        abstained = watched.scores.abstained
        case_now = self._cases(watched, watched.now)
        table = self.history.cases if stage is Stage.A else self.history.queries
        ids = np.arange(self.history.cases.num_rows) if stage is Stage.A else self._query_rows()
        new = new_categories(
            table,
            self.history.register,
            reference=self._cases(watched, watched.reference)[ids],
            now=case_now[ids],
        )
        return StageWatched(
            stage=stage,
            n_reference=int(watched.reference.sum()),
            n_now=int(watched.now.sum()),
            features=tuple(self._features(watched)),
            scores=tuple(self._score(watched, name) for name in self._asked(stage)),
            new=tuple(new),
            abstained=(_share(abstained[watched.calibrated]), _share(abstained[watched.now])),
            lanes=LaneShares(
                self._lanes(stage, self.window.trained.calibrate_from, self.window.trained.test_from),
                self._lanes(stage, self.window.since, self.window.until),
            ),
            overrides=overrides(self.history, log, stage, case_now),
        )

    def _asked(self, stage: Stage) -> list[str]:
        targets = self.settings.targets.get(str(stage), {})
        return [name for name in self.bundle.stages[stage].scores if name in targets]

    def _cases(self, watched: Watched, rows: np.ndarray) -> np.ndarray:
        """Return the cases whose matrix row is marked."""
        place = watched.data.place
        return np.asarray((place >= 0) & rows[np.maximum(place, 0)])

    def _query_rows(self) -> np.ndarray:
        return self.history.rows_of(self.history.queries["case_id"], table="queries")

    def _features(self, watched: Watched) -> Iterator[FeatureDrift]:
        for i, feature in enumerate(watched.data.features):
            column = watched.data.rows[:, i].astype(np.float64)
            found = drift(column[watched.reference], column[watched.now])
            yield FeatureDrift(feature.name, feature.zh, feature.en, feature.reads, found)

    def _score(self, watched: Watched, name: str) -> ScoreWatched:
        settings, stage = self.settings, watched.stage
        target = settings.targets[str(stage)][name]
        shown, usable = watched.scores.columns[name].p, ~watched.scores.abstained
        now = watched.now & usable
        how = {"count": settings.evaluation.resamples, "seed": settings.seed}
        found = drift(shown[watched.calibrated & usable], shown[now])
        if not target.causes:
            return ScoreWatched(name, found, None, ())
        cases = outcomes(self.history, name, stage=stage, target=target, settings=settings.labels)
        cases = cases.where(watched.data.place[cases.row] >= 0)
        days = sorted({target.reading, *(day for day in settings.monitor.days if day <= max(target.readings))})
        later = tuple(self._realised(watched, name, cases, day) for day in days)
        return ScoreWatched(name, found, estimated(shown[now], group=watched.group[now], **how), later)

    def _realised(self, watched: Watched, name: str, cases: Outcomes, day: float) -> Realised:
        """Hold the cases whose `day` days ended in the window against what was predicted of them at the time."""
        ends = cases.start + day
        ripe = (ends >= self.window.since) & (ends < self.window.until + 0.0)
        unseen = cases.entered_at >= self.window.trained.test_from
        place = watched.data.place[cases.row]
        mine = cases.where(ripe & unseen & ~watched.scores.abstained[place])
        chance = self._read(watched, name, mine, day)
        return realised(chance, mine, day=day, count=self.settings.evaluation.resamples, seed=self.settings.seed)

    def _read(self, watched: Watched, name: str, cases: Outcomes, day: float) -> Array:
        place = watched.data.place[cases.row]
        if not len(place):
            return np.empty(0)
        table = score_rows(
            self.bundle.stages[watched.stage],
            watched.data.rows[place],
            watched.data.courts_of(place),
            at=ReadAt(days={name: day}, waited=watched.data.known.waited[place], only={name}),
            threads=self.settings.booster.threads,
        )
        return table.columns[name].p

    def _lanes(self, stage: Stage, since: float, until: float) -> dict[str, int]:
        """Count the lanes that rules and scores together propose to the cases received in these days."""
        scope = Scope(stages=(stage,), since=day_of(since), until=day_of(until))
        replay, tally = Replay(self.rules, self.rules, scope, bundle=self.bundle), Tally()
        for _, parts in replay.parts(self.history.path):
            for part in parts:
                tally.add(part)
        counts = tally.matrix(stage).sum(axis=0)
        return {name: int(counts[i]) for i, name in enumerate(LANE_NAMES) if counts[i]}


def _share(flags: np.ndarray) -> float:
    return float(flags.mean()) if len(flags) else float("nan")
