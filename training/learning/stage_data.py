"""One stage of a history, made ready: the matrix of all its cases, and who learns, calibrates and tests each score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.catalogue import catalogue
from features.feature import Feature
from features.known import Array, Known
from features.matrix import matrix
from features.register import Stage
from models.estimators.calibration import Courts
from training.config import Settings, TargetSettings
from training.errors import CommandError
from training.history import History
from training.learning.labels import Outcomes, outcomes
from training.learning.split import Periods, enough, never_asked, of_both, periods, recorded_late, split

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StageData:
    """What was known of every case of a stage at its own moment, as rows that models read.

    `place` gives the matrix row of each case row, -1 where the case never
    reached the stage; `court` holds a code for each matrix row.
    """

    stage: Stage
    features: tuple[Feature, ...]
    known: Known
    rows: npt.NDArray[np.float32]
    place: Rows
    court: npt.NDArray[np.str_]
    claim: Array
    family: Array

    def rows_of(self, cases: Outcomes) -> npt.NDArray[np.float32]:
        """Return the matrix rows of some cases."""
        return self.rows[self.place[cases.row]]

    def waited_of(self, cases: Outcomes) -> Array:
        """Return the days that some cases had waited since filing when they were looked at."""
        return self.known.waited[self.place[cases.row]]

    def courts_of(self, place: Rows) -> Courts:
        """Return the courts of some matrix rows."""
        return Courts.of(self.court[place].tolist())

    @classmethod
    def of(cls, history: History, stage: Stage, features: Sequence[Feature] | None = None) -> StageData:
        """Read, cut and compute; every score of the stage shares the result. Without `features` all are computed."""
        known, columns, case_rows = history.known(stage)
        features = catalogue(stage, history.extensions) if features is None else tuple(features)
        place = np.full(history.cases.num_rows, -1, dtype=np.int64)
        place[case_rows] = np.arange(len(case_rows))
        return cls(
            stage=stage,
            features=features,
            known=known,
            rows=matrix(known, features),
            place=place,
            court=history.courts[case_rows].astype(str),
            claim=_numbers(columns.get("claim_amount"), len(case_rows)),
            family=_numbers(columns.get("cause_code.family"), len(case_rows)),
        )


@dataclass(frozen=True)
class ScoreData:
    """The cases of one score in their three periods, each labelled as it could be when its period was over.

    Training labels are what was known the day calibration began, calibration
    labels what was known the day the test began: nothing of a later period
    reaches an earlier one. `settled` marks the training cases that entered a
    whole horizon before calibration; hazards learn from the others too, as
    censored, while a yes or no learned from them would be biased. `late` came
    after `calibrate`, less than a horizon before the test: what is known of them
    by then calibrates chances, too, weighed for what is not. A share has no such
    cases. `known` are all cases before the test, as far as anything was known of
    them on the day it began, which is `until`. `met_before` are cases of the test
    period whose debtor or batch had a case before it: no independent test, but
    what a court meets every day.
    """

    name: str
    target: TargetSettings
    train: Outcomes
    calibrate: Outcomes
    test: Outcomes
    dropped: int
    settled: npt.NDArray[np.bool_]
    late: Outcomes
    known: Outcomes
    until: float
    met_before: Outcomes

    @property
    def sizes(self) -> dict[str, int]:
        """Return the number of cases of each period."""
        return {"train": len(self.train), "calibrate": len(self.calibrate), "test": len(self.test)}

    @property
    def calibrating(self) -> Outcomes:
        """Return all cases that calibrate: those followed to the horizon and, for chances, the late ones."""
        return self.calibrate.beside(self.late)


def features_of(history: History, stage: Stage, settings: Settings) -> tuple[Feature, ...]:
    """Return the features of a stage, less those that the settings exclude.

    Raises
    ------
    CommandError
        CONFIG: an excluded name is no feature, reason code or field of a feature, or nothing is left.
    """
    excluded = set(settings.features.exclude)
    named = {name for feature in catalogue(Stage.B, history.extensions) for name in _handles(feature)}
    if unknown := sorted(excluded - named):
        zh, en = "应为特征名、理由代码或字段", "takes features, reason codes or fields"
        raise CommandError("CONFIG", f"features.exclude {zh}，收到 {unknown}", f"features.exclude {en}, got {unknown}")
    left = tuple(f for f in catalogue(stage, history.extensions) if not _handles(f) & excluded)
    if not left:
        zh = f"features.exclude 排除了阶段 {stage} 的全部特征"
        raise CommandError("CONFIG", zh, f"features.exclude leaves no feature of stage {stage}")
    return left


def _handles(feature: Feature) -> set[str]:
    """Return the names by which a feature can be excluded."""
    return {feature.name, feature.code, *feature.reads}


def find_periods(history: History, settings: Settings) -> Periods:
    """Return one set of periods for all scores, from cases whose follow-up covers the longest reading.

    Raises
    ------
    CommandError
        LABELS_NOT_RIPE: there are cases enough, of_both, but too few were followed that long.
    """
    horizon = max(target.horizon for targets in settings.targets.values() for target in targets.values())
    end = history.observed_until - settings.labels.recording_lag_days
    followed = history.received_at + horizon <= end
    n, ripe = len(followed), int(followed.sum())
    if ripe < settings.min_cases <= n:
        zh = f"{n} 件案件中只有 {ripe} 件已观察满 {horizon:g} 天（最长的读数日），至少需要 {settings.min_cases} 件"
        en = (
            f"of {n} cases {ripe} were followed for {horizon:g} days (the longest reading), {settings.min_cases} needed"
        )
        raise CommandError("LABELS_NOT_RIPE", zh, en)
    return periods(history.received_at[followed], settings.split)


def score_data(history: History, name: str, *, data: StageData, at: Periods, settings: Settings) -> ScoreData:
    """Label and split the cases of one score.

    Raises
    ------
    CommandError
        TOO_FEW_CASES in some period, ONE_SIDED_OUTCOMES where nearly all cases that teach ended alike.
    """
    target = settings.targets[data.stage][name]
    found = {
        period: _labelled(history, name, data=data, settings=settings, until=until)
        for period, until in (("train", at.calibrate_from), ("calibrate", at.test_from), ("test", None))
    }
    # The three labellings hold the same cases at different moments: places in the last one decide who belongs where.
    whole = found["test"]
    parts = split(
        whole.entered_at, whole.group, at=at, gap=target.horizon, train_gap=0.0 if target.causes else target.horizon
    )
    train = _of(found["train"], whole.row[parts.train])
    calibrate = _of(found["calibrate"], whole.row[parts.calibrate])
    ready = ScoreData(
        name=name,
        target=target,
        train=train,
        calibrate=calibrate.where(calibrate.followed >= target.horizon),
        test=whole.where(parts.test),
        dropped=parts.dropped,
        settled=train.entered_at < at.calibrate_from - target.horizon,
        late=_of(found["calibrate"], whole.row[parts.late[: len(parts.late) if target.causes else 0]]),
        known=_of(found["calibrate"], whole.row[whole.entered_at < at.test_from]),
        until=at.test_from,
        met_before=whole.where(parts.met_before),
    )
    why = recorded_late(history.log, at) if len(whole) else never_asked(history.log, population=target.population)
    enough(f"{data.stage}.{name}", ready.sizes, least=settings.min_cases, why=why)
    ended = train.cause == 1 if target.causes else train.share > 0
    of_both(f"{data.stage}.{name}", int(ended.sum()), len(train))
    return ready


def _labelled(history: History, name: str, *, data: StageData, settings: Settings, until: float | None) -> Outcomes:
    """Return the outcomes of the cases that reached the stage."""
    target = settings.targets[data.stage][name]
    all_cases = outcomes(history, name, stage=data.stage, target=target, settings=settings.labels, until=until)
    return all_cases.where(data.place[all_cases.row] >= 0)


def _of(found: Outcomes, case_rows: Rows) -> Outcomes:
    return found.where(np.isin(found.row, case_rows))


def _numbers(column: npt.NDArray[np.generic] | None, n: int) -> Array:
    return np.full(n, np.nan) if column is None else column.astype(np.float64)
