"""Bringing the database to the present shape, or refusing one that is not Fenliu's, or from the future."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, insert, inspect, select

from serving.keys import KeyRing
from serving.store.engine import READING
from serving.store.tables import key_ids, metadata

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_VERSION_TABLE: Final = "alembic_version"


class StoreSchemaError(RuntimeError):
    """The database is not Fenliu's, or has another shape than this program writes."""


class KeyMismatchError(RuntimeError):
    """The database was written with other keys than those in the key folder."""


def upgrade(engine: Engine, keys: KeyRing) -> None:
    """Run the migrations that are missing, in one transaction, and check shape and keys.

    Raises
    ------
    StoreSchemaError
        The database holds tables of somebody else, or its version is not known here.
    KeyMismatchError
        It was written with other keys.
    """
    with engine.begin() as connection:
        _refuse_foreign(connection)
        if version_of(connection) != newest():
            move(connection, keys, "head")
        _check_shape(connection)
        _check_keys(connection, keys)


def require_newest(engine: Engine, keys: KeyRing) -> None:
    """Check that the database has exactly the shape that this program writes; changes no table.

    Raises
    ------
    StoreSchemaError
        It has not; `fenliu-serve migrate` is the way out for an older one.
    KeyMismatchError
        It was written with other keys.
    """
    with engine.connect().execution_options(**READING) as connection:
        _refuse_foreign(connection)
        found = version_of(connection)
        if found != newest():
            _known(found)
            msg = (
                f"数据库版本 {found or '（空）'}，须为 {newest()}；请运行 fenliu-serve migrate / "
                f"the database has version {found or '(empty)'}, not {newest()}; run fenliu-serve migrate"
            )
            raise StoreSchemaError(msg)
        _check_shape(connection)
        _check_keys(connection, keys)


def move(connection: Connection, keys: KeyRing, revision: str) -> None:
    """Go up or down to a revision in the caller's transaction.

    Raises
    ------
    StoreSchemaError
        The database's version is not known here.
    """
    found = version_of(connection)
    _known(found)
    config = _config()
    config.attributes.update(connection=connection, keys=keys, at=datetime.now(UTC))
    down = revision != "head" and found is not None and revision < found
    (command.downgrade if down else command.upgrade)(config, revision)


def version_of(connection: Connection) -> str | None:
    """Return the version of the database; None for an empty one."""
    try:
        return MigrationContext.configure(connection).get_current_revision()
    except CommandError:
        return "?"


def newest() -> str:
    """Return the version that this program writes."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _known(version: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if version is not None and version not in known:
        msg = (
            f"数据库版本 {version} 不认识，本程序支持到 {newest()} / "
            f"the database has version {version}, this program knows {newest()} at most"
        )
        raise StoreSchemaError(msg)


def _refuse_foreign(connection: Connection) -> None:
    """Refuse a database in which somebody else keeps tables, and touch nothing of it."""
    found = set(inspect(connection).get_table_names())
    strangers = found - set(metadata.tables) - {_VERSION_TABLE}
    if strangers or (found and _VERSION_TABLE not in found):
        named = "、".join(sorted(strangers or found)[:5])
        msg = (
            f"数据库中有不属于分流的表（{named}），未作任何改动；请换一个空库 / "
            "the database holds tables that are not Fenliu's; nothing was changed, use an empty one"
        )
        raise StoreSchemaError(msg)


def _check_shape(connection: Connection) -> None:
    """Compare tables and columns with those declared: a version number alone proves nothing."""
    inspector = inspect(connection)
    found = {
        table: {column["name"] for column in inspector.get_columns(table)} for table in inspector.get_table_names()
    }
    for name, table in metadata.tables.items():
        if found.get(name) != {column.name for column in table.columns}:
            msg = (
                f"数据库中的表 {name} 与版本 {newest()} 不符，未作任何改动 / "
                f"table {name} has not the shape of version {newest()}; nothing was changed"
            )
            raise StoreSchemaError(msg)


def _check_keys(connection: Connection, keys: KeyRing) -> None:
    """Compare the keys with those that the database knows; an unused database learns them."""
    found = {row.name: row.key_id for row in connection.execute(select(key_ids))}
    if not found:
        _learn(connection, keys)
        return
    wrong = "、".join(name for name, key_id in keys.ids.items() if found.get(name) != key_id)
    if wrong:
        msg = (
            f"数据库是用另外的密钥写成的：{wrong}；请恢复原来的密钥文件 / "
            f"the database was written with other keys: {wrong}; put the original key files back"
        )
        raise KeyMismatchError(msg)


def _learn(connection: Connection, keys: KeyRing) -> None:
    rows = [{"name": name, "key_id": key_id} for name, key_id in keys.ids.items()]
    connection.execute(insert(key_ids), rows)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
