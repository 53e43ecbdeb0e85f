"""Whether a database is Fenliu's own, of the version this program writes, and written with the keys at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Inspector, inspect, select

from serving.keys import KeyRing
from serving.store.tables import key_ids, metadata

_SCRIPTS: Final = Path(__file__).parent / "migrations"
VERSION_TABLE: Final = "alembic_version"


class StoreSchemaError(RuntimeError):
    """The database is not Fenliu's, or has another shape than this program writes."""


class KeyMismatchError(RuntimeError):
    """The database was written with other keys than those in the key folder."""


def require_own(connection: Connection) -> str | None:
    """Return the version of the database, None for an empty one; nothing in it is changed.

    Raises
    ------
    StoreSchemaError
        Somebody else keeps tables in it, or its version is not known here.
    """
    found = set(inspect(connection).get_table_names())
    strangers = found - set(metadata.tables) - {VERSION_TABLE}
    if strangers or (found and VERSION_TABLE not in found):
        named = "、".join(sorted(strangers or found)[:5])
        msg = (
            f"数据库中有不属于分流的表（{named}），未作任何改动；请换一个空库 / "
            "the database holds tables that are not Fenliu's; nothing was changed, use an empty one"
        )
        raise StoreSchemaError(msg)
    version = version_of(connection)
    if version is not None and version not in known():
        msg = (
            f"数据库版本 {version} 不认识，本程序支持到 {newest()} / "
            f"the database has version {version}, this program knows {newest()} at most"
        )
        raise StoreSchemaError(msg)
    return version


def require_newest(connection: Connection, keys: KeyRing) -> None:
    """Check that the database has exactly the shape that this program writes, and these keys; changes nothing.

    Raises
    ------
    StoreSchemaError
        It has not; `fenliu-serve migrate` is the way out for an older one.
    KeyMismatchError
        It was written with other keys.
    """
    version = require_own(connection)
    if version != newest():
        msg = (
            f"数据库版本 {version or '（空）'}，须为 {newest()}；请运行 fenliu-serve migrate / "
            f"the database has version {version or '(empty)'}, not {newest()}; run fenliu-serve migrate"
        )
        raise StoreSchemaError(msg)
    require_shape(connection)
    require_keys(connection, keys)


def require_shape(connection: Connection) -> None:
    """Compare tables and columns with those declared: a version number alone proves nothing.

    Raises
    ------
    StoreSchemaError
        A table is missing or has other columns.
    """
    inspector = inspect(connection)
    there = inspector.get_table_names()
    for name, table in metadata.tables.items():
        declared = {column.name for column in table.columns}
        if name not in there or _columns(inspector, name) != declared:
            msg = (
                f"数据库中的表 {name} 与版本 {newest()} 不符，未作任何改动 / "
                f"table {name} has not the shape of version {newest()}; nothing was changed"
            )
            raise StoreSchemaError(msg)


def require_keys(connection: Connection, keys: KeyRing) -> None:
    """Compare the keys with those that the database was written with.

    Raises
    ------
    KeyMismatchError
        They differ.
    """
    known = {row.name: row.key_id for row in connection.execute(select(key_ids))}
    wrong = "、".join(name for name in keys.ids if not keys.knows(name, known.get(name, "")))
    if wrong:
        msg = (
            f"数据库是用另外的密钥写成的：{wrong}；请恢复原来的密钥文件 / "
            f"the database was written with other keys: {wrong}; put the original key files back"
        )
        raise KeyMismatchError(msg)


def version_of(connection: Connection) -> str | None:
    """Return the version of the database; None for an empty one, `?` where it is not one version."""
    try:
        return MigrationContext.configure(connection).get_current_revision()
    except CommandError:
        return "?"


def newest() -> str:
    """Return the version that this program writes."""
    return str(ScriptDirectory.from_config(migrations()).get_current_head())


def migrations() -> Config:
    """Return alembic's configuration: where the migrations are."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def known() -> set[str]:
    """Return every version there is."""
    return {script.revision for script in ScriptDirectory.from_config(migrations()).walk_revisions()}


def _columns(inspector: Inspector, table: str) -> set[str]:
    return {column["name"] for column in inspector.get_columns(table)}
