"""A search on disk: what it was begun with, written first, and all that workers are told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Self

from training.config import BoosterChange, Settings, build_typed, plain_values
from training.errors import CommandError
from training.history import History
from training.parallel import Workers
from training.provenance import write_json
from training.tuning.judging import FoldJudge

PLAN, FORMAT = "plan.json", "fenliu-tuning/1"


@dataclass(frozen=True)
class SearchPlan:
    """The folder of a search, its settings and the history it is judged on."""

    folder: Path
    settings: Settings
    history: History

    @classmethod
    def begin(cls, folder: Path, settings: Settings, history: History) -> Self:
        """Write the plan of a new search."""
        known = {"history": str(history.path.resolve()), "history_sha256": history.data_sha256()}
        write_json(folder / PLAN, {"format": FORMAT} | known | {"settings": plain_values(settings)})
        return cls(folder, settings, history)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the plan of a folder.

        Raises
        ------
        CommandError
            NOT_FOUND: there is none; DATA_REJECTED: the history is not the one it began with.
        """
        file = folder / PLAN
        plan = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        if plan.get("format") != FORMAT:
            raise CommandError("NOT_FOUND", f"{folder} 不是调参记录", f"{folder} is no search")
        history = History.open(Path(plan["history"]))
        if history.data_sha256() != plan["history_sha256"]:
            zh = f"{history.path} 与调参开始时的数据不同，须重新调参"
            raise CommandError("DATA_REJECTED", zh, f"{history.path} is not the data that the search began with")
        return cls(folder, build_typed(Settings, plan["settings"]), history)


@dataclass(frozen=True)
class SharedJudge:
    """Judges trials side by side: each worker opens the history once, with one thread where there are several."""

    folder: Path
    workers: Workers
    jobs: int

    def __call__(self, changes: Sequence[BoosterChange], fold: int) -> Iterator[tuple[int, float]]:
        """Yield the place of each trial and its loss in the fold, in the order in which they are found."""
        return self.workers.each([(judge_trial, (self.folder, one, fold, self.jobs > 1)) for one in changes])


def judge_trial(folder: Path, change: BoosterChange, fold: int, alone: bool) -> float:  # noqa: FBT001 - sent as a task
    """Return a trial's loss in a fold; `alone` asks for one thread instead of those of the settings."""
    return _judge(folder, alone)(change, fold)


@lru_cache(maxsize=1)
def _judge(folder: Path, alone: bool) -> FoldJudge:  # noqa: FBT001 - the key of the cache
    plan = SearchPlan.read(folder)
    booster = plan.settings.booster
    settings = replace(plan.settings, booster=replace(booster, threads=1) if alone else booster)
    return FoldJudge.of(plan.history, settings)
