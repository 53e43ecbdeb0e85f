"""Who has given answers here: the demonstration asks it before it would build upon somebody's record."""

from __future__ import annotations

from sqlalchemy import select

from serving.store.tables.advice import advice
from serving.store.transaction import Store


def writers_of(store: Store) -> frozenset[str]:
    """Return the owners (`account:clerk`, `key:intake`) of all answers on record; without any, nobody."""
    query = select(advice.c.created_by).distinct()
    names = store.read(lambda connection: connection.scalars(query).all())
    return frozenset("" if name is None else name.partition("/")[0] for name in names)
