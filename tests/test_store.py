"""The store on both databases: one key, one record, one audit row, together or not at all."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta

import pytest

from serving.audit.chain import GENESIS, signed
from serving.audit.digest import row_digest
from serving.repositories.advice import AdviceRow, AdviceStore, Call, ErasedError, Stored, advice_id
from serving.store.faults import StoreUnavailableError
from serving.store.transaction import Store
from tests.builders_serving import KEYS, NOW, ORIGIN, unsealed
from tests.builders_store import Database

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


@pytest.fixture
def store(database: Database) -> Store:
    """Open an empty store."""
    return database.open()


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


def test_what_is_stored_shows_neither_content_nor_key(store: Store, database: Database) -> None:
    """Case, features, rules and answer are sealed, and callers put odd things into keys."""
    write(store, call("330106199003078811"))
    kept = [*database.all("SELECT * FROM advice"), *database.all("SELECT * FROM idempotency")]
    stored = repr(kept) + repr([bytes(value) for row in kept for value in row.values() if isinstance(value, bytes)])
    assert not {"330106199003078811", '{"id"', "\\xc0\\x7f"} & {word for word in stored.split() if word}
    assert "330106199003078811" not in stored
    assert '"id":"SCR' not in stored
    assert unsealed(kept[0])["features"] == ROW.features


def test_every_write_read_and_repetition_is_on_the_chain(store: Store, database: Database) -> None:
    """Who, what, to which record, in which request; linked, and each code is right."""
    stored = write(store)
    get(store, stored.id)
    find(store, call())
    trail = database.all("SELECT * FROM audit ORDER BY seq")
    assert [(row["seq"], row["action"]) for row in trail] == [
        (1, "score.create"), (2, "score.read"), (3, "score.repeat"),
    ]  # fmt: skip
    assert {(row["actor"], row["role"], row["court"], row["object_id"], row["request_id"]) for row in trail} == {
        ("account:wang", "clerk", "浙1022", stored.id, "req-0000000000000001")
    }
    assert [row["prev_mac"] for row in trail] == [GENESIS, trail[0]["mac"], trail[1]["mac"]]
    assert all(KEYS.mac.matches(row["mac"], signed(row)) for row in trail)


def test_the_audit_row_tells_a_changed_record(store: Store, database: Database) -> None:
    """It holds the digest of the row as stored; the same on both databases."""
    write(store)
    detail = json.loads(database.all("SELECT detail FROM audit")[0]["detail"])
    row = database.all("SELECT * FROM advice")[0]
    assert detail["row_sha256"] == row_digest(row)
    assert detail["row_sha256"] != row_digest({**row, "route": "fast"})


def test_asking_for_what_is_not_there_is_on_the_trail(store: Store, database: Database) -> None:
    """Whoever tries numbers is seen; a key that led to nothing yet is nobody's data."""
    assert (get(store, "SCR-20261120-000009"), find(store, call())) == (None, None)
    (row,) = database.all("SELECT outcome, object_id FROM audit")
    assert (row["outcome"], row["object_id"]) == ("denied", "SCR-20261120-000009")


def test_thirty_at_once_with_one_key_leave_one_record(database: Database) -> None:
    """Three processes' worth of stores, thirty threads, one row, thirty audit rows without a gap."""
    stores = [database.open() for _ in range(3)]
    found: list[Stored] = []
    threads = [threading.Thread(target=lambda n=n: found.append(write(stores[n % 3]))) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 30
    assert {stored.id for stored in found} == {"SCR-20261120-000001"}
    assert sum(not stored.replayed for stored in found) == 1
    assert (database.rows("advice"), database.rows("idempotency")) == (1, 1)
    assert [row["seq"] for row in database.all("SELECT seq FROM audit ORDER BY seq")] == list(range(1, 31))


@pytest.mark.parametrize("table", ["idempotency", "audit"])
def test_record_key_and_audit_row_are_written_together_or_not_at_all(
    store: Store, database: Database, table: str
) -> None:
    """Where one of the three cannot be written, none is, and the caller is told that nothing was."""
    database.execute(f"ALTER TABLE {table} RENAME TO away")
    with pytest.raises(StoreUnavailableError, match=r"存储不可用：.* / the store cannot be used: "):
        write(store)
    database.execute(f"ALTER TABLE away RENAME TO {table}")
    assert [database.rows(name) for name in ("advice", "idempotency", "audit")] == [0, 0, 0]
    assert write(store).id == "SCR-20261120-000001"


def test_an_exception_in_the_work_undoes_it(store: Store, database: Database) -> None:
    """Whatever is raised, nothing of the transaction stays, and the exception comes through."""

    def broken(_: str) -> bytes:
        message = "no answer"
        raise ValueError(message)

    with pytest.raises(ValueError, match="no answer"):
        AdviceStore(store, KEYS).record(call(), ROW, answer_of=broken, origin=ORIGIN, at=NOW)
    assert [database.rows(name) for name in ("advice", "idempotency", "audit")] == [0, 0, 0]


def test_an_erased_record_is_told_apart_from_none(store: Store, database: Database) -> None:
    """Its key still leads to it, its content is gone; neither reading nor repeating is noted as done."""
    stored = write(store)
    database.execute(
        "UPDATE advice SET erased_at = '2031-01-01', input = NULL, features = NULL, rules = NULL, answer = NULL"
    )
    for ask in (lambda: get(store, stored.id), lambda: find(store, call())):
        with pytest.raises(ErasedError, match="SCR-20261120-000001 的内容已按期限删除"):
            ask()
    assert database.rows("audit") == 1


def test_a_locked_database_is_a_refusal_not_a_wrong_answer(database: Database) -> None:
    """When another writer will not let go, nothing is recorded and the caller is told."""
    store = database.open(busy_timeout_ms=200)
    other = database.open()
    told: list[str] = []

    def while_locked(_: object) -> None:
        assert store.ready() is False
        assert find(store, call()) is None
        with pytest.raises(StoreUnavailableError, match=r"存储不可用：.*(database is locked|lock timeout)"):
            write(store)
        told.append("refused")

    other.write(while_locked)
    assert (told, store.ready(), database.rows("advice")) == (["refused"], True, 0)
