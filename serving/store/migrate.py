"""Bringing the database to the present shape, in one transaction, and taking a step back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from sqlalchemy import Connection, Engine, insert, select

from serving.keys import KeyRing
from serving.store.engine import open_engine
from serving.store.faults import alone, faults_told
from serving.store.roles import grant
from serving.store.schema import StoreSchemaError, known, migrations, newest, require_keys, require_own, require_shape
from serving.store.tables import key_ids

_PATIENCE_MS = 60_000
_FIRST_AUDITED = "0002"

Note = Callable[[Connection, str | None], object]
"""Writes down in the same transaction that the version changed; it is told the version found."""


@dataclass(frozen=True)
class Plan:
    """Where an operator wants the database to be, and for which role of PostgreSQL; `force` permits going down."""

    to: str
    force: bool = False
    service_role: str = ""


def migrate_database(place: Path | str, keys: KeyRing, plan: Plan, *, note: Note) -> str | None:
    """Carry out the plan with the role that owns the tables, and return the version found.

    Raises
    ------
    StoreSchemaError
        The database is not Fenliu's, the version is not known, or going down was not confirmed.
    KeyMismatchError
        It was written with other keys.
    RoleError
        The service's role is not there, or is the owner.
    StoreUnavailableError
        It does not answer, or a migration failed; nothing was changed.
    """
    if plan.to not in known():
        allowed = "、".join(sorted(known()))
        msg = f"没有版本 {plan.to}，可选：{allowed} / there is no version {plan.to}; choose one of these"
        raise StoreSchemaError(msg)
    with faults_told(), alone(place):
        engine = open_engine(place, busy_timeout_ms=_PATIENCE_MS)
        try:
            with engine.begin() as connection:
                found = _carry_out(connection, keys, plan)
                if found != plan.to >= _FIRST_AUDITED:
                    note(connection, found)
                return found
        finally:
            engine.dispose()


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
        return _carry_out(connection, keys, Plan(newest(), service_role=service_role))


def move(connection: Connection, keys: KeyRing, revision: str) -> None:
    """Go up or down to a revision, such as `0002`, in the caller's transaction."""
    config = migrations()
    config.attributes.update(connection=connection, keys=keys, at=datetime.now(UTC))
    found = require_own(connection) or ""
    (command.upgrade if revision > found else command.downgrade)(config, revision)


def _carry_out(connection: Connection, keys: KeyRing, plan: Plan) -> str | None:
    found = require_own(connection)
    _confirm(found, plan)
    if found != plan.to:
        move(connection, keys, plan.to)
    if plan.to == newest():
        require_shape(connection)
        _learn(connection, keys)
        require_keys(connection, keys)
        if plan.service_role:
            grant(connection, plan.service_role)
    return found


def _confirm(found: str | None, plan: Plan) -> None:
    if found is not None and plan.to < found and not plan.force:
        msg = (
            f"从版本 {found} 退回 {plan.to} 会删除其间新增的表及其内容；先备份，确需退回请加 --force / "
            f"going down from {found} to {plan.to} drops tables with their content; back up first, then use --force"
        )
        raise StoreSchemaError(msg)


def _learn(connection: Connection, keys: KeyRing) -> None:
    if connection.execute(select(key_ids).limit(1)).one_or_none() is None:
        rows = [{"name": name, "key_id": key_id} for name, key_id in keys.ids.items()]
        connection.execute(insert(key_ids), rows)
