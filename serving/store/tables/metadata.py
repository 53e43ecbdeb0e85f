"""The one collection of tables, and how their keys and indexes are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import MetaData, Table

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
"""Key of `Table.info`: every row has its digest on the audit chain, as `OnTrail` says, or as usual where it is True."""


@dataclass(frozen=True)
class OnTrail:
    """Where the digest of a row stands on the audit chain: under which kind and which column's value.

    Columns in `without` change in daily use and say nothing about rights or
    facts; the digest leaves them out.
    """

    kind: str
    key: str = "id"
    without: frozenset[str] = frozenset()

    def counted(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what of a row its digest is made over."""
        return {str(name): value for name, value in row.items() if name not in self.without}


def trail_of(table: Table) -> OnTrail | None:
    """Return where a table's rows stand on the audit chain; None for tables whose rows do not."""
    said = table.info.get(RECORDED)
    return OnTrail(table.name) if said is True else said
