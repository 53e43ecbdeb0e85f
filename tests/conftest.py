"""Rules for every test: in CI nothing is skipped silently, and property tests are repeatable."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:  # only tests of the store wait for the database's libraries
    from serving.model_life.standing import Standing
    from tests.builders_demo import DemoCourt
    from tests.builders_postgres import Server
    from tests.builders_servers import Served
    from tests.builders_store import Database

settings.register_profile(
    "fenliu",
    deadline=None,
    derandomize=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("fenliu")

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")


SHARED = ("tests.builders_demo", "tests.builders_training")
"""Builders of what takes long and is made once in a process: the demonstration court, the trained models."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests that share a costly builder side by side: of several workers, as few as may be build it again.

    What is costly comes first, so that at the end there are small tests left to share out.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    module = getattr(item, "module", None)
    homes = {getattr(value, "__module__", None) for value in vars(module).values()} if module else set()
    return next((place for place, shared in enumerate(SHARED) if shared in homes), len(SHARED))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure in CI; only tests on data outside the repository may skip there."""
    report = yield
    if report.skipped and os.environ.get("CI") and "real_data" not in item.keywords:
        report.outcome = "failed"
        report.longrepr = f"不得在 CI 中跳过 / skipped in CI: {call.excinfo}"
    return report


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Run a real PostgreSQL server for the whole session; without one, skip and say so (in CI: fail)."""
    from tests.builders_postgres import binaries, postgres_server

    place = binaries()
    if place is None:
        pytest.skip("没有 PostgreSQL 服务器程序：apt-get install postgresql / no PostgreSQL server is installed")
    with postgres_server(place) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: Server) -> str:
    """Return a database that is ready for the service, to copy from."""
    from tests.builders_store import ready_template

    return ready_template(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Yield a database that the service can open: an SQLite file, then one on PostgreSQL."""
    from tests.builders_store import postgresql_database, sqlite_database

    if request.param == "sqlite":
        with sqlite_database(tmp_path) as file:
            yield file
        return
    server, template = (request.getfixturevalue(name) for name in ("postgres", "postgres_template"))
    with postgresql_database(server, template=template) as own:
        yield own


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Yield a database in which nothing is yet."""
    from tests.builders_store import postgresql_database, sqlite_database

    if request.param == "sqlite":
        with sqlite_database(tmp_path) as file:
            yield file
        return
    with postgresql_database(request.getfixturevalue("postgres")) as own:
        yield own


@pytest.fixture(scope="session")
def with_model(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Return a model and rules to answer with, made once for every test of a page."""
    from tests.builders_pages import standing_in

    return standing_in(tmp_path_factory.mktemp("model"), model=True)


@pytest.fixture(scope="session")
def with_rules(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Return rules to answer with, and no model."""
    from tests.builders_pages import standing_in

    return standing_in(tmp_path_factory.mktemp("rules"), model=False)


@pytest.fixture(scope="session")
def demo_court(tmp_path_factory: pytest.TempPathFactory) -> DemoCourt:
    """Build a small demonstration court once for every test that looks at one."""
    from tests.builders_demo import small_court

    return small_court(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def demo_service(demo_court: DemoCourt) -> Iterator[Served]:
    """Serve the demonstration court by the real command, once for every test in a browser that uses it."""
    from tests.builders_servers import running, serve_command

    with running(serve_command(), demo_court.folder, variables={"FENLIU_RATE_PRINCIPAL": "5000"}) as served:
        yield served
