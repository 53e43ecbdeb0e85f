"""What is kept of a run in the experiment record: settings, figures, files, the data it read and the model it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """What a run was for; the tag `kind`, by which people filter."""

    TRAINING = "training"
    BACKTEST = "backtest"
    TUNING = "tuning"
    MONITORING = "monitoring"


@dataclass(frozen=True)
class DatasetUse:
    """Data that a run read: name, hash, what for (training, calibration, ...), number of cases, and columns by type."""

    name: str
    sha256: str
    context: str
    rows: int
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelShape:
    """What a model takes and gives: names of the inputs and outputs, and made-up input rows as an example."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    example: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class RunRecord:
    """What is kept of one run of one stage.

    `metrics` may hold `x`, `x_lower` and `x_upper`; `artifacts` maps a folder
    of the run to a local file or folder. `bundle` is the folder of the model
    that the run made, `shape` what it takes and gives.
    """

    stage: str
    name: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    artifacts: Mapping[str, Path] = field(default_factory=dict)
    kind: Kind = Kind.TRAINING
    datasets: tuple[DatasetUse, ...] = ()
    bundle: Path | None = None
    shape: ModelShape | None = None

    @property
    def all_tags(self) -> dict[str, str]:
        """Return the tags, the kind of the run among them."""
        return {**self.tags, "kind": str(self.kind)}


@dataclass(frozen=True)
class Registered:
    """Where a run was recorded, and the version of the registered model, if one was made."""

    run_id: str
    version: str | None
