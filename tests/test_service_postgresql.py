"""The running service on PostgreSQL: several workers, one record, and a database that goes away and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from serving.keys import key_ring
from serving.store.engine import open_engine
from serving.store.migrate import upgrade
from tests.builders_postgres import SERVICE, Server
from tests.builders_servers import Served, running, serve_command
from tests.builders_store import Database, postgresql_database
from tests.test_service import key, sent


@pytest.fixture(scope="module")
def own(postgres: Server) -> Iterator[Database]:
    """Yield an empty database for this service."""
    with postgresql_database(postgres) as database:
        yield database


@pytest.fixture(scope="module")
def served(own: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start two workers on the database, which the owner's role has set up with the service's own keys."""
    folder = tmp_path_factory.mktemp("postgresql")
    engine = open_engine(own.owner, busy_timeout_ms=5000)
    upgrade(engine, key_ring(folder / "home" / "keys"), service_role=SERVICE)
    engine.dispose()
    variables = {"FENLIU_DATABASE": str(own.place), "FENLIU_WORKERS": "2"}
    with running(serve_command(), folder, variables=variables) as server:
        yield server


def test_two_workers_keep_one_record(served: Served, own: Database) -> None:
    """Forty calls with ten keys through two processes: ten rows, one answer a key, the chain without a gap."""
    keys = [key() for _ in range(10)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: (one, served.post(sent(), Idempotency_Key=one)), keys * 4))
    assert sorted(answer.status_code for _, answer in answers) == [200] * 30 + [201] * 10
    assert len({(one, answer.content) for one, answer in answers}) == 10
    assert own.rows("advice") == 10
    seqs = [row["seq"] for row in own.all("SELECT seq FROM audit ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_broken_connection_costs_no_call(served: Served, own: Database) -> None:
    """The database was restarted meanwhile: the next call finds a fresh connection."""
    own.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{SERVICE}'")  # noqa: S608
    assert [served.post(sent(), Idempotency_Key=key()).status_code for _ in range(4)] == [201] * 4


def test_without_the_database_there_is_no_advice_and_afterwards_there_is(served: Served, own: Database) -> None:
    """503 with Retry-After, not ready; the same key works when the database is back."""
    mine, before = key(), own.rows("advice")
    own.execute(f"ALTER ROLE {SERVICE} NOLOGIN")
    try:
        own.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{SERVICE}'")  # noqa: S608
        answer = served.post(sent(), Idempotency_Key=mine)
        assert (answer.status_code, answer.json()["code"]) == (503, "STORE_UNAVAILABLE")
        assert answer.headers["retry-after"] == "1"
        assert served.get("/readyz").status_code == 503
    finally:
        own.execute(f"ALTER ROLE {SERVICE} LOGIN")
    deadline = time.monotonic() + 30
    while served.get("/readyz").status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert served.post(sent(), Idempotency_Key=mine).status_code == 201
    assert own.rows("advice") == before + 1
