"""The cases that are watched, and the ones they are held against: what the model learned from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from features.register import Stage
from models.bundle import Bundle
from models.scores import ScoreTable, score
from training.config import Settings
from training.errors import CommandError
from training.evaluation.evaluate import periods_of
from training.history import History
from training.learning.groups import groups
from training.learning.split import Periods, day_of, number_of
from training.learning.stage_data import StageData

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Window:
    """The watched days, in days since 1970 (`until` excluded), and the periods that the model was trained by."""

    since: float
    until: float
    trained: Periods

    @classmethod
    def of(cls, bundle: Bundle, history: History, settings: Settings, *, since: date | None) -> Window:
        """Return the days since the asked one, else the last ones before the newest case.

        Raises
        ------
        CommandError
            TOO_FEW_CASES: no case was received since then, or all were seen in training.
        """
        until = float(np.floor(np.nanmax(history.received_at))) + 1.0
        asked = until - settings.monitor.window_days if since is None else number_of(since)
        trained = periods_of(bundle)
        first = max(asked, trained.test_from)
        if first >= until:
            zh = f"{day_of(asked)} 以后没有模型未学过的案件（最新收到日 {day_of(until - 1)}）"
            en = f"no case unseen in training was received since {day_of(asked)} (newest {day_of(until - 1)})"
            raise CommandError("TOO_FEW_CASES", zh, en)
        return cls(first, until, trained)

    def dates(self) -> dict[str, str]:
        """Return the days as dates."""
        return {
            "since": day_of(self.since).isoformat(),
            "until": day_of(self.until).isoformat(),
            "reference_until": day_of(self.trained.test_from).isoformat(),
        }


@dataclass(frozen=True)
class Watched:
    """One stage: its data, the rows of now, the reference, and the reference for scores, which no booster has seen.

    `group` is the debtor or batch of each row; `scores` those of all rows.
    """

    stage: Stage
    data: StageData
    scores: ScoreTable
    group: npt.NDArray[np.int64]
    now: Flags
    reference: Flags
    calibrated: Flags

    @classmethod
    def of(cls, bundle: Bundle, history: History, stage: Stage, window: Window, *, threads: int) -> Watched:
        """Read and score a stage once for everything that is watched.

        Raises
        ------
        CommandError
            TOO_FEW_CASES: the history holds none of the cases that the model learned from.
        """
        data = StageData.of(history, stage, bundle.stages[stage].features)
        at, trained = data.known.as_of, window.trained
        reference = at < trained.test_from
        if not reference.any():
            zh = f"历史数据中没有 {day_of(trained.test_from)} 以前的案件，无从对照"
            en = f"the history holds no case before {day_of(trained.test_from)} to compare with"
            raise CommandError("TOO_FEW_CASES", zh, en)
        rows = np.flatnonzero(data.place >= 0)
        group = np.empty(len(at), dtype=np.int64)
        group[data.place[rows]] = groups(history)[rows]
        return cls(
            stage=stage,
            data=data,
            scores=score(bundle, data.known, data.court.tolist(), threads=threads),
            group=group,
            now=(at >= window.since) & (at < window.until),
            reference=reference,
            calibrated=reference & (at >= trained.calibrate_from),
        )
