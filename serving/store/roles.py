"""Two roles on PostgreSQL: one owns the tables, the other is the service and may only read and add rows."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from serving.store.schema import VERSION_TABLE
from serving.store.tables import metadata
from serving.store.tables.metadata import GRANTS, READ_AND_ADD


class RoleError(RuntimeError):
    """The service's role is not there, or is the owner itself."""


def grant(connection: Connection, role: str) -> None:
    """Give the service's role what each table declares, and take everything else away.

    Raises
    ------
    RoleError
        There is no such role, or it is the one that owns the tables.
    """
    _require_other(connection, role)
    quoted = connection.dialect.identifier_preparer.quote(role)
    for sql in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quoted}",
        f"REVOKE CREATE ON SCHEMA public FROM {quoted}",
        f"GRANT USAGE ON SCHEMA public TO {quoted}",
        f"GRANT SELECT ON {VERSION_TABLE} TO {quoted}",
        *(
            f"GRANT {', '.join(table.info.get(GRANTS, READ_AND_ADD))} ON {table.name} TO {quoted}"
            for table in metadata.sorted_tables
        ),
    ):
        connection.exec_driver_sql(sql)


def excess_of(connection: Connection) -> tuple[str, ...]:
    """Return what the connected role could do beyond the service's work, in both languages; empty when all is well."""
    if connection.dialect.name != "postgresql":
        return ()
    found = connection.execute(_EXCESS).mappings().one()
    return tuple(words for name, words in _WORDS.items() if found[name])


def _require_other(connection: Connection, role: str) -> None:
    me = connection.scalar(text("SELECT current_user"))
    if role == me:
        msg = (
            f"服务角色与属主角色同为 {role}；请另建一个服务角色并写入 FENLIU_DATABASE / "
            f"the service's role is the owner {role} itself; create another role and name it in FENLIU_DATABASE"
        )
        raise RoleError(msg)
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}) is None:
        msg = (
            f"数据库中没有角色 {role}；请由数据库管理员执行 CREATE ROLE {role} LOGIN PASSWORD '…' / "
            f"there is no role {role}; have the database's administrator create it"
        )
        raise RoleError(msg)


_WORDS: Final = {
    "superuser": "超级用户 / superuser",
    "owner": "表的属主 / owner of the tables",
    "creates": "可建表 / may create tables",
    "changes": "可改审计记录 / may change audit rows",
}
_EXCESS: Final = text(
    "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,"
    " (SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'audit'::regclass) AS owner,"
    " has_schema_privilege(current_user, 'public', 'CREATE') AS creates,"
    " has_table_privilege(current_user, 'audit', 'UPDATE, DELETE, TRUNCATE') AS changes"
)
