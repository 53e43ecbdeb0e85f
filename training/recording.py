"""What of a training and its evaluation goes into the experiment record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from features.register import Stage
from models.bundle import Bundle
from training.backtesting.findings import ScoreFindings
from training.backtesting.record import Backtest, Piece
from training.backtesting.results import BacktestResults
from training.comparing.comparison import Comparison
from training.config import Settings
from training.console import Advance, Console
from training.errors import CommandError
from training.evaluation.measures import Table
from training.evaluation.report import Evaluation
from training.history import History
from training.learning.train import Trained
from training.monitoring.alarms import Alarm, Level
from training.monitoring.monitoring import Monitored, StageWatched
from training.provenance import Home, code_version
from training.registry import DatasetUse, Kind, ModelShape, Registry, RunRecord
from training.tuning.trials import Tried

EXAMPLES = 5
"""Made-up rows that show what a model takes; no person's data is among them."""


def registry_of(home: Home, settings: Settings) -> Registry | None:
    """Return the experiment record, None where it is switched off."""
    return Registry(home.path, model=settings.mlflow.model) if settings.mlflow.enabled else None


def recording_aside(console: Console, work: Callable[[], object]) -> None:
    """Record what has been done and shown already; a dead store takes nothing of it back, and is named."""
    try:
        work()
    except CommandError as error:
        zh = f"结果已保存；MLflow 中没有记录：{error.detail_zh}"
        console.warn(zh, f"the result is kept; nothing was recorded in MLflow: {error.detail_en}")


def record_training(
    registry: Registry, trained: Trained, settings: Settings, *, run: Path, sha256: str, advance: Advance
) -> None:
    """Record one run for each stage; the bundle is registered once, with the last of them."""
    about = trained.bundle.about
    tags = {
        "bundle_sha256": sha256,
        "bundle": about.name,
        "data_sha256": about.data_sha256,
        "code_version": about.code_version,
        "lock_sha256": about.lock_sha256,
        "data": "模拟 / simulated" if about.simulated else "实际 / real",
    }
    stages = list(trained.bundle.stages)
    for stage in stages:
        mine = {name: sizes for name, sizes in trained.sizes.items() if name.startswith(f"{stage}.")}
        metrics = {f"{name}.{period}": float(n) for name, sizes in mine.items() for period, n in sizes.items()}
        metrics |= {f"{name}.fit_seconds": s for name, s in trained.seconds.items() if name in mine}
        freed = [f"{name}: {' '.join(trained.freed[name])}" for name in mine if trained.freed[name]]
        record = RunRecord(
            stage=stage,
            name=about.name,
            params=_params(settings, stage, trained),
            metrics=metrics,
            tags=tags | {"stage": stage} | ({"freed_of_pull": "; ".join(freed)} if freed else {}),
            artifacts={"config": run / "config.lock.json"},
            datasets=_datasets(trained, stage),
            bundle=run / "bundle" / about.name,
            shape=_shape(trained.bundle, stage),
        )
        registry.record(record, register=stage == stages[-1])
        advance()


def record_evaluation(registry: Registry, evaluation: Evaluation, bundle: Bundle, *, run: Path) -> None:
    """Add figures with their intervals, and plots, to the runs that trained the bundle."""
    for stage in bundle.stages:
        reports = {name: report for name, report in evaluation.reports.items() if report.stage is stage}
        metrics: dict[str, float] = {}
        for name, report in reports.items():
            metrics |= _flat(name, report.table) | {f"{name}.{key}": value for key, value in report.figures.items()}
        registry.add(bundle.sha256, stage, metrics=metrics, artifacts={"evaluation": run})


def record_comparison(registry: Registry, comparison: Comparison, *, run: Path) -> None:
    """Add differences with their intervals, and the report, to the runs that trained the new bundle."""
    new = comparison.new
    for stage in new.stages:
        metrics: dict[str, float] = {}
        for one in (score for score in comparison.scores if score.stage is stage):
            for held in one.measures:
                key, difference = f"{one.label}.compared.{held.measure}", held.difference
                metrics |= {key: difference.value, f"{key}_lower": difference.lower, f"{key}_upper": difference.upper}
        registry.add(new.sha256, stage, metrics=_finite(metrics), artifacts={"comparison": run})


def record_monitoring(registry: Registry, found: Monitored, raised: Sequence[Alarm], *, run: Path) -> None:
    """Record a watching under the runs that trained the bundle: drift, performance, lanes, overrides, alarms."""
    bundle, window = found.bundle, found.window
    for watched in found.stages:
        stage = watched.stage
        mine = [one for one in raised if one.place.startswith(str(stage))]
        alarms = {f"alarms.{level}": float(sum(one.level is level for one in mine)) for level in Level}
        record = RunRecord(
            stage=stage,
            name=f"{bundle.about.name}-{window.dates()['until']}",
            params={},
            metrics=_finite(alarms | _watched(watched)),
            tags={"bundle_sha256": bundle.sha256, "bundle": bundle.about.name, "stage": stage},
            artifacts={"monitoring": run},
            kind=Kind.MONITORING,
        )
        registry.record(record, parent=registry.trained(bundle.sha256, stage))


def record_backtest(registry: Registry, results: BacktestResults, *, run: Path) -> None:
    """Record a finished backtest: one run for each stage, and under it one for each candidate and fold."""
    backtest = results.backtest
    tags = {"data_sha256": backtest.plan["history_sha256"], "code_version": backtest.plan["code_version"]}
    tags |= {"data": "模拟 / simulated" if results.simulated else "实际 / real"}
    for name in backtest.settings.targets:
        mine = [one for one in results.found if one.label.startswith(f"{name}.")]
        whole = RunRecord(
            stage=name, name=run.name, params=_backtest_params(backtest), metrics=_findings(mine),
            tags=tags | {"stage": name}, artifacts={"backtest": run / "metrics.json"}, kind=Kind.BACKTEST,
        )  # fmt: skip
        with registry.running(whole) as parent:
            for piece in (one for one in backtest.pieces if one.stage == name):
                registry.record(_piece(backtest, piece, tags), parent=parent)


def _backtest_params(backtest: Backtest) -> dict[str, str]:
    asked = backtest.settings.document()
    params = {f"backtest.{key}": str(value) for key, value in asked["backtest"].items() if key != "candidates"}
    return params | {f"booster.{key}": str(value) for key, value in asked["booster"].items()}


def _findings(found: Sequence[ScoreFindings]) -> dict[str, float]:
    metrics = {f"{one.label}.kept.{aged.age}": aged.kept for one in found for aged in one.ageing}
    metrics |= {f"{one.label}.explained.{aged.age}": aged.explained for one in found for aged in one.ageing}
    return _finite(metrics | {f"{one.label}.regret.{rule.rule}": rule.mean for one in found for rule in one.choices})


def _piece(backtest: Backtest, piece: Piece, tags: Mapping[str, str]) -> RunRecord:
    fold, metrics = backtest.folds[piece.fold], {}
    (change,) = [one for one in backtest.settings.backtest.candidates if one.name == piece.candidate]
    for label, score in backtest.read(piece).items():
        for window in (one for one in score["windows"] if not one["few"]):
            metrics[f"{label}.loss.{window['age']}"] = window["loss"]["value"]
            metrics[f"{label}.constant.{window['age']}"] = window["constant"]
    params = {key: str(value) for key, value in change.values().items() if value is not None}
    return RunRecord(
        stage=piece.stage, name=piece.name, params=params | {"origin": str(fold.origin)}, metrics=_finite(metrics),
        tags={**tags, "stage": piece.stage, "candidate": piece.candidate}, kind=Kind.BACKTEST,
    )  # fmt: skip


def tuning_record(settings: Settings, history: History, *, run: Path) -> RunRecord:
    """Return the run of a search, under which every trial is recorded."""
    tags = {"data_sha256": history.data_sha256(), "code_version": code_version()}
    tags |= {"data": "模拟 / simulated" if history.simulated else "实际 / real"}
    space = settings.document()["tuning"]
    return RunRecord(
        stage=_stages(settings), name=run.name, params={f"tuning.{key}": str(value) for key, value in space.items()},
        metrics={}, tags=tags, kind=Kind.TUNING,
    )  # fmt: skip


def trial_record(settings: Settings, tried: Tried) -> RunRecord:
    """Return the record of one trial: its settings, its relative loss by fold and on average."""
    metrics = {f"relative_loss.{number}": loss for number, loss in enumerate(tried.folds)} | {"seconds": tried.seconds}
    metrics |= {} if tried.mean is None else {"relative_loss": tried.mean}
    params = {key: str(value) for key, value in tried.change.values().items() if value is not None}
    tags = {"state": tried.state, "trial": str(tried.number)}
    return RunRecord(
        stage=_stages(settings), name=f"trial-{tried.number}", params=params, metrics=metrics, tags=tags,
        kind=Kind.TUNING,
    )  # fmt: skip


def _stages(settings: Settings) -> str:
    """Return the stages that a search is about, which name its experiment."""
    return "-".join(settings.targets)


def record_report(registry: Registry, bundle: Bundle, *, run: Path) -> None:
    """Keep a report with the runs that trained the bundle."""
    for stage in bundle.stages:
        registry.add(bundle.sha256, stage, metrics={}, artifacts={"report": run})


def _flat(name: str, table: Table) -> dict[str, float]:
    """Return every estimate under its name, with `_lower` and `_upper` for its interval."""
    found: dict[str, float] = {}
    for method, estimates in table.items():
        for measure, estimate in estimates.items():
            key = f"{name}.{method}.{measure}".replace("(", "").replace(")", "")
            found |= {key: estimate.value, f"{key}_lower": estimate.lower, f"{key}_upper": estimate.upper}
    return _finite(found)


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    return {key: value for key, value in metrics.items() if value == value}  # noqa: PLR0124 - NaN is no metric


def _watched(watched: StageWatched) -> dict[str, float]:
    metrics = {"n": float(watched.n_now), "abstained": watched.abstained[1], "overridden": watched.overrides.rate}
    metrics |= {f"lane.{lane}": watched.lanes.share(lane, now=True) for lane in watched.lanes.now}
    metrics |= {f"drift.{feature.name}": feature.drift.psi for feature in watched.features}
    for score in watched.scores:
        metrics[f"{score.name}.drift"] = score.drift.psi
        for one in score.realised:
            metrics[f"{score.name}.day{one.day:g}.predicted"] = one.predicted
            metrics[f"{score.name}.day{one.day:g}.observed"] = one.observed.value
    return metrics


def _datasets(trained: Trained, stage: Stage) -> tuple[DatasetUse, ...]:
    """Return what a stage learned from, was calibrated on and will be tested on; one history, three periods."""
    about, models = trained.bundle.about, trained.bundle.stages[stage]
    columns = {feature.name: "float" for feature in models.features}
    mine = [sizes for name, sizes in trained.sizes.items() if name.startswith(f"{stage}.")]
    contexts = {"train": "training", "calibrate": "calibration", "test": "test"}
    return tuple(
        DatasetUse(
            name=f"history-{stage}-{period}",
            sha256=about.data_sha256,
            context=context,
            rows=max(sizes[period] for sizes in mine),
            columns=columns,
        )
        for period, context in contexts.items()
    )


def _shape(bundle: Bundle, stage: Stage) -> ModelShape:
    models = bundle.stages[stage]
    return ModelShape(
        inputs=tuple(feature.name for feature in models.features),
        outputs=tuple(models.scores),
        example=tuple(tuple(row) for row in models.canaries.rows[:EXAMPLES].tolist()),
    )


def _params(settings: Settings, stage: Stage, trained: Trained) -> Mapping[str, str]:
    document = settings.document()
    asked = document["targets"].get(str(stage), {})
    params = {f"targets.{name}.{key}": str(value) for name, target in asked.items() for key, value in target.items()}
    for table in ("booster", "labels", "split", "overlap"):
        params |= {f"{table}.{key}": str(value) for key, value in document[table].items()}
    params |= {f"period.{name}": day for name, day in trained.periods.dates().items()}
    return params | {"seed": str(settings.seed)}
