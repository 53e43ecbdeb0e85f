"""Bringing the database to a version, with the role that owns the tables."""

from __future__ import annotations

from collections.abc import Callable

from serving.audit.chain import Head, append
from serving.audit.event import Event, event_of
from serving.audit.schedule import Keeper
from serving.opening import keys_of, now, operator, second_place
from serving.settings import Settings
from serving.store.engine import role_of
from serving.store.migrate import Plan, migrate_database
from serving.store.schema import newest
from serving.upkeep.owner import owner_place

Say = Callable[[str], None]


def migrate(settings: Settings, *, to: str, force: bool, say: Say, witnessed: bool = True) -> None:
    """Bring the database to a version, the newest unless told otherwise, and give the service's role its rights.

    The second place is told of the audit row that says so, unless another
    trail is about to take this one's place.

    Raises
    ------
    SettingsError
        The role that owns the tables is not named.
    StoreSchemaError
        The database is not Fenliu's, the version is not known, or going down was not confirmed.
    RoleError
        The service's role is not there, or is the owner.
    StoreUnavailableError
        The database does not answer, or a migration failed; nothing was changed.
    """
    keys = keys_of(settings)
    plan = Plan(to=to or newest(), force=force, service_role=role_of(settings.database))
    noted: list[Head] = []
    found = migrate_database(
        owner_place(settings),
        keys,
        plan,
        note=lambda connection, was: noted.append(
            append(connection, _migrated(was or "", plan.to), mac=keys.mac, at=now())
        ),
    )
    if witnessed:
        for head in noted:
            Keeper(second_place(settings, keys)).witness(head)
    before = found or "（空 / empty）"
    if found == plan.to:
        say(f"数据库已是版本 {found} / the database has version {found} already")
    else:
        say(f"数据库版本由 {before} 变为 {plan.to} / the database went from {before} to {plan.to}")
    if plan.service_role:
        say(f"服务角色 {plan.service_role} 的权限已核定 / the rights of role {plan.service_role} are set")


def _migrated(before: str, after: str) -> Event:
    return event_of(operator(), "store.migrate", kind="store", object_id=after, before=before, after=after)
