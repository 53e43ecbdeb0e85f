"""Triggers that keep rows as they were written, on both databases: not the lock, but a bolt against accidents.

Whoever owns the database can drop a trigger; the audit chain finds what was
changed then. The texts are part of migrations: change nothing here that a
released migration has used.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, LargeBinary, Table, bindparam, text

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


def triggers_of(connection: Connection) -> dict[str, frozenset[str]]:
    """Return all triggers that are switched on and still refuse, by name: with what they let through, as conditions."""
    rows = connection.exec_driver_sql(_SQLITE_TRIGGERS if connection.dialect.name == "sqlite" else _POSTGRESQL_TRIGGERS)
    return {str(row[0]): _conditions(str(row[1])) for row in rows if _refuses(str(row[1]), str(row[2]))}


def missing_triggers(connection: Connection, tables: Iterable[Table]) -> list[str]:
    """Return which triggers of these tables are gone, switched off, or let more through than an erasure."""
    sqlite = connection.dialect.name == "sqlite"
    living = triggers_of(connection)
    wanted = {
        f"{table.name}_no_{what}": _erasing(table, sqlite=sqlite) if what == "update" else frozenset[str]()
        for table in tables
        for what in (("update", "delete") if sqlite else ("update", "delete", "truncate"))
    }
    return [name for name, conditions in wanted.items() if living.get(name) != conditions]


def _erasing(table: Table, *, sqlite: bool, erased_at: str = "erased_at") -> frozenset[str]:
    """Return the conditions of the one change that is let through, spelt as by `_conditions`; mostly there is none."""
    if erased_at not in table.columns:
        return frozenset()
    same = "new.{0} is old.{0}" if sqlite else "not new.{0} is distinct from old.{0}"
    others = [column for column in table.columns if column.name != erased_at]
    emptied = {f"new.{column.name} is null" for column in others if isinstance(column.type, LargeBinary)}
    kept = {same.format(column.name) for column in others if not isinstance(column.type, LargeBinary)}
    return frozenset({f"old.{erased_at} is null", f"new.{erased_at} is not null"} | emptied | kept)


def _refuses(text: str, act: str) -> bool:
    """Whether a trigger does what it was made for: nothing but refusing, and on every row that is not let through."""
    if act:
        return act == _FUNCTION.split("$$")[1] and bool(_POSTGRESQL_FORM.fullmatch(text))
    return bool(_SQLITE_FORM.fullmatch(text))


def _conditions(text: str) -> frozenset[str]:
    """Return what a trigger lets through: conditions in small letters, without brackets and types."""
    _, found, rest = text.partition("WHEN (")
    if not found:
        return frozenset()
    clause = re.sub(r"::\w+( varying)?|[()\"]", "", re.split(r" BEGIN | EXECUTE ", rest)[0]).lower()
    return frozenset(clause.strip().removeprefix("not ").split(" and "))


_SQLITE_FORM: Final = re.compile(
    rf"CREATE TRIGGER (\w+)_no_(update|delete) BEFORE (UPDATE|DELETE) ON \1\s+(WHEN \(NOT \(.*\)\) )?"
    rf"BEGIN SELECT RAISE\(ABORT, '{_REFUSAL}: \1'\); END"
)
_POSTGRESQL_FORM: Final = re.compile(
    r"CREATE TRIGGER (\w+)_no_\w+ BEFORE (UPDATE|DELETE|TRUNCATE) ON public\.\1 FOR EACH (ROW|STATEMENT) "
    r"(WHEN \(\(NOT \(.*\)\)\) )?EXECUTE FUNCTION (public\.)?fenliu_refuse\(\)"
)
_SQLITE_BOLTS: Final = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN :tables"
).bindparams(bindparam("tables", expanding=True))
_SQLITE_TRIGGERS: Final = "SELECT name, sql, '' FROM sqlite_master WHERE type = 'trigger'"
_POSTGRESQL_TRIGGERS: Final = (
    "SELECT t.tgname, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
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
