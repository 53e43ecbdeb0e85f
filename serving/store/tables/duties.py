"""Which worker does which duty of the service, so that two never do the same at once."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from serving.store.tables.metadata import GRANTS, READ_AND_ADD, metadata

duties = Table(
    "duties",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("worker", String(64), nullable=False),
    Column("until", String(40), nullable=False),
    info={GRANTS: (*READ_AND_ADD, "UPDATE")},
)
"""One row a duty; after `until` anybody may go on with it."""
