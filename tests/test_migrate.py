"""Migrations: every database is brought to the present shape or refused untouched, and nothing on record is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from serving.audit.chain import signed
from serving.audit.digest import row_digest
from serving.ciphers import Mac
from serving.keys import KeyRing
from serving.store.engine import open_engine
from serving.store.migrate import move, upgrade
from serving.store.schema import KeyMismatchError, StoreSchemaError, newest, version_of
from serving.store.tables import advice, audit, metadata
from serving.store.triggers import triggers_of
from tests.builders_serving import KEYS, unsealed
from tests.builders_store import Database

PLAIN = {
    "id": "SCR-20261120-000001", "day": "2026-11-20", "number": 1, "application_id": "SQ-1", "court_code": "浙1022",
    "stage": "A", "as_of": "x", "created_at": "x", "expires_at": "x", "status": "scored", "route": "urge",
    "decided_by": "model", "model_sha256": "m", "ruleset_sha256": "r", "input": '{"a":1}', "input_sha256": "i",
    "features": b"\x00", "features_sha256": "f", "versions": "{}", "rules": "[]", "answer": b"answer",
}  # fmt: skip


@pytest.fixture
def engine(empty: Database) -> Iterator[Engine]:
    """Yield an engine on an empty database, with the owner's role."""
    engine = open_engine(empty.owner, busy_timeout_ms=1000)
    yield engine
    engine.dispose()


def go(engine: Engine, revision: str) -> None:
    """Move the database to a revision."""
    with engine.begin() as connection:
        move(connection, KEYS, revision)


def written_at_first(engine: Engine, **changes: object) -> None:
    """Make the database as the first version wrote it, with one answer."""
    go(engine, "0001")
    with engine.begin() as connection:
        columns = ", ".join(PLAIN)
        marks = ", ".join(f":{name}" for name in PLAIN)
        connection.execute(sa.text(f"INSERT INTO advice ({columns}) VALUES ({marks})"), {**PLAIN, **changes})  # noqa: S608


def test_migrations_lead_to_the_tables_as_declared(engine: Engine) -> None:
    """Nobody forgot a migration."""
    upgrade(engine, KEYS)
    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert version_of(connection) == newest()


def test_a_failed_migration_leaves_the_database_as_it_was(engine: Engine) -> None:
    """Migrations and their version are one transaction."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql("CREATE TABLE idempotency (x VARCHAR(1))")
    with pytest.raises(sa.exc.DBAPIError, match="already exists"):
        upgrade(engine, KEYS)
    with engine.begin() as connection:
        assert sorted(sa.inspect(connection).get_table_names()) == ["alembic_version", "idempotency"]


@pytest.mark.parametrize("version", ["9999", "1.0"])
def test_a_database_from_the_future_is_refused(engine: Engine, version: str) -> None:
    """An older program must not write into a newer record."""
    upgrade(engine, KEYS)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")  # noqa: S608
    with pytest.raises(StoreSchemaError, match=f"数据库版本 {version} 不认识，本程序支持到 "):
        upgrade(engine, KEYS)


def test_somebody_elses_database_is_refused_untouched(engine: Engine) -> None:
    """Tables of another program are named, and nothing is added to them."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(StoreSchemaError, match="不属于分流的表（invoices），未作任何改动"):
        upgrade(engine, KEYS)
    with engine.begin() as connection:
        assert sa.inspect(connection).get_table_names() == ["invoices"]


def test_a_right_version_on_a_wrong_shape_is_refused(engine: Engine) -> None:
    """A version number alone proves nothing."""
    upgrade(engine, KEYS)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit ADD COLUMN extra VARCHAR(1)")
    with pytest.raises(StoreSchemaError, match=r"表 audit 与版本 \d+ 不符"):
        upgrade(engine, KEYS)


def test_a_database_written_with_other_keys_is_refused(engine: Engine) -> None:
    """Otherwise the record could not be read again, and the chain would break."""
    upgrade(engine, KEYS)
    other = KeyRing(KEYS.secret, Mac(b"x" * 32), KEYS.seal)
    with pytest.raises(KeyMismatchError, match=r"另外的密钥写成的：audit\.key；"):
        upgrade(engine, other)


def test_what_was_written_first_is_sealed_and_put_on_the_chain(engine: Engine) -> None:
    """Content is readable through the key only, and every old answer gets its audit row."""
    written_at_first(engine)
    upgrade(engine, KEYS)
    with engine.begin() as connection:
        row = dict(connection.execute(sa.select(advice)).mappings().one())
        event = dict(connection.execute(sa.select(audit)).mappings().one())
    assert (unsealed(row)["input"], unsealed(row)["answer"]) == (b'{"a":1}', b"answer")
    assert b"answer" not in row["answer"]
    assert (event["action"], event["object_id"]) == ("score.import", PLAIN["id"])
    assert json.loads(event["detail"])["row_sha256"] == row_digest(row)
    assert KEYS.mac.matches(event["mac"], signed(event))


def test_whose_data_earlier_answers_hold_is_found_out(engine: Engine) -> None:
    """An export per person finds cases of before there were exports; after a step back and up again, too."""
    token = KEYS.token("33010619900307881X")
    written_at_first(engine, input=json.dumps({"case": {"id_token": token}}))
    upgrade(engine, KEYS)
    for _ in range(2):
        with engine.begin() as connection:
            found = connection.execute(sa.text("SELECT advice_id, token_digest FROM person_tokens")).all()
        assert [tuple(row) for row in found] == [(PLAIN["id"], KEYS.person(token))]
        go(engine, "0005")
        upgrade(engine, KEYS)


def test_on_which_basis_earlier_answers_rest_is_found_out(engine: Engine) -> None:
    """A second application is noticed even where the first one is older than the notice."""
    number = "(2025)浙1022民初3321号"
    written_at_first(engine, input=json.dumps({"court_code": "浙1022", "case": {"basis_no": number}}))
    upgrade(engine, KEYS)
    with engine.begin() as connection:
        found = connection.execute(sa.text("SELECT advice_id, basis_digest FROM basis_numbers")).all()
    assert [tuple(row) for row in found] == [(PLAIN["id"], KEYS.basis("浙1022", number))]


def test_down_and_up_again_keeps_what_is_on_record(engine: Engine) -> None:
    """Each step can be taken back and taken again."""
    written_at_first(engine)
    upgrade(engine, KEYS)
    go(engine, "0001")
    with engine.begin() as connection:
        assert dict(connection.execute(sa.text("SELECT * FROM advice")).mappings().one()) == PLAIN
        assert triggers_of(connection) == {}
    upgrade(engine, KEYS)
    with engine.begin() as connection:
        row = dict(connection.execute(sa.select(advice)).mappings().one())
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert unsealed(row)["answer"] == b"answer"


@pytest.mark.parametrize(
    "attempt",
    ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "UPDATE advice SET route = 'fast'", "DELETE FROM advice",
     "UPDATE advice SET answer = NULL", "UPDATE advice SET input = NULL, features = NULL, rules = NULL, answer = NULL",
     "UPDATE advice SET erased_at = 'x', input = NULL, features = NULL, rules = NULL, answer = NULL, number = 2",
     "DELETE FROM idempotency"],
)  # fmt: skip
def test_records_are_kept_as_they_were_written(engine: Engine, attempt: str) -> None:
    """A stray statement is stopped by the database itself."""
    written_at_first(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO idempotency (scope, key_sha256, body_digest, advice_id) "
            "VALUES ('s', 'k', 'd', 'SCR-20261120-000001')"
        )
    upgrade(engine, KEYS)
    with pytest.raises(sa.exc.DBAPIError, match="this record is kept as it was written"), engine.begin() as connection:
        connection.exec_driver_sql(attempt)


def test_erasure_is_the_one_change_that_is_let_through(engine: Engine) -> None:
    """All sealed columns go at once, the date is set, everything else stays."""
    written_at_first(engine)
    upgrade(engine, KEYS)
    erase = "UPDATE advice SET erased_at = '2031-01-01', input = NULL, features = NULL, rules = NULL, answer = NULL"
    with engine.begin() as connection:
        connection.exec_driver_sql(erase)
        row = connection.execute(sa.select(advice)).mappings().one()
    assert (row["answer"], row["erased_at"], row["application_id"]) == (None, "2031-01-01", "SQ-1")
    with pytest.raises(sa.exc.DBAPIError, match="kept as it was written"), engine.begin() as connection:
        connection.exec_driver_sql(erase)
