"""The store: one key, one record, and what was acknowledged survives."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from serving.repositories.advice import AdviceRow, AdviceStore, Call, Stored, advice_id
from serving.store.engine import StoreFileError, open_engine
from serving.store.transaction import Store, StoreUnavailableError
from tests.builders_serving import KEYS, NOW, ORIGIN, opened

ROW = AdviceRow(
    application_id="SQ-1", court_code="浙1022", stage="A", as_of="x", created_at="x", expires_at="x", status="scored",
    route="urge", decided_by="model", model_sha256="m", ruleset_sha256="r", input=b"{}", input_sha256="i",
    features=b"\x00\x00\xc0\x7f", features_sha256="f", versions="{}", rules=b"[]",
)  # fmt: skip


def call(key: str = "key-00000001", digest: str = "d") -> Call:
    """Return a call with this key."""
    return Call("/v1/scores", key, digest)


def write(store: Store, sent: Call | None = None, *, at: datetime = NOW) -> Stored:
    """Record an answer that holds its id."""
    records = AdviceStore(store, KEYS)
    return records.record(
        sent or call(), ROW, answer_of=lambda new_id: f'{{"id":"{new_id}"}}'.encode(), origin=ORIGIN, at=at
    )


def get(store: Store, one: str) -> Stored | None:
    """Read an answer."""
    return AdviceStore(store, KEYS).get(one, origin=ORIGIN, at=NOW)


def find(store: Store, sent: Call) -> Stored | None:
    """Ask for what a key led to."""
    return AdviceStore(store, KEYS).find(sent, origin=ORIGIN, at=NOW)


def rows(path: Path, table: str) -> int:
    """Count rows without the store's help."""
    with sqlite3.connect(path) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - a test's own word


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Open an empty store."""
    return opened(tmp_path)


def test_a_record_reads_back_byte_for_byte(store: Store) -> None:
    """What left is what is found."""
    stored = write(store)
    assert stored == Stored("SCR-20261120-000001", b'{"id":"SCR-20261120-000001"}', "d")
    assert get(store, stored.id) == Stored(stored.id, stored.answer)
    assert get(store, "SCR-20261120-000002") is None


def test_ids_count_up_within_a_day(store: Store) -> None:
    """The number starts anew each day."""
    days = (NOW, NOW, NOW + timedelta(days=1))
    ids = [write(store, call(f"key-{n}-0000"), at=at).id for n, at in enumerate(days)]
    assert ids == ["SCR-20261120-000001", "SCR-20261120-000002", "SCR-20261121-000001"]
    assert advice_id("2026-11-20", 1_000_000) == "SCR-20261120-1000000"


def test_the_same_key_leads_to_the_first_answer(store: Store) -> None:
    """A second write returns the first record and its digest; the caller compares."""
    first = write(store)
    again = write(store, call(digest="other"))
    assert again == Stored(first.id, first.answer, "d", replayed=True) == find(store, call())


def test_the_key_itself_is_not_stored(tmp_path: Path, store: Store) -> None:
    """Callers put odd things into keys."""
    write(store, call("330106199003078811"))
    store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"330106199003078811" not in content


def test_thirty_at_once_with_one_key_leave_one_record(tmp_path: Path) -> None:
    """Three processes' worth of stores, thirty threads, one row."""
    path = tmp_path / "fenliu.db"
    stores = [opened(tmp_path) for _ in range(3)]
    found: list[Stored] = []
    threads = [threading.Thread(target=lambda n=n: found.append(write(stores[n % 3]))) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 30
    assert {stored.id for stored in found} == {"SCR-20261120-000001"}
    assert sum(not stored.replayed for stored in found) == 1
    assert (rows(path, "advice"), rows(path, "idempotency"), rows(path, "audit")) == (1, 1, 30)


def test_answer_and_key_are_written_together_or_not_at_all(tmp_path: Path, store: Store) -> None:
    """A failure between the two statements leaves neither."""
    with sqlite3.connect(tmp_path / "fenliu.db") as connection:
        connection.execute("CREATE TRIGGER stop BEFORE INSERT ON idempotency BEGIN SELECT RAISE(ABORT, 'disk'); END")
    with pytest.raises(StoreUnavailableError, match="存储不可用：disk / the store cannot be used: disk"):
        write(store)
    assert rows(tmp_path / "fenliu.db", "advice") == 0


def test_a_locked_database_is_a_refusal_not_a_wrong_answer(tmp_path: Path) -> None:
    """When another writer will not let go, nothing is recorded and the caller is told."""
    store = opened(tmp_path, busy_timeout_ms=50)
    other = sqlite3.connect(tmp_path / "fenliu.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert store.ready() is False
    assert find(store, call()) is None
    with pytest.raises(StoreUnavailableError, match="database is locked"):
        write(store)
    other.execute("ROLLBACK")
    assert store.ready() is True


def test_a_replaced_or_missing_file_is_not_ready(tmp_path: Path, store: Store) -> None:
    """Writing into a file that nobody can find again is no record."""
    path = tmp_path / "fenliu.db"
    path.rename(tmp_path / "old.db")
    assert store.ready() is False
    path.touch()
    assert store.ready() is False


def test_the_file_is_for_the_service_alone(tmp_path: Path, store: Store) -> None:
    """Database, log and shared memory have mode 0600; the folder of a new home 0700."""
    write(store)
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


def test_the_database_is_set_for_durability(tmp_path: Path) -> None:
    """WAL, synchronous FULL, foreign keys."""
    engine = open_engine(tmp_path / "x.db", busy_timeout_ms=1000)
    with engine.begin() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


HARNESS = """
import itertools, os, signal, sys
from pathlib import Path
from tests.builders_serving import opened
from tests.test_store import call, write
def work(cycle, out):
    store = opened(Path(sys.argv[1]))
    for n in itertools.count():
        out.write(write(store, call(f"cycle-{cycle}-{n:06d}")).id + "\\n")
        out.flush()
for cycle in range(20):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        work(cycle, os.fdopen(writing, "w"))
    os.close(writing)
    with os.fdopen(reading) as told:
        lines = [told.readline() for _ in range(3 + cycle % 5)]
        os.kill(child, signal.SIGKILL)
        lines += [line for line in told if line.endswith("\\n")]
    os.waitpid(child, 0)
    sys.stdout.write("".join(lines))
"""
"""Starts a writer, listens to the ids it acknowledges, kills it in the middle of its work; twenty times."""


def test_what_was_acknowledged_survives_kill_nine(tmp_path: Path) -> None:
    """Twenty times a writer is killed in the middle of its work; every id it had told is on record afterwards."""
    path = tmp_path / "fenliu.db"
    command = [sys.executable, "-c", HARNESS, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.split()
    store = opened(tmp_path)
    assert len(told) == len(set(told)) >= 60
    assert [one for one in told if get(store, one) is None] == []
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert rows(path, "advice") == rows(path, "idempotency")
