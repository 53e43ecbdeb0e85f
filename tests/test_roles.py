"""Two roles on PostgreSQL: what the service's role may do, and above all what it may not."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from serving.store.engine import open_engine
from serving.store.faults import StoreUnavailableError
from serving.store.migrate import upgrade
from serving.store.roles import RoleError, excess_of
from serving.store.schema import StoreSchemaError
from serving.store.tables import metadata
from serving.store.transaction import Store
from tests.builders_postgres import OWNER, SERVICE
from tests.builders_serving import KEYS
from tests.builders_store import Database

pytestmark = [
    pytest.mark.parametrize("database", ["postgresql"], indirect=True),
]


@pytest.mark.parametrize(
    "attempt",
    ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit", "DROP TABLE audit", "DELETE FROM advice",
     "UPDATE advice SET route = 'fast'", "UPDATE key_ids SET key_id = 'x'", "DELETE FROM alembic_version",
     "ALTER TABLE audit DISABLE TRIGGER ALL", "DROP TRIGGER audit_no_update ON audit", "CREATE TABLE mine (x int)",
     "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "ALTER TABLE advice ADD COLUMN x int",
     "COPY audit TO PROGRAM 'cat'", "SET ROLE fenliu_owner"],
)  # fmt: skip
def test_the_services_role_may_neither_change_records_nor_tables(database: Database, attempt: str) -> None:
    """The database itself refuses, whatever a fault in the service would try."""
    with pytest.raises(StoreUnavailableError, match=r"permission denied|must be (owner|superuser)"):
        database.open().write(lambda connection: connection.exec_driver_sql(attempt))


def test_the_services_role_may_read_and_add_and_erase(database: Database) -> None:
    """Nothing is missing for its work, and nobody else may look."""
    store = database.open()
    granted = database.all(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE table_schema = 'public' AND grantee = 'fenliu_service'"
    )
    readable = {row["table_name"] for row in granted if row["privilege_type"] == "SELECT"}
    assert readable == {*metadata.tables, "alembic_version"}
    erase = "UPDATE advice SET erased_at = 'x', input = NULL, features = NULL, rules = NULL, answer = NULL"
    store.write(lambda connection: connection.exec_driver_sql(erase))
    others = database.all("SELECT grantee FROM information_schema.role_table_grants WHERE table_schema = 'public'")
    assert {row["grantee"] for row in others} == {OWNER, SERVICE}
    assert store.read(excess_of) == ()


def test_a_role_with_too_many_rights_is_named(database: Database) -> None:
    """The owner's role in the place of the service's is told by what it could do."""
    store = Store.open(database.owner, keys=KEYS)
    assert store.read(excess_of) == (
        "表的属主 / owner of the tables", "可建表 / may create tables", "可改审计记录 / may change audit rows",
    )  # fmt: skip
    store.close()


@pytest.mark.parametrize(
    ("role", "said"),
    [(OWNER, "服务角色与属主角色同为 fenliu_owner"), ("nobody_there", "数据库中没有角色 nobody_there")],
)
def test_a_wrong_service_role_is_refused(database: Database, role: str, said: str) -> None:
    """Owner and service are two, and both must exist."""
    engine = open_engine(database.owner, busy_timeout_ms=1000)
    with pytest.raises(RoleError, match=said):
        upgrade(engine, KEYS, service_role=role)
    engine.dispose()


def test_rights_that_somebody_added_are_taken_away_again(database: Database) -> None:
    """`fenliu-serve migrate` leaves exactly what is declared."""
    database.execute(f"GRANT DELETE, UPDATE ON audit TO {SERVICE}")
    database.execute("GRANT SELECT ON advice TO PUBLIC")
    engine = open_engine(database.owner, busy_timeout_ms=1000)
    upgrade(engine, KEYS, service_role=SERVICE)
    engine.dispose()
    assert database.open().read(excess_of) == ()
    assert database.all("SELECT has_table_privilege('public', 'advice', 'SELECT') AS open")[0]["open"] is False


def test_the_service_does_not_migrate_by_itself(database: Database) -> None:
    """An older database is refused with the way out, and stays as it was."""
    database.execute("UPDATE alembic_version SET version_num = '0002'")
    with pytest.raises(StoreSchemaError, match=r"数据库版本 0002，须为 \d+；请运行 fenliu-serve migrate"):
        database.open()
    assert database.all("SELECT version_num FROM alembic_version") == [{"version_num": "0002"}]


def test_a_server_that_does_not_answer_is_told_without_its_password(database: Database) -> None:
    """The address may hold a password; the refusal names the reason only."""
    nowhere = "postgresql://fenliu_service:geheim@127.0.0.1:9/nowhere"
    with pytest.raises(StoreUnavailableError, match="存储不可用：") as refusal:
        Store.open(nowhere, keys=KEYS)
    assert "geheim" not in str(refusal.value)
    assert isinstance(refusal.value.__cause__, sa.exc.OperationalError)
