"""The one collection of tables, and how their keys and indexes are named."""

from __future__ import annotations

from typing import Final

from sqlalchemy import MetaData

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
)

GRANTS: Final = "grants"
"""Key of `Table.info`: what the service's role may do with the table on PostgreSQL; without it, read and add rows."""

READ_AND_ADD: Final = ("SELECT", "INSERT")

KEPT: Final = "kept"
"""Key of `Table.info`: triggers refuse to change or remove the table's rows."""

RECORDED: Final = "recorded"
"""Key of `Table.info`: every row has its digest on the audit chain, under the table's name and the row's `id`."""
