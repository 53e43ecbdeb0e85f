"""The experiment record of a court: runs, folds and trials under them, what they read, and registered versions."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from training.registry.connection import LOCAL, Connection, mlflow
from training.registry.model_files import BUNDLE, write_model_files
from training.registry.records import DatasetUse, Kind, Registered, RunRecord

ALIAS_CANDIDATE = "candidate"
ALIAS_CHAMPION = "champion"
AT_ONCE = 90
"""Entries of one call; MLflow takes no more than 100 parameters at a time."""

DIGEST = 32
"""Characters of a hash that MLflow keeps as a dataset's digest; the whole hash is a tag of the run."""


class Registry:
    """MLflow's tracking store and model registry: one SQLite file under FENLIU_HOME, or what MLFLOW_TRACKING_URI names.

    Each stage has its experiment. Every failure of the store becomes
    STORE_UNREACHABLE (exit 6).
    """

    def __init__(self, home: Path, *, model: str) -> None:
        self.home = home
        self.model = model
        uri = os.environ.get("MLFLOW_TRACKING_URI", f"{LOCAL}{(home / 'mlflow.db').resolve()}")
        self._store = Connection(uri)

    def check(self) -> None:
        """Fail now, before hours of fitting, where the store cannot be used; a file that is not there is not made."""
        if self._store.is_to_be_made():
            return
        with self._store.calling() as client:
            client.search_experiments(max_results=1)

    def record(self, run: RunRecord, *, register: bool = False, parent: str | None = None) -> Registered:
        """Record a finished run, under a `parent` where one is named.

        Where asked, its bundle becomes a new version of the registered model,
        with the alias `candidate`. The version comes last: a record that was
        broken off has none.
        """
        with self._store.calling() as client:
            run_id = self._start(client, run, parent)
            with _ended_if_broken(client, run_id):
                self._log(client, run_id, metrics=run.metrics, params=run.params, artifacts=run.artifacts)
                made = self._keep_bundle(client, run, run_id)
            client.set_terminated(run_id)
            version = self._version(client, run, run_id, made) if register and made is not None else None
            return Registered(run_id, version)

    @contextmanager
    def running(self, run: RunRecord, *, parent: str | None = None, again: bool = False) -> Iterator[str]:
        """Yield the id of a run that others are recorded under while it goes on, such as folds and trials.

        It ends as FINISHED, as KILLED where it was broken off by hand, as FAILED otherwise. `again` goes on with the
        run of this name, kind and data that was begun before, where there is one.
        """
        with self._store.calling() as client:
            run_id = self._begun(client, run) if again else None
            if run_id is None:
                run_id = self._start(client, run, parent)
                self._log(client, run_id, metrics=run.metrics, params=run.params, artifacts=run.artifacts)
        try:
            yield run_id
        except BaseException as error:
            broken_off = not isinstance(error, Exception)
            with self._store.calling() as client:
                client.set_terminated(run_id, status="KILLED" if broken_off else "FAILED")
            raise
        with self._store.calling() as client:
            client.set_terminated(run_id)

    def log(self, run_id: str, *, metrics: Mapping[str, float], artifacts: Mapping[str, Path] | None = None) -> None:
        """Add figures and files to a run."""
        with self._store.calling() as client:
            self._log(client, run_id, metrics=metrics, params={}, artifacts=artifacts or {})

    def trained(self, sha256: str, stage: str) -> str | None:
        """Return the run that trained a bundle's stage; None where it was never recorded."""
        with self._store.calling() as client:
            experiment = client.get_experiment_by_name(f"{self.model}-{stage}")
            if experiment is None:
                return None
            found = client.search_runs([experiment.experiment_id], f"tags.bundle_sha256 = '{sha256}'")
            ids = [run.info.run_id for run in found if run.data.tags.get("kind", Kind.TRAINING) == Kind.TRAINING]
            return str(ids[0]) if ids else None

    def add(self, sha256: str, stage: str, *, metrics: Mapping[str, float], artifacts: Mapping[str, Path]) -> bool:
        """Add figures and files to the run that trained a bundle's stage; False where it was never recorded."""
        run_id = self.trained(sha256, stage)
        if run_id is not None:
            self.log(run_id, metrics=metrics, artifacts=artifacts)
        return run_id is not None

    def point(self, alias: str, sha256: str) -> str | None:
        """Point an alias at the version whose bundle has this hash; None where it was never registered."""
        with self._store.calling() as client:
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
        now, entities = int(time.time() * 1000), mlflow().entities
        figures = [entities.Metric(key, value, now, 0) for key, value in metrics.items()]
        settings = [entities.Param(key, value[:6000]) for key, value in params.items()]
        for start in range(0, max(len(figures), len(settings)), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            client.log_batch(run_id, metrics=figures[part], params=settings[part])
        for folder, path in artifacts.items():
            (client.log_artifacts if path.is_dir() else client.log_artifact)(run_id, str(path), folder)

    def _start(self, client: Any, run: RunRecord, parent: str | None) -> str:  # noqa: ANN401 - as above
        above = {} if parent is None else {"mlflow.parentRunId": parent}
        experiment_id = self._experiment(client, run.stage)
        run_id = client.create_run(experiment_id, run_name=run.name, tags=run.all_tags | above).info.run_id
        if run.datasets:
            client.log_inputs(run_id, [_dataset(use) for use in run.datasets])
        return str(run_id)

    def _begun(self, client: Any, run: RunRecord) -> str | None:  # noqa: ANN401 - as above
        """Return the newest run of the same name and tags, going on once more; None where there is none."""
        same = [f"tags.`{key}` = '{value}'" for key, value in run.all_tags.items() if key in ("kind", "data_sha256")]
        wanted = " and ".join([f"attributes.run_name = '{run.name}'", *same])
        found = client.search_runs([self._experiment(client, run.stage)], wanted, max_results=1)
        for one in found:
            client.update_run(one.info.run_id, status="RUNNING")
            return str(one.info.run_id)
        return None

    def _experiment(self, client: Any, stage: str) -> str:  # noqa: ANN401 - as above
        name = f"{self.model}-{stage}"
        found = client.get_experiment_by_name(name)
        if found is None:
            where = None if self._store.is_server else (self.home / "mlartifacts" / name).resolve().as_uri()
            try:
                return str(client.create_experiment(name, artifact_location=where))
            except mlflow().exceptions.MlflowException:
                # Another process made it in the meantime; if not, it is none and the store is at fault.
                found = client.get_experiment_by_name(name)
                if found is None:
                    raise
        return str(found.experiment_id)

    def _keep_bundle(self, client: Any, run: RunRecord, run_id: str) -> Any:  # noqa: ANN401 - as above
        """Keep the run's bundle as its model, with what the model takes and gives; None where it has none."""
        if run.bundle is None or run.shape is None:
            return None
        entities = mlflow().entities
        experiment_id = self._experiment(client, run.stage)
        tags, name = run.all_tags, f"stage-{run.stage}"
        made = client.create_logged_model(experiment_id, name, run_id, tags, model_type="fenliu-bundle")
        with tempfile.TemporaryDirectory() as folder:
            write_model_files(Path(folder), run.shape, run_id=run_id, sha256=tags.get("bundle_sha256", ""))
            client.log_model_artifacts(made.model_id, folder)
        client.log_model_artifacts(made.model_id, str(run.bundle), BUNDLE)
        client.log_outputs(run_id, [entities.LoggedModelOutput(made.model_id, step=0)])
        client.finalize_logged_model(made.model_id, "READY")
        return made

    def _version(self, client: Any, run: RunRecord, run_id: str, made: Any) -> str:  # noqa: ANN401 - as above
        if not client.search_registered_models(f"name='{self.model}'"):
            try:
                client.create_registered_model(self.model)
            except mlflow().exceptions.MlflowException:
                # Another process may have made it in the meantime.
                client.get_registered_model(self.model)
        # A bare database looks for `models:/` in whatever store the process was last told of; a server in its own.
        source = f"models:/{made.model_id}" if self._store.is_server else made.artifact_location
        version = client.create_model_version(self.model, source, run_id, tags=run.all_tags, model_id=made.model_id)
        client.set_registered_model_alias(self.model, ALIAS_CANDIDATE, version.version)
        return str(version.version)


@contextmanager
def _ended_if_broken(client: Any, run_id: str) -> Iterator[None]:  # noqa: ANN401 - as above
    """Mark a run whose record is broken off, as far as the store still takes it: it must not look as if it went on."""
    try:
        yield
    except BaseException as error:
        with suppress(Exception):
            client.set_terminated(run_id, status="FAILED" if isinstance(error, Exception) else "KILLED")
        raise


def _dataset(use: DatasetUse) -> Any:  # noqa: ANN401 - as above
    entities = mlflow().entities
    columns = [{"name": name, "type": kind, "required": False} for name, kind in use.columns.items()]
    dataset = entities.Dataset(
        name=use.name,
        digest=use.sha256[:DIGEST],
        source_type="fenliu-history",
        source=json.dumps({"data_sha256": use.sha256}),
        schema=json.dumps({"mlflow_colspec": columns}),
        profile=json.dumps({"num_rows": use.rows}),
    )
    return entities.DatasetInput(dataset, [entities.InputTag("mlflow.data.context", use.context)])
