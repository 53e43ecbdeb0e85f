"""A search over the settings of the trees: trials are scored fold by fold and given up where they lag behind."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
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
Judge = Callable[[BoosterChange, int], float]
"""Takes what a trial changes and the number of a fold; returns its loss there, as a part of what the constant loses."""


class Search:
    """A study in a folder; every finished trial is in its journal before the next begins.

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
            sampler=optuna.samplers.TPESampler(seed=settings.seed, n_startup_trials=self.space.startup),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=self.space.startup, n_warmup_steps=0),
            load_if_exists=True,
        )

    def run(self, judge: Judge, budget: Budget, *, folds: int, told: Callable[[Tried], None]) -> None:
        """Try settings until the budget is spent; the first trial is the settings as they are.

        Trials that a kill left unfinished count as failed and are made up for.
        """
        self._close_broken()
        if not self.tried:
            self._study.enqueue_trial(self._present())
        ends = None if budget.limit is None else time.monotonic() + budget.limit.total_seconds()
        while len(self.tried) < budget.trials and (ends is None or time.monotonic() < ends):
            trial = self._study.ask()
            try:
                self._study.tell(trial, *self._judged(trial, judge, folds))
            except BaseException:
                self._study.tell(trial, state=TrialState.FAIL)
                raise
            told(self.tried[-1])

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

    def _judged(self, trial: optuna.Trial, judge: Judge, folds: int) -> tuple[float | None, TrialState]:
        change, losses = self._change(trial), list[float]()
        for fold in range(folds):
            losses.append(judge(change, fold))
            trial.report(sum(losses) / len(losses), fold)
            trial.set_user_attr("folds", losses)
            if fold + 1 < folds and trial.should_prune():
                return None, TrialState.PRUNED
        return sum(losses) / len(losses), TrialState.COMPLETE

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

    def _close_broken(self) -> None:
        for one in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self._study.tell(one.number, state=TrialState.FAIL)


def _ranges(space: TuningSettings) -> Mapping[str, Sequence[float]]:
    return {key: getattr(space, key) for key in ("trees", "leaves", "learning_rate", "min_rows", "l2")}


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
