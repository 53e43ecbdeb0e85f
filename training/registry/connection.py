"""How MLflow is reached: nothing sent out, no pickle read, an absent store noticed soon and told in one sentence."""

from __future__ import annotations

import fcntl
import importlib
import logging
import os
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from training.errors import CommandError

LOCAL = "sqlite:///"

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
}
"""Set before MLflow is imported: nothing is sent out, no pickle is read, an absent server is noticed soon."""


def mlflow() -> Any:  # noqa: ANN401 - MLflow ships no types for its client
    """Return the library, imported on first use and kept quiet."""
    for key, value in _ENVIRONMENT.items():
        os.environ.setdefault(key, value)
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    return importlib.import_module("mlflow")


class Connection:
    """One tracking store and model registry: an SQLite file, a database, or a server."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._connected: Any = None

    @property
    def is_server(self) -> bool:
        """Whether an MLflow server keeps the files too; beside a bare database they are kept at home."""
        return self.uri.startswith(("http://", "https://", "databricks"))

    @contextmanager
    def calling(self) -> Iterator[Any]:
        """Yield the client; turn every failure of the store into STORE_UNREACHABLE (exit 6)."""
        with warnings.catch_warnings():
            # MLflow 3.17 still asks SQLAlchemy 2.1 for its deprecated noload strategy when its tables are mapped.
            warnings.filterwarnings("ignore", message="The ``noload`` loader strategy")
            library = mlflow()
            store_errors = (library.exceptions.MlflowException, OSError, sqlite3.Error, *_database_errors())
            try:
                if self._connected is None:
                    with self._alone():
                        client = library.MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
                        client.search_experiments(max_results=1)
                    self._connected = client
                yield self._connected
            except store_errors as error:
                what = type(error).__name__
                zh = f"MLflow 记录库 {self.place()} 无法使用（{what}）"
                en = f"the MLflow store {self.place()} cannot be used ({what})"
                raise CommandError("STORE_UNREACHABLE", zh, en) from error

    def is_to_be_made(self) -> bool:
        """Whether the store is a file that does not exist yet, in a place that can hold one."""
        if not self.uri.startswith(LOCAL):
            return False
        path = Path(self.uri.removeprefix(LOCAL))
        there = next(folder for folder in path.parents if folder.exists())
        try:
            with tempfile.TemporaryFile(dir=there):
                return not path.exists()
        except OSError:
            return False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Open a local file with no other process doing so: two that make its tables at once would fail.

        The file is tried first: MLflow itself would try for over a minute
        before it gives up.
        """
        if not self.uri.startswith(LOCAL):
            yield
            return
        path = Path(self.uri.removeprefix(LOCAL))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(f".{path.name}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA schema_version")
            yield

    def place(self) -> str:
        """Return where the store is, without a password that an address may hold."""
        head, at, tail = self.uri.rpartition("@")
        return f"{head.split('://')[0]}://…@{tail}" if at else self.uri


def _database_errors() -> tuple[type[Exception], ...]:
    """Return the errors of the database layer beneath MLflow, which it lets through."""
    errors = importlib.import_module("sqlalchemy.exc")
    return (errors.SQLAlchemyError,)
