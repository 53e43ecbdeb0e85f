"""Triggers that keep rows as they were written, on both databases: not the lock, but a bolt against accidents.

Whoever owns the database can drop a trigger; the audit chain finds what was
changed then. The texts are part of migrations: change nothing here that a
released migration has used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, bindparam, text

_REFUSAL: Final = "this record is kept as it was written"
_FUNCTION: Final = f"""
CREATE OR REPLACE FUNCTION fenliu_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_REFUSAL}: %', TG_TABLE_NAME; END $$
"""


def keep_rows(connection: Connection, table: str) -> None:
    """Refuse every change and deletion of the table's rows from now on."""
    _refuse(connection, table, "UPDATE", unless="")
    _refuse_removal(connection, table)


def keep_rows_but_erase(
    connection: Connection, table: str, *, sealed: Sequence[str], kept: Sequence[str], erased_at: str = "erased_at"
) -> None:
    """Refuse deletions and all changes but one: emptying every sealed column at once while `erased_at` is set."""
    same = "IS" if connection.dialect.name == "sqlite" else "IS NOT DISTINCT FROM"
    conditions = [
        f"OLD.{erased_at} IS NULL",
        f"NEW.{erased_at} IS NOT NULL",
        *(f"NEW.{column} IS NULL" for column in sealed),
        *(f"NEW.{column} {same} OLD.{column}" for column in kept),
    ]
    _refuse(connection, table, "UPDATE", unless=" AND ".join(conditions))
    _refuse_removal(connection, table)


def release_rows(connection: Connection, table: str) -> None:
    """Take the triggers of a table away again, before the table itself goes."""
    on_table = "" if connection.dialect.name == "sqlite" else f" ON {table}"
    for what in ("update", "delete", "truncate"):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{what}{on_table}")


@contextmanager
def bolts_lifted(connection: Connection, tables: Sequence[str]) -> Generator[None]:
    """Lift the bolts of some tables for the time being, as their owner; a failure undoes that with everything else."""
    if connection.dialect.name == "postgresql":
        for name in tables:
            connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        yield
        for name in tables:
            connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        return
    triggers = connection.execute(_SQLITE_BOLTS, {"tables": list(tables)}).all()
    for trigger in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)


def triggers_of(connection: Connection) -> frozenset[str]:
    """Return the names of all triggers that are switched on and still refuse."""
    sqlite = connection.dialect.name == "sqlite"
    query = _SQLITE_TRIGGERS if sqlite else _POSTGRESQL_TRIGGERS
    return frozenset(str(name) for name, text in connection.exec_driver_sql(query) if _REFUSAL in str(text))


def missing_triggers(connection: Connection, tables: Iterable[str]) -> list[str]:
    """Return which triggers of these tables are gone, switched off or no longer refuse anything."""
    whats = ("update", "delete") if connection.dialect.name == "sqlite" else ("update", "delete", "truncate")
    living = triggers_of(connection)
    return [name for table in tables for what in whats if (name := f"{table}_no_{what}") not in living]


_SQLITE_BOLTS: Final = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN :tables"
).bindparams(bindparam("tables", expanding=True))
_SQLITE_TRIGGERS: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_POSTGRESQL_TRIGGERS: Final = (
    "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
)


def _refuse_removal(connection: Connection, table: str) -> None:
    _refuse(connection, table, "DELETE", unless="")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION fenliu_refuse()"
        )


def _refuse(connection: Connection, table: str, what: str, *, unless: str) -> None:
    when = f"WHEN (NOT ({unless}))" if unless else ""
    if connection.dialect.name == "sqlite":
        act = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}: {table}'); END"
        row = ""
    else:
        connection.exec_driver_sql(_FUNCTION.replace("%", "%%"))
        act, row = "EXECUTE FUNCTION fenliu_refuse()", "FOR EACH ROW"
    name = f"{table}_no_{what.lower()}"
    connection.exec_driver_sql(f"CREATE TRIGGER {name} BEFORE {what} ON {table} {row} {when} {act}")
