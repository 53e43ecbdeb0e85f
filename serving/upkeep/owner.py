"""Where the database is, by the role that owns the tables."""

from __future__ import annotations

from pathlib import Path

from serving.settings import Settings, SettingsError


def owner_place(settings: Settings) -> Path | str:
    """Return where the database is, with the role that owns the tables.

    Raises
    ------
    SettingsError
        A PostgreSQL database is named without it.
    """
    if settings.database and not settings.database_owner:
        msg = (
            "须设置 FENLIU_DATABASE_OWNER（表的属主角色的数据库地址），如 postgresql://fenliu_owner:口令@主机/库名 / "
            "set FENLIU_DATABASE_OWNER to the database's address with the role that owns the tables"
        )
        raise SettingsError(msg)
    if settings.database_owner and not settings.database:
        msg = "设置了 FENLIU_DATABASE_OWNER，但没有 FENLIU_DATABASE / FENLIU_DATABASE is missing beside its owner's"
        raise SettingsError(msg)
    return settings.database_owner or settings.place
