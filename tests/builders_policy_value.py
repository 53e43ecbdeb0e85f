"""Builders for the value of policies: logged decisions with known chances, and what each action would bring."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from features.register import Stage
from models.routes import Codes
from models.rules.rule import Text
from models.rules.table import RuleTable
from models.utility import Utility
from tests.builders_training import settings, small_history
from training.config import PolicyValueSettings, Settings
from training.policy_value.estimators import Logged
from training.policy_value.figures import FIGURES
from training.policy_value.open_cases import OpenCases, Reading, open_cases
from training.scoring.input import Batch

SMALL = ("policy_value.trees=8", "policy_value.resamples=100", "policy_value.min_cases=100",
         "policy_value.min_cases_learned=100")  # fmt: skip
"""Enough to run, little enough for a test."""


GIVEN = Text("给定", "given")


@dataclass(frozen=True, eq=False)
class Known:
    """A policy whose lane for each case is told."""

    name: str
    by_case: Mapping[str, int]
    words: Text = GIVEN
    reads_truth: bool = False
    one_judge: bool = False

    def lanes(self, batch: Batch) -> Codes:
        """Return the lanes told."""
        return np.array([self.by_case[name] for name in batch.ids], dtype=np.int8)


def small_settings(*overrides: str) -> Settings:
    """Return settings for small histories, changed as told."""
    return settings(*SMALL, *overrides)


def limits(**changed: float) -> PolicyValueSettings:
    """Return the limits of valuing, changed as told."""
    return small_settings(*(f"policy_value.{name}={value}" for name, value in changed.items())).policy_value


def reading(chosen: Settings | None = None) -> Reading:
    """Return the usual way of reading logged cases."""
    used = chosen or small_settings()
    return Reading(
        rules=RuleTable.load(),
        horizon=used.policy_value.horizon_days,
        hours=Utility.load().amounts,
        labels=used.labels,
    )


def changed_history(path: Path, table: str, **columns: Callable[[pa.ChunkedArray], pa.Array] | None) -> Path:
    """Return a copy of the small history with columns of one table replaced, or dropped where None is given."""
    folder = shutil.copytree(small_history().path, path / "history")
    content = pq.read_table(folder / f"{table}.parquet")
    for name, change in columns.items():
        place = content.column_names.index(name)
        changed = None if change is None else change(content[name])
        content = content.remove_column(place) if changed is None else content.set_column(place, name, changed)
    pq.write_table(content, folder / f"{table}.parquet")
    return folder


@cache
def small_cases(stage: Stage) -> OpenCases:
    """Return the open cases of the small simulated history."""
    return open_cases(small_history(), stage, reading())


@dataclass(frozen=True, eq=False)
class Drawn:
    """A log drawn from known chances: what estimators see, and the outcomes of both actions that they do not."""

    logged: Logged
    would: np.ndarray
    group: np.ndarray

    def truth(self, target: np.ndarray) -> np.ndarray:
        """Return what a target brings to these very cases, shape (figures,)."""
        return self.would[np.arange(len(target)), target].mean(axis=0)


def drawn(
    n: int = 4_000, *, seed: int = 1, chance: float | np.ndarray | None = None, expected: np.ndarray | float = 0.0
) -> Drawn:
    """Return a log in which better cases are likelier to get the second action; the models expect `expected`."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    second = 1.0 / (1.0 + np.exp(-x)) if chance is None else np.full(n, chance) if np.isscalar(chance) else chance
    action = (rng.random(n) < second).astype(np.int64)
    noise = rng.normal(size=(n, len(FIGURES)))
    both = np.stack([x, 2.0 * x + 1.0], axis=1)
    would = both[:, :, None] + noise[:, None, :]
    model = np.broadcast_to(np.asarray(expected, dtype=np.float64), would.shape)
    logged = Logged(
        action=action,
        chance=np.stack([1.0 - second, second], axis=1),
        outcome=would[np.arange(n), action],
        expected=model.copy(),
    )
    return Drawn(logged, would, np.arange(n) // 2)
