"""Settings of training and evaluation: typed, strict, read once; `defaults.toml` shows every key."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from models.known_change import KnownChange
from models.promotion.gates import Gate, shipped_gates
from training.errors import CommandError

Kind = TypeVar("Kind")

_CANDIDATE = re.compile(r"\w{1,40}", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
"""A date as JSON holds it."""


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
            _refuse("--score", unknown, f" {allowed} 之一", f"one of {allowed}")
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


def load_settings(path: Path | None = None, overrides: Sequence[str] = ()) -> Settings:
    """Read the defaults, then a court's own file, then `a.b=value` overrides.

    Raises
    ------
    CommandError
        CONFIG: an unknown key, a wrong type, a value out of range, or no TOML.
    """
    settings = load_typed(
        Settings, "training", path, overrides, shipped={"gates": [plain_values(gate) for gate in shipped_gates()]}
    )
    _check(settings)
    return settings


def load_typed(
    kind: type[Kind],
    package: str,
    path: Path | None,
    overrides: Sequence[str],
    *,
    shipped: Mapping[str, Any] = MappingProxyType({}),
) -> Kind:
    """Read the `defaults.toml` of a package, a file and overrides over it, strictly into a settings class.

    `shipped` are defaults that stand elsewhere.

    Raises
    ------
    CommandError
        CONFIG: an unknown key, a wrong type, or no TOML.
    """
    document = {**shipped, **tomllib.loads(files(package).joinpath("defaults.toml").read_text(encoding="utf-8"))}
    if path is not None:
        document = _merged(document, _parse_file(path))
    for override in overrides:
        document = _merged(document, _parse_override(override))
    return build_typed(kind, document)


def build_typed(kind: type[Kind], document: Mapping[str, Any]) -> Kind:
    """Turn plain values, as TOML or JSON holds them, strictly into a settings class."""
    built: Kind = _build(kind, dict(document), "")
    return built


def plain_values(settings: Any) -> Any:  # noqa: ANN401 - a settings class, and whatever it holds
    """Return a settings class as plain values, from which `build_typed` makes it again."""
    if is_dataclass(settings) and not isinstance(settings, type):
        return {f.name: plain_values(getattr(settings, f.name)) for f in fields(settings)}
    if isinstance(settings, Mapping):
        return {name: plain_values(value) for name, value in settings.items()}
    if isinstance(settings, tuple | list):
        return [plain_values(value) for value in settings]
    return settings.isoformat() if isinstance(settings, date) else settings


def load_gates(path: Path) -> tuple[Gate, ...]:
    """Read gates from a file of their own, in the form of `[[gates]]`."""
    document = _parse_file(path)
    gates: tuple[Gate, ...] = _build(tuple[Gate, ...], document.get("gates", []), "gates")
    return gates


def _parse_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise CommandError("NOT_FOUND", f"没有配置文件 {path}", f"no configuration file {path}")
    try:
        text = path.read_text(encoding="utf-8")
        return dict(json.loads(text)) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise CommandError("CONFIG", f"{path} 无法解析：{error}", f"{path} cannot be parsed: {error}") from error


def _parse_override(text: str) -> dict[str, Any]:
    """Read `a.b=1` as TOML; a bare word counts as a string."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise CommandError("CONFIG", f"--set 应为 键=值，收到 {text!r}", f"--set takes key=value, got {text!r}")
    for candidate in (value, '"' + value.replace('"', '\\"') + '"'):
        try:
            return tomllib.loads(f"{key}={candidate}")
        except tomllib.TOMLDecodeError:
            continue
    raise CommandError("CONFIG", f"--set 的值不是 TOML：{text!r}", f"the value of --set is not TOML: {text!r}")


def _merged(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    tables = [key for key in top if isinstance(base.get(key), dict) and isinstance(top[key], dict)]
    return {**base, **top, **{key: _merged(base[key], top[key]) for key in tables}}


def _build(kind: Any, value: Any, path: str) -> Any:  # noqa: ANN401 - a value of any declared type
    """Turn plain TOML values into the declared type, refusing everything else."""
    if is_dataclass(kind):
        return _build_dataclass(kind, value, path)
    origin, args = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if value is None else _build(args[0], value, path)
    if origin is tuple and isinstance(value, list):
        return tuple(_build(args[0], item, f"{path}[{i}]") for i, item in enumerate(value))
    if origin is Mapping and isinstance(value, dict):
        return MappingProxyType({key: _build(args[1], item, f"{path}.{key}") for key, item in value.items()})
    return _scalar(kind, value, path)


def _scalar(kind: Any, value: Any, path: str) -> Any:  # noqa: ANN401 - a plain value
    if kind is float and type(value) is int:
        return float(value)
    if kind is date and isinstance(value, str) and _ISO_DATE.fullmatch(value):
        return date.fromisoformat(value)
    if type(value) is kind:
        return value
    wanted = (get_origin(kind) or kind).__name__
    raise CommandError("CONFIG", f"{path} 应为 {wanted}，收到 {value!r}", f"{path} takes {wanted}, got {value!r}")


def _build_dataclass(kind: Any, value: Any, path: str) -> Any:  # noqa: ANN401 - any settings class
    if not isinstance(value, dict):
        raise CommandError("CONFIG", f"{path} 应为一张表，收到 {value!r}", f"{path} takes a table, got {value!r}")
    hints = get_type_hints(kind)
    prefix = f"{path}." if path else ""
    unknown = sorted(set(value) - set(hints))
    if unknown:
        names = ", ".join(prefix + name for name in unknown)
        raise CommandError("CONFIG", f"未知的配置键 {names}", f"unknown configuration key {names}")
    required = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    missing = sorted(required - set(value))
    if missing:
        names = ", ".join(prefix + name for name in missing)
        raise CommandError("CONFIG", f"缺少配置键 {names}", f"missing configuration key {names}")
    return kind(**{name: _build(hints[name], item, prefix + name) for name, item in value.items()})


def _check(settings: Settings) -> None:
    """Refuse what has the right type but no meaning."""
    shares = settings.split.shares
    if len(shares) != 3 or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
        _refuse("split.shares", shares, "三个正数，和为 1", "three positive numbers that add up to 1")
    calibrate, test = settings.split.calibrate_from, settings.split.test_from
    if (calibrate is None) != (test is None) or (calibrate and test and calibrate >= test):
        got = f"{calibrate}, {test}"
        _refuse(
            "split.calibrate_from, split.test_from", got, "两个先后的日期，或都不写", "two dates in order, or neither"
        )
    if unknown := sorted(set(settings.targets) - {"A", "B"}):
        _refuse("targets", unknown, "阶段 A 或 B", "stage A or B")
    for stage, targets in settings.targets.items():
        for name, target in targets.items():
            _check_target(f"targets.{stage}.{name}", target)
            if stage == "B" and target.start != "filed_at":
                _refuse(f"targets.B.{name}.start", target.start, " filed_at：查询总在立案之后", "filed_at")
    _check_evaluation(settings.evaluation)
    _check_backtest(settings.backtest)
    _check_tuning(settings.tuning)
    _check_policy_value(settings.policy_value)


def _check_evaluation(chosen: EvaluationSettings) -> None:
    if not 0.0 < chosen.capacity < 1.0:
        _refuse("evaluation.capacity", chosen.capacity, " 0 与 1 之间的数", "a number between 0 and 1")
    if chosen.resamples < 1 or chosen.slice_min < 1:
        got = (chosen.resamples, chosen.slice_min)
        _refuse("evaluation.resamples, evaluation.slice_min", got, "正整数", "positive whole numbers")
    for name in ("amount_rule", "amount_bands"):
        bounds = getattr(chosen, name)
        if not bounds or list(bounds) != sorted(set(bounds)) or bounds[0] <= 0:
            _refuse(f"evaluation.{name}", bounds, "递增的正数（元）", "growing positive yuan")


def _check_backtest(chosen: BacktestSettings) -> None:
    for name, most in (("folds", 40), ("step_months", 24), ("calibrate_months", 60)):
        value = getattr(chosen, name)
        if not 1 <= value <= most:
            _refuse(f"backtest.{name}", value, f" 1–{most} 之间的整数", f"a whole number within 1–{most}")
    names = [one.name for one in chosen.candidates]
    if not names or len(names) != len(set(names)) or not all(_CANDIDATE.fullmatch(name) for name in names):
        zh, en = "至少一个候选，名称各不相同，由字母、数字和下划线组成", "distinct names of letters, digits and _"
        _refuse("backtest.candidates", names, zh, en)


def _check_tuning(chosen: TuningSettings) -> None:
    if chosen.folds < 1 or chosen.startup < 1:
        got = (chosen.folds, chosen.startup)
        _refuse("tuning.folds, tuning.startup", got, "正整数", "positive whole numbers")
    for name in ("trees", "leaves", "learning_rate", "min_rows", "l2"):
        ends = getattr(chosen, name)
        if len(ends) != 2 or not 0 < ends[0] < ends[1]:
            _refuse(f"tuning.{name}", ends, "两个递增的正数", "two growing positive numbers")


def _check_policy_value(chosen: PolicyValueSettings) -> None:
    spans: Mapping[str, tuple[float, float]] = {
        "horizon_days": (30, 720), "claim_cap": (1, 1e13), "folds": (2, 20), "trees": (1, 1000), "leaves": (2, 255),
        "clip": (1, 1e6), "choice_clip": (1, 1e6), "scarce_hour": (0, 1e5),
        "level": (0.5, 0.999), "resamples": (100, 100_000),
        "min_cases": (50, 1e9), "min_cases_learned": (50, 1e9),
        "min_effective": (10, 1e9), "min_chance": (0.001, 0.2), "max_outside": (0, 0.5),
        "max_outside_changed": (0, 0.9), "max_weight_share": (0.001, 1),
    }  # fmt: skip
    for name, (least, most) in spans.items():
        value = getattr(chosen, name)
        if not least <= value <= most:
            span = f"{least:g}–{most:g}"
            _refuse(f"policy_value.{name}", value, f" {span} 之间的数", f"a number within {span}")


def _check_target(path: str, target: TargetSettings) -> None:
    grid = target.grid
    if not grid or list(grid) != sorted(set(grid)) or grid[0] <= 0:
        _refuse(f"{path}.grid", grid, "递增的正数", "growing positive days")
    if not all(0 < day <= grid[-1] for day in target.readings):
        _refuse(f"{path}.reading", target.readings, f"不超过 {grid[-1]:g} 的正数", f"positive, at most {grid[-1]:g}")
    if target.population not in {"all", "urged", "filed"}:
        _refuse(f"{path}.population", target.population, "all、urged 或 filed", "all, urged or filed")
    if target.start not in {"received_at", "filed_at", "urge_start"}:
        allowed = "received_at, filed_at, urge_start"
        _refuse(f"{path}.start", target.start, f" {allowed} 之一", f"one of {allowed}")


def _refuse(path: str, value: object, zh: str, en: str) -> None:
    raise CommandError("CONFIG", f"{path} 应为{zh}，收到 {value!r}", f"{path} takes {en}, got {value!r}")
