"""The experiment record: the one place that speaks to MLflow, and only when it is used."""

from __future__ import annotations

import importlib
import logging
import os
import sqlite3
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.errors import CommandError

ALIAS_CANDIDATE = "candidate"
ALIAS_CHAMPION = "champion"
BUNDLE = "bundle"
LOCAL = "sqlite:///"
AT_ONCE = 90
"""Entries of one call; MLflow takes no more than 100 parameters at a time."""

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
"""Set before MLflow is imported: nothing is sent out, no pickle is read, an absent server is noticed soon."""


@dataclass(frozen=True)
class RunRecord:
    """What is kept of one training of one stage.

    `metrics` may hold `x`, `x_lower` and `x_upper`; `artifacts` maps a folder
    of the run to a local file or folder.
    """

    stage: str
    name: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    artifacts: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Registered:
    """Where a run was recorded, and the version of the registered model, if one was made."""

    run_id: str
    version: str | None


class Registry:
    """MLflow's tracking store and model registry: one SQLite file under FENLIU_HOME, or what MLFLOW_TRACKING_URI names.

    Every failure of the store becomes STORE_UNREACHABLE (exit 6).
    """

    def __init__(self, home: Path, *, model: str) -> None:
        self.home = home
        self.model = model
        self.uri = os.environ.get("MLFLOW_TRACKING_URI", f"{LOCAL}{(home / 'mlflow.db').resolve()}")
        self._connected: Any = None

    def check(self) -> None:
        """Fail now, before hours of fitting, where the store cannot be used."""
        with self._calling() as client:
            client.search_experiments(max_results=1)

    def record(self, run: RunRecord, *, register: bool) -> Registered:
        """Record a run and, where asked, register its bundle as a new version with the alias `candidate`."""
        with self._calling() as client:
            run_id = self._start(client, run)
            self._log(client, run_id, metrics=run.metrics, params=run.params, artifacts=run.artifacts)
            client.set_terminated(run_id)
            return Registered(run_id, self._version(client, run, run_id) if register else None)

    def add(self, sha256: str, stage: str, *, metrics: Mapping[str, float], artifacts: Mapping[str, Path]) -> bool:
        """Add figures and files to the run that trained a bundle's stage; False where it was never recorded."""
        with self._calling() as client:
            experiment = client.get_experiment_by_name(f"{self.model}-{stage}")
            if experiment is None:
                return False
            runs = client.search_runs([experiment.experiment_id], f"tags.bundle_sha256 = '{sha256}'", max_results=1)
            if not runs:
                return False
            self._log(client, runs[0].info.run_id, metrics=metrics, params={}, artifacts=artifacts)
            return True

    def point(self, alias: str, sha256: str) -> str | None:
        """Point an alias at the version whose bundle has this hash; None where it was never registered."""
        with self._calling() as client:
            found = client.search_model_versions(f"name='{self.model}' and tag.bundle_sha256='{sha256}'")
            if not found:
                return None
            newest = max(found, key=lambda version: int(version.version))
            client.set_registered_model_alias(self.model, alias, newest.version)
            return str(newest.version)

    def _log(
        self,
        client: Any,  # noqa: ANN401 - MLflow ships no types for its client
        run_id: str,
        *,
        metrics: Mapping[str, float],
        params: Mapping[str, str],
        artifacts: Mapping[str, Path],
    ) -> None:
        now, entities = int(time.time() * 1000), self._mlflow().entities
        figures = [entities.Metric(key, value, now, 0) for key, value in metrics.items()]
        settings = [entities.Param(key, value[:6000]) for key, value in params.items()]
        for start in range(0, max(len(figures), len(settings)), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            client.log_batch(run_id, metrics=figures[part], params=settings[part])
        for folder, path in artifacts.items():
            (client.log_artifacts if path.is_dir() else client.log_artifact)(run_id, str(path), folder)

    def _start(self, client: Any, run: RunRecord) -> str:  # noqa: ANN401 - MLflow ships no types for its client
        name = f"{self.model}-{run.stage}"
        experiment = client.get_experiment_by_name(name)
        where = (self.home / "mlartifacts" / name).resolve()
        local = self.uri.startswith(LOCAL)
        experiment_id = (
            client.create_experiment(name, artifact_location=where.as_uri() if local else None)
            if experiment is None
            else experiment.experiment_id
        )
        return str(client.create_run(experiment_id, run_name=run.name, tags=dict(run.tags)).info.run_id)

    def _version(self, client: Any, run: RunRecord, run_id: str) -> str:  # noqa: ANN401 - as above
        if not client.search_registered_models(f"name='{self.model}'"):
            client.create_registered_model(self.model)
        source = f"runs:/{run_id}/{BUNDLE}"
        version = client.create_model_version(self.model, source=source, run_id=run_id, tags=dict(run.tags))
        client.set_registered_model_alias(self.model, ALIAS_CANDIDATE, version.version)
        return str(version.version)

    @contextmanager
    def _calling(self) -> Iterator[Any]:
        """Yield the client; turn every failure of the store into one refusal."""
        with warnings.catch_warnings():
            # MLflow 3.17 still asks SQLAlchemy 2.1 for its deprecated noload strategy when its tables are mapped.
            warnings.filterwarnings("ignore", message="The ``noload`` loader strategy")
            mlflow = self._mlflow()
            store_errors = (mlflow.exceptions.MlflowException, OSError, sqlite3.Error, *_database_errors())
            try:
                if self._connected is None:
                    self._try_file()
                    self._connected = mlflow.MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
                yield self._connected
            except store_errors as error:
                what = type(error).__name__
                zh = f"MLflow 记录库 {self._place()} 无法使用（{what}）"
                en = f"the MLflow store {self._place()} cannot be used ({what})"
                raise CommandError("STORE_UNREACHABLE", zh, en) from error

    def _try_file(self) -> None:
        """Open the local file once: MLflow itself would try for over a minute before it gives up."""
        if self.uri.startswith(LOCAL):
            path = Path(self.uri.removeprefix(LOCAL))
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA schema_version")

    def _place(self) -> str:
        """Return where the store is, without a password that an address may hold."""
        head, at, tail = self.uri.rpartition("@")
        return f"{head.split('://')[0]}://…@{tail}" if at else self.uri

    @staticmethod
    def _mlflow() -> Any:  # noqa: ANN401 - the module
        for key, value in _ENVIRONMENT.items():
            os.environ.setdefault(key, value)
        logging.getLogger("mlflow").setLevel(logging.ERROR)
        logging.getLogger("alembic").setLevel(logging.ERROR)
        return importlib.import_module("mlflow")


def _database_errors() -> tuple[type[Exception], ...]:
    """Return the errors of the database layer beneath MLflow, which it lets through."""
    errors = importlib.import_module("sqlalchemy.exc")
    return (errors.SQLAlchemyError,)
