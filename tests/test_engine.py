"""Opening the database: durable, for the service alone, and one writer at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.store.engine import StoreFileError, open_engine, reading
from serving.store.faults import StoreUnavailableError
from tests.builders_serving import opened
from tests.builders_store import Database
from tests.test_store import write


def test_a_replaced_or_missing_file_takes_no_record(tmp_path: Path) -> None:
    """Writing into a file that nobody can find again is no record."""
    store, path = opened(tmp_path), tmp_path / "fenliu.db"
    path.rename(tmp_path / "old.db")
    assert store.ready() is False
    path.touch()
    assert store.ready() is False
    with pytest.raises(StoreUnavailableError, match="数据库文件已被移走或替换"):
        write(store)


def test_the_file_is_for_the_service_alone(tmp_path: Path) -> None:
    """Database, log and shared memory have mode 0600; the folder of a new home 0700."""
    write(opened(tmp_path))
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == dict.fromkeys(
        ("fenliu.db", "fenliu.db-shm", "fenliu.db-wal", "fenliu.db.lock"), 384
    )
    opened(tmp_path / "home")
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_a_file_others_can_read_is_refused(tmp_path: Path) -> None:
    """The record holds personal data."""
    (tmp_path / "fenliu.db").touch(mode=0o644)
    with pytest.raises(StoreFileError, match=r"0644，须为 0600：fenliu\.db"):
        opened(tmp_path)


def test_the_sqlite_file_is_set_for_durability(tmp_path: Path) -> None:
    """WAL, synchronous FULL, foreign keys."""
    engine = open_engine(tmp_path / "x.db", busy_timeout_ms=1000)
    with engine.begin() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_postgresql_commit_waits_for_the_disk_whatever_the_server_says(database: Database) -> None:
    """Each connection asks for it; writers see the newest row after their wait, readers one moment."""
    database.execute("ALTER ROLE fenliu_service SET synchronous_commit = off")
    engine = open_engine(database.place, busy_timeout_ms=1000)
    shown = ("synchronous_commit", "transaction_isolation", "transaction_read_only", "lock_timeout")
    with engine.begin() as connection:
        writing = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in shown]
    with reading(engine) as connection:
        looking = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in shown]
    engine.dispose()
    database.execute("ALTER ROLE fenliu_service RESET synchronous_commit")
    assert writing == ["on", "read committed", "off", "1s"]
    assert looking == ["on", "repeatable read", "on", "1s"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_that_only_reads_is_not_ready(database: Database) -> None:
    """A standby server, or one set to read only, takes no record."""
    store = database.open()
    assert store.ready() is True
    store.close()
    name = database.all("SELECT current_database() AS name")[0]["name"]
    database.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert store.ready() is False


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_turned_read_only_gives_no_advice_until_it_is_turned_back(database: Database) -> None:
    """Nothing is written and the caller is told; afterwards the same key is recorded."""
    store = database.open()
    name = database.all("SELECT current_database() AS name")[0]["name"]
    database.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    store.close()
    with pytest.raises(StoreUnavailableError, match="read-only transaction"):
        write(store)
    database.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    store.close()
    assert write(store).id == "SCR-20261120-000001"
    assert database.rows("advice") == 1


def test_a_file_turned_read_only_gives_no_advice_until_it_is_turned_back(tmp_path: Path) -> None:
    """As on a file system that was mounted again for reading only."""
    store = opened(tmp_path)
    with store._engine.connect() as held:
        held.exec_driver_sql("PRAGMA query_only = ON")
        held.commit()
    with pytest.raises(StoreUnavailableError, match="attempt to write a readonly database"):
        write(store)
    store.close()
    assert write(store).id == "SCR-20261120-000001"


@pytest.mark.parametrize("address", ["postgresql://a:geheim@[::1/d", "postgresql://a:geheim@h:port/d"])
def test_an_address_that_cannot_be_read_is_not_repeated(address: str) -> None:
    """It may hold a password."""
    with pytest.raises(StoreFileError, match="数据库地址无法解读") as refusal:
        open_engine(address, busy_timeout_ms=1000)
    assert "geheim" not in str(refusal.value)


def test_a_failing_statement_does_not_show_its_values(database: Database) -> None:
    """Rows hold personal data; errors go into the log."""
    store = database.open()
    statement = sa.text("SELECT * FROM nowhere WHERE x = :x")
    with (
        pytest.raises(sa.exc.DBAPIError, match="hidden due to hide_parameters") as failure,
        reading(store._engine) as connection,
    ):
        connection.execute(statement, {"x": "geheim"})
    assert "geheim" not in str(failure.value)


def test_a_file_that_is_gone_is_not_replaced_by_an_empty_one(tmp_path: Path) -> None:
    """A new connection fails instead of making a database in which what was acknowledged is not."""
    place = tmp_path / "卷 宗#1.db"
    engine = open_engine(place, busy_timeout_ms=1000)
    place.unlink()
    with pytest.raises(sa.exc.OperationalError, match="unable to open"):
        engine.connect()
    assert not place.exists()
    engine.dispose()
