"""Bringing the database to the present shape, in one transaction, and taking a step back."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection, Engine, insert, select

from serving.keys import KeyRing
from serving.store.roles import grant
from serving.store.schema import migrations, newest, require_keys, require_own, require_shape, version_of
from serving.store.tables import key_ids


def upgrade(engine: Engine, keys: KeyRing, *, service_role: str = "") -> str | None:
    """Run the migrations that are missing, and return the version found.

    The database learns its keys the first time. On PostgreSQL, `service_role`
    gets the rights that the service needs, and no others.

    Raises
    ------
    StoreSchemaError
        The database holds tables of somebody else, or its version is not known here.
    KeyMismatchError
        It was written with other keys.
    """
    with engine.begin() as connection:
        found = require_own(connection)
        if found != newest():
            move(connection, keys, newest())
        require_shape(connection)
        _learn(connection, keys)
        require_keys(connection, keys)
        if service_role:
            grant(connection, service_role)
    return found


def move(connection: Connection, keys: KeyRing, revision: str) -> None:
    """Go up or down to a revision, such as `0002`, in the caller's transaction."""
    config = migrations()
    config.attributes.update(connection=connection, keys=keys, at=datetime.now(UTC))
    found = version_of(connection) or ""
    (command.upgrade if revision > found else command.downgrade)(config, revision)


def _learn(connection: Connection, keys: KeyRing) -> None:
    if connection.execute(select(key_ids).limit(1)).one_or_none() is None:
        rows = [{"name": name, "key_id": key_id} for name, key_id in keys.ids.items()]
        connection.execute(insert(key_ids), rows)
