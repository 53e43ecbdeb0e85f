"""Settings of training and evaluation, typed; `defaults.toml` shows every key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import Any

from models.known_change import KnownChange
from models.promotion.gates import Gate
from training.config.strict import plain_values, refuse


@dataclass(frozen=True)
class LabelSettings:
    """How events become outcomes."""

    recording_lag_days: float
    zhongben_not_before_days: float


@dataclass(frozen=True)
class SplitSettings:
    """Three periods, by date where dates are given, else by share of cases."""

    shares: tuple[float, ...]
    calibrate_from: date | None = None
    test_from: date | None = None
    test_until: date | None = None


@dataclass(frozen=True)
class FeatureSettings:
    """Which features a court leaves out: by name, by reason code, or by a field that they read."""

    exclude: tuple[str, ...] = ()


@dataclass(frozen=True)
class TreeSettings:
    """Size and pace of every booster."""

    trees: int
    leaves: int
    learning_rate: float
    min_rows: int
    bins: int
    l2: float
    columns: float
    random_splits: bool
    threads: int


@dataclass(frozen=True)
class TargetSettings:
    """One question: who is asked about, from when, which ends compete, and where the curve is read."""

    population: str
    start: str
    causes: tuple[str, ...]
    grid: tuple[float, ...]
    reading: float
    also: tuple[float, ...] = ()

    @property
    def readings(self) -> tuple[float, ...]:
        """All days at which the curve is read, the usual one first."""
        return (self.reading, *self.also)

    @property
    def calibrated(self) -> tuple[float, ...]:
        """All days at which the curve is calibrated, the usual one first: it is right on the days between, too."""
        return (*self.readings, *(day for day in self.grid if day < self.horizon and day not in self.readings))

    @property
    def horizon(self) -> float:
        """The last day that a label needs; the gap before each later period."""
        return max(self.readings)


@dataclass(frozen=True)
class BoosterChange:
    """A candidate of a backtest: what it changes of the trees; None leaves the setting as it is."""

    name: str
    trees: int | None = None
    leaves: int | None = None
    learning_rate: float | None = None
    min_rows: int | None = None
    bins: int | None = None
    l2: float | None = None

    def values(self) -> dict[str, Any]:
        """Return everything but the name."""
        return {key: value for key, value in asdict(self).items() if key != "name"}


@dataclass(frozen=True)
class BacktestSettings:
    """As of which days a backtest learns, and which candidates it lets run.

    `keeps` is the least part of its gain over the constant that a model may
    have left after a year.
    """

    folds: int
    step_months: int
    calibrate_months: int
    keeps: float
    candidates: tuple[BoosterChange, ...]


@dataclass(frozen=True)
class TuningSettings:
    """Where a search looks: least and largest value of each setting, the number of folds, trials drawn at random."""

    folds: int
    startup: int
    trees: tuple[float, ...]
    leaves: tuple[float, ...]
    learning_rate: tuple[float, ...]
    min_rows: tuple[float, ...]
    l2: tuple[float, ...]


@dataclass(frozen=True)
class OverlapSettings:
    """How labels that people chose to collect are weighed."""

    weights: bool
    lowest: float
    highest: float
    abstain: bool


@dataclass(frozen=True)
class EvaluationSettings:
    """How sure a figure has to be before it is shown, and where amounts and a team's capacity part cases.

    `amount_rule` are the yuan at which the court's amount rule parts claims,
    `amount_bands` those of the slices; `capacity` is the share of the cases
    that a team can take.
    """

    resamples: int
    slice_min: int
    explained: int
    plots: bool
    capacity: float
    amount_rule: tuple[float, ...]
    amount_bands: tuple[float, ...]


@dataclass(frozen=True)
class ComparisonSettings:
    """How two bundles are held against each other; `tolerated` is how much worse a measure may become."""

    resamples: int
    tolerated: Mapping[str, float]


@dataclass(frozen=True)
class MonitorSettings:
    """When watching a model warns and when it alarms; shares and chances run from 0 to 1."""

    window_days: int
    days: tuple[float, ...]
    psi_warn: float
    psi_alarm: float
    missing_gap: float
    new_share: float
    rate_gap: float
    auc_at_least: float
    abstained_gap: float
    lane_gap: float
    override_rate: float
    known: tuple[KnownChange, ...] = ()


@dataclass(frozen=True)
class PolicyValueSettings:
    """How policies are valued from logged decisions, and what makes the decisions unfit for it.

    `choice_clip` and `scarce_hour` serve where thresholds are chosen, never in
    a figure that is told.
    """

    horizon_days: float
    claim_cap: float
    folds: int
    trees: int
    leaves: int
    clip: float
    choice_clip: float
    scarce_hour: float
    level: float
    resamples: int
    min_cases: int
    min_cases_learned: int
    min_effective: float
    min_chance: float
    max_outside: float
    max_outside_changed: float
    max_weight_share: float


@dataclass(frozen=True)
class MlflowSettings:
    """Whether and under which name runs are registered."""

    enabled: bool
    model: str


@dataclass(frozen=True)
class Settings:
    """Everything that decides what a training run does, beside its data."""

    seed: int
    min_cases: int
    validity_days: int
    accept_errors: tuple[str, ...]
    refit: bool
    lines: bool
    test_pulls: bool
    labels: LabelSettings
    split: SplitSettings
    booster: TreeSettings
    targets: Mapping[str, Mapping[str, TargetSettings]]
    overlap: OverlapSettings
    evaluation: EvaluationSettings
    comparison: ComparisonSettings
    backtest: BacktestSettings
    tuning: TuningSettings
    monitor: MonitorSettings
    policy_value: PolicyValueSettings
    mlflow: MlflowSettings
    features: FeatureSettings = field(default=FeatureSettings())
    gates: tuple[Gate, ...] = field(default=())

    def only(self, stages: Sequence[str], scores: Sequence[str] | None = None) -> Settings:
        """Return the settings restricted to some stages and, where named, some scores.

        Raises
        ------
        CommandError
            CONFIG: no score of these stages has such a name.
        """
        known = {name for stage in stages for name in self.targets.get(stage, {})}
        if unknown := sorted(set(scores or ()) - known):
            allowed = ", ".join(sorted(known))
            refuse("--score", unknown, f" {allowed} 之一", f"one of {allowed}")
        kept = {
            stage: {
                name: target for name, target in self.targets.get(stage, {}).items() if not scores or name in scores
            }
            for stage in stages
        }
        return replace(self, targets={stage: targets for stage, targets in kept.items() if targets})

    def document(self) -> dict[str, Any]:
        """Return the settings as plain values, to be written beside a run."""
        plain: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        plain["targets"] = {s: {n: asdict(t) for n, t in targets.items()} for s, targets in self.targets.items()}
        nested = {n: plain_values(v) for n, v in plain.items() if is_dataclass(v) and not isinstance(v, type)}
        return plain | nested | {"gates": [asdict(gate) for gate in self.gates]}
