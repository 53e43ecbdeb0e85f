"""All models of one stage: what is fitted, calibrated and needed to answer for one set of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from features.feature import Feature
from features.register import Stage
from models.abstention import Ranges
from models.drift import Reference
from models.estimators.boosters import Array, Booster, Rows
from models.estimators.calibration import Calibrator, Courts
from models.estimators.comparable import Comparable
from models.estimators.hazard import HazardModel, days_left
from models.estimators.recovery import RecoveryModel
from models.known_change import KnownChange

OWN = "X"
"""First letter of the codes of a court's own fields, which are worded by the court's own question."""


def reasons_of(features: Sequence[Feature]) -> npt.NDArray[np.intp]:
    """Return the number of the reason to which each feature belongs.

    Features of one code are one reason; a court's own fields share a code
    and are one reason each.
    """
    names = [f"{f.code}/{f.reads[0]}" if f.code.startswith(OWN) else f.code for f in features]
    numbers = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], dtype=np.intp)


@dataclass(frozen=True)
class Reading:
    """A day at which a curve is read, with what later cases say about that reading."""

    day: float
    calibrator: Calibrator
    comparable: Comparable


@dataclass(frozen=True)
class HazardScore:
    """A chance by a day: the hazard model and its calibrated readings, the usual day first.

    With `from_sight` the curve begins where the case is looked at, and the days
    that it has waited since filing are taken off the day of reading. Bundles of
    before begin at filing, however long ago that was. `freed` names the features
    whose declared pull the cases of the court did not bear out.
    """

    model: HazardModel
    readings: tuple[Reading, ...]
    from_sight: bool = True
    freed: tuple[str, ...] = ()

    def left(self, day: float, waited: Array) -> Array:
        """Return on which day of its curve each case is read, `waited` days after filing."""
        return days_left(day, waited) if self.from_sight else np.full(len(waited), day)

    def raw(self, rows: Rows, *, day: float, waited: Array, threads: int = 1) -> Array:
        """Return the chance before calibration that the first cause comes by `day`."""
        hazards = self.model.hazards(rows, threads=threads, upto=day)
        return np.asarray(self.model.ends_at(hazards, self.left(day, waited))[:, 0])

    def nearest(self, day: float | None) -> Reading:
        """Return the reading calibrated nearest to `day`; the usual one for None."""
        if day is None:
            return self.readings[0]
        return min(self.readings, key=lambda reading: abs(reading.day - day))

    @property
    def boosters(self) -> dict[str, Booster]:
        """Return each booster under the cause it stands for."""
        return dict(zip(self.model.causes, self.model.boosters, strict=True))

    def curve(self, rows: Rows, courts: Courts, *, waited: Array, threads: int = 1) -> Array:
        """Return the calibrated chance that the first cause comes by each day of the grid, (n, periods), never falling.

        Beyond the last calibrated day it goes on as the model says of the cases still open then.
        """
        hazards = self.model.hazards(rows, threads=threads)

        def raw(day: float) -> Array:
            return np.asarray(self.model.ends_at(hazards, self.left(day, waited))[:, 0])

        def shown(day: float) -> Array:
            reading = self.nearest(day)
            there = raw(reading.day)
            p = reading.calibrator.apply_at(there, courts)
            later = np.maximum(raw(day) - there, 0.0) / np.maximum(1.0 - there, 1e-12)
            return np.asarray(p + (1.0 - p) * later)

        return np.maximum.accumulate(np.stack([shown(day) for day in self.model.grid], axis=1), axis=1)


@dataclass(frozen=True)
class RecoveryScore:
    """The recovered share at a horizon: its model and its reading, and the features freed of their pull."""

    model: RecoveryModel
    readings: tuple[Reading, ...]
    freed: tuple[str, ...] = ()

    def raw(self, rows: Rows, *, day: float, waited: Array, threads: int = 1) -> Array:  # noqa: ARG002 - as for a chance
        """Return the expected share before calibration; it is learned for its own horizon only."""
        return self.model.share(rows, threads=threads)

    def nearest(self, day: float | None) -> Reading:  # noqa: ARG002 - as for a hazard score
        """Return the one reading: a share is learned for its own horizon only."""
        return self.readings[0]

    @property
    def boosters(self) -> dict[str, Booster]:
        """Return the one booster by name."""
        return {"recovered": self.model.booster}


ScoreModel = HazardScore | RecoveryScore


@dataclass(frozen=True)
class Propensity:
    """How likely people used to urge a case like this; outside `lowest` to `highest` there is nothing to compare."""

    booster: Booster
    lowest: float
    highest: float


@dataclass(frozen=True)
class Canaries:
    """Made-up rows whose scores are known; shape (m, features), one court code each."""

    rows: Rows
    court: tuple[str, ...]


@dataclass(frozen=True)
class StageModels:
    """Everything that answers for one stage.

    `features` are the columns of the matrix, in order. `scores` maps
    willingness, ability, quick_close and recovery, as far as the stage has
    them, to their models. `ranges` hold the training range of each feature,
    `key_fields` the columns without which no score is given. `propensity`, if
    there is one, speaks about willingness only. `reference` says how each
    feature lay when it was learned from, `known_changes` which changes of the
    world were known then; both are empty in bundles of before.
    """

    stage: Stage
    features: tuple[Feature, ...]
    scores: Mapping[str, ScoreModel]
    ranges: Ranges
    key_fields: tuple[str, ...]
    canaries: Canaries
    propensity: Propensity | None = None
    reference: tuple[Reference, ...] = ()
    known_changes: tuple[KnownChange, ...] = ()

    def __post_init__(self) -> None:
        """Refuse models that were not trained on these features.

        Raises
        ------
        ValueError
            A booster, the ranges, the reference or the canaries have another width.
        """
        width = len(self.features)
        found = {len(self.ranges.lower), self.canaries.rows.shape[1], *(self._widths())}
        found |= {len(self.reference)} if self.reference else set()
        if found != {width}:
            msg = f"模型须与 {width} 个特征一致，收到宽度 {sorted(found)} / models must fit {width} features"
            raise ValueError(msg)

    def _widths(self) -> set[int]:
        """Return the number of features that each booster and line knows; a hazard's booster also knows the period."""
        lines = {score.model.lines.terms.width for score in self.scores.values() if score.model.lines is not None}
        return lines | {
            booster.width - isinstance(score, HazardScore)
            for score in self.scores.values()
            for booster in score.boosters.values()
        }

    @cached_property
    def by_reason(self) -> npt.NDArray[np.intp]:
        """Return the number of the reason to which each feature belongs."""
        return reasons_of(self.features)

    def warm(self) -> None:
        """Read now what the first explanation would read, so that it is as fast as the next."""
        for score in self.scores.values():
            _ = score.model.paths
        _ = self.watched, self.by_reason

    @cached_property
    def watched(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return the lowest and highest value seen in training of each feature that some tree or line asks for."""
        width = len(self.features)
        used = np.zeros(width, dtype=bool)
        for score in self.scores.values():
            for booster in score.boosters.values():
                used |= booster.used()[:width]
            if score.model.lines is not None:
                used[score.model.lines.used()] = True
        lower = np.where(used, self.ranges.lower, -np.inf).astype(np.float32)
        return lower, np.where(used, self.ranges.upper, np.inf).astype(np.float32)
