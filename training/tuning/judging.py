"""How a trial is judged: its loss in each fold's own window, as a part of what the constant loses there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from features.register import Stage
from training.backtesting.fold import FoldWork
from training.backtesting.plan import Fold, plan_folds, with_booster
from training.config import BoosterChange, Settings
from training.errors import CommandError
from training.history import History
from training.learning.stage_data import StageData, features_of


@dataclass(frozen=True)
class FoldJudge:
    """Rolling folds of one history, in which trials are judged over all asked scores."""

    history: History
    settings: Settings
    folds: tuple[Fold, ...]
    data: dict[Stage, StageData]

    @classmethod
    def of(cls, history: History, settings: Settings) -> FoldJudge:
        """Make the folds and matrices ready.

        Raises
        ------
        CommandError
            LABELS_NOT_RIPE: no window is over and ripe.
        """
        folds = newest_folds(history, settings)
        stages = [Stage(name) for name in settings.targets]
        data = {one: StageData.of(history, one, features_of(history, one, settings)) for one in stages}
        light = replace(settings, evaluation=replace(settings.evaluation, resamples=1))
        return cls(history, light, folds, data)

    def __call__(self, change: BoosterChange, fold: int) -> float:
        """Return the mean over scores of loss by constant's loss; below one is better than the constant."""
        settings = with_booster(self.settings, change)
        parts = []
        for stage, targets in settings.targets.items():
            work = FoldWork(self.history, self.data[Stage(stage)], self.folds[fold])
            for name in targets:
                (window,) = work.score(name, settings)["windows"]
                if window["few"]:
                    zh = f"{stage}.{name} 自 {window['from']} 一期只有 {window['n']} 件"
                    raise CommandError(
                        "TOO_FEW_CASES", zh, f"{stage}.{name} has {window['n']} cases from {window['from']}"
                    )
                parts.append(window["loss"]["value"] / window["constant"])
        return float(np.mean(parts))


def newest_folds(history: History, settings: Settings) -> tuple[Fold, ...]:
    """Return the folds of a search, each with its own window alone, so that no later one is kept from learning.

    Raises
    ------
    CommandError
        LABELS_NOT_RIPE: no window is over and ripe.
    """
    chosen = replace(settings, backtest=replace(settings.backtest, folds=settings.tuning.folds))
    return tuple(replace(one, windows=one.windows[:1]) for one in plan_folds(history, chosen))
