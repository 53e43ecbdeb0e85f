"""What of a training and its evaluation goes into the experiment record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from features.register import Stage
from models.bundle import Bundle
from training.comparing.comparison import Comparison
from training.config import Settings
from training.console import Advance
from training.evaluation.gates import Table
from training.evaluation.report import Evaluation
from training.learning.train import Trained
from training.provenance import Home
from training.registry import BUNDLE, Registry, RunRecord


def registry_of(home: Home, settings: Settings) -> Registry | None:
    """Return the experiment record, None where it is switched off."""
    return Registry(home.path, model=settings.mlflow.model) if settings.mlflow.enabled else None


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
        record = RunRecord(
            stage=stage,
            name=about.name,
            params=_params(settings, stage, trained),
            metrics=metrics,
            tags=tags | {"stage": stage},
            artifacts={BUNDLE: run / "bundle" / about.name, "config": run / "config.lock.json"},
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


def _params(settings: Settings, stage: Stage, trained: Trained) -> Mapping[str, str]:
    document = settings.document()
    asked = document["targets"].get(str(stage), {})
    params = {f"targets.{name}.{key}": str(value) for name, target in asked.items() for key, value in target.items()}
    for table in ("booster", "labels", "split", "overlap"):
        params |= {f"{table}.{key}": str(value) for key, value in document[table].items()}
    params |= {f"period.{name}": day for name, day in trained.periods.dates().items()}
    return params | {"seed": str(settings.seed)}
