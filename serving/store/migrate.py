"""Bringing the database to the present shape, or refusing one from the future."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

_SCRIPTS: Final = Path(__file__).parent / "migrations"


class StoreVersionError(RuntimeError):
    """The database was written by a newer Fenliu."""


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction.

    Raises
    ------
    StoreVersionError
        The database's version is not known here.
    """
    with engine.begin() as connection:
        if version_of(connection) == newest():
            return
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            msg = (
                f"数据库版本 {version_of(connection)} 不认识，本程序支持到 {newest()} / "
                f"the database has version {version_of(connection)}, this program knows {newest()} at most"
            )
            raise StoreVersionError(msg) from error


def version_of(connection: Connection) -> str | None:
    """Return the version of the database; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Return the version that this program writes."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
