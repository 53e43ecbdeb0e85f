"""A search over the settings of the trees: trials are scored fold by fold and given up where they lag behind."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from training.config import BoosterChange, Settings, TuningSettings
from training.errors import CommandError
from training.tuning.trials import Budget, Tried

JOURNAL = "study.log"
STUDY = "fenliu"
BATCH = 4
"""Trials that are begun together. What they find is learned from when all are done, so that a search finds the same
with one process and with several."""

Judge = Callable[[Sequence[BoosterChange], int], Iterator[tuple[int, float]]]
"""Takes what some trials change and the number of a fold; yields the place of each and its loss there, as a part of
what the constant loses, in any order."""


class Search:
    """A study in a folder; what a trial lost in a fold is in its journal as soon as it is known.

    Raises
    ------
    CommandError
        NOT_FOUND: the folder holds no study, or one that cannot be read.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        logging.getLogger("optuna").setLevel(logging.ERROR)
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.settings = settings
        self.space: TuningSettings = settings.tuning
        self._study = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(folder / JOURNAL))),
            study_name=STUDY,
            pruner=optuna.pruners.MedianPruner(n_startup_trials=self.space.startup, n_warmup_steps=0),
            load_if_exists=True,
        )

    def run(self, judge: Judge, budget: Budget, *, folds: int, told: Callable[[Tried], None]) -> None:
        """Try settings until the budget is spent; the first trial is the settings as they are.

        Trials that were broken off go on with the fold in which they were.
        """
        if not self.tried and not self._broken_off():
            self._study.enqueue_trial(self._present())
        ends = None if budget.limit is None else time.monotonic() + budget.limit.total_seconds()
        while len(self.tried) < budget.trials and (ends is None or time.monotonic() < ends):
            batch = self._broken_off() or self._next(min(BATCH, budget.trials - len(self.tried)))
            try:
                self._judge(batch, judge, folds)
            except Exception:
                for trial in batch:
                    self._study.tell(trial, state=TrialState.FAIL, skip_if_finished=True)
                raise
            numbers = {trial.number for trial in batch}
            for one in self.tried:
                if one.number in numbers:
                    told(one)

    @property
    def tried(self) -> tuple[Tried, ...]:
        """The finished trials and those given up, in their order; failed ones are left out."""
        kept = (TrialState.COMPLETE, TrialState.PRUNED)
        return tuple(_tried(one) for one in self._study.get_trials(deepcopy=False, states=kept))

    @property
    def best(self) -> Tried:
        """The finished trial with the least mean loss."""
        whole = [one for one in self.tried if one.mean is not None]
        if not whole:
            raise CommandError("NOTHING_TRIED", "还没有一次完整的试验", "no trial is finished yet")
        return min(whole, key=lambda one: one.mean if one.mean is not None else float("inf"))

    def _broken_off(self) -> list[optuna.Trial]:
        """Return the trials that an earlier call began and did not finish."""
        running = self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        return [optuna.Trial(self._study, one._trial_id) for one in running]  # noqa: SLF001 - no other way to go on

    def _next(self, count: int) -> list[optuna.Trial]:
        """Begin trials; what is drawn depends on the seed and the trials before alone, not on how often it went on."""
        seed = self.settings.seed + len(self._study.get_trials(deepcopy=False))
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=self.space.startup, constant_liar=True)
        self._study.sampler = sampler
        trials = [self._study.ask() for _ in range(count)]
        for trial in trials:
            self._change(trial)
        return trials

    def _judge(self, batch: Sequence[optuna.Trial], judge: Judge, folds: int) -> None:
        """Judge trials fold by fold, giving up what lags behind the middle of those finished before."""
        going = list(batch)
        for fold in range(folds):
            open_ = [trial for trial in going if len(_losses(trial)) <= fold]
            for place, loss in judge([self._change(trial) for trial in open_], fold):
                losses = [*_losses(open_[place]), loss]
                open_[place].report(sum(losses) / len(losses), fold)
                open_[place].set_user_attr("folds", losses)
            lost = [trial for trial in going if fold + 1 < folds and trial.should_prune()]
            for trial in lost:
                self._study.tell(trial, state=TrialState.PRUNED)
            going = [trial for trial in going if trial not in lost]
        for trial in going:
            self._study.tell(trial, sum(_losses(trial)) / folds)

    def _change(self, trial: optuna.Trial) -> BoosterChange:
        found: dict[str, Any] = {"name": f"trial{trial.number}"}
        for key, (low, high) in _ranges(self.space).items():
            if key in ("learning_rate", "l2"):
                found[key] = trial.suggest_float(key, low, high, log=True)
            else:
                found[key] = trial.suggest_int(key, int(low), int(high), log=True)
        return BoosterChange(**found)

    def _present(self) -> dict[str, float]:
        """Return the settings as they are, held to the space that is searched."""
        now = self.settings.booster
        return {key: min(max(getattr(now, key), low), high) for key, (low, high) in _ranges(self.space).items()}


def _ranges(space: TuningSettings) -> Mapping[str, Sequence[float]]:
    return {key: getattr(space, key) for key in ("trees", "leaves", "learning_rate", "min_rows", "l2")}


def _losses(trial: optuna.Trial) -> list[float]:
    return list(trial.user_attrs.get("folds", ()))


def _tried(trial: optuna.trial.FrozenTrial) -> Tried:
    done = trial.state is TrialState.COMPLETE
    seconds = trial.duration.total_seconds() if trial.duration else 0.0
    return Tried(
        number=trial.number,
        change=BoosterChange(f"trial{trial.number}", **trial.params),
        folds=tuple(trial.user_attrs.get("folds", ())),
        mean=trial.value if done else None,
        state="done" if done else "given_up",
        seconds=seconds,
    )
