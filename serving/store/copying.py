"""Copying all rows from one database to another, of whichever kind: the one road of backups and restores."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Table, delete, func, insert, literal, select

from serving.store.tables import audit, key_ids, metadata
from serving.store.triggers import bolts_lifted

TOGETHER: Final = 500
"""Rows that are held in memory at once."""

_SET_UP: Final = "store.migrate"
"""The one action whose audit rows an empty database may have: they tell how it was made."""


def copy_rows(source: Connection, target: Connection) -> int:
    """Add all rows of the source to the target, each in its caller's transaction, and return how many."""
    return sum(_copy_table(source, target, table) for table in metadata.sorted_tables)


def replace_rows(source: Connection, target: Connection) -> int:
    """Put the source's rows in the place of all rows of the target, in one transaction, and return how many."""
    with bolts_lifted(target, list(metadata.tables)):
        for table in reversed(metadata.sorted_tables):
            target.execute(delete(table))
        return copy_rows(source, target)


def row_counts(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has, tables without rows left out."""
    counts = {
        name: connection.scalar(select(func.count()).select_from(table)) or 0 for name, table in metadata.tables.items()
    }
    return {name: count for name, count in counts.items() if count}


def holds_records(connection: Connection) -> bool:
    """Whether anything was done with the database since it was set up."""
    known = {audit.name, key_ids.name}
    others = [select(literal(1)).select_from(table) for name, table in metadata.tables.items() if name not in known]
    used = [*others, select(literal(1)).select_from(audit).where(audit.c.action != _SET_UP)]
    return any(connection.execute(query.limit(1)).one_or_none() is not None for query in used)


def _copy_table(source: Connection, target: Connection, table: Table) -> int:
    count = 0
    for part in source.execute(select(table).execution_options(yield_per=TOGETHER)).mappings().partitions():
        target.execute(insert(table), [dict(row) for row in part])
        count += len(part)
    return count
