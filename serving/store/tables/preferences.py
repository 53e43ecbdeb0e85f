"""What a person has chosen for himself: whether predictions are shown to him."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, String, Table

from serving.store.tables.metadata import GRANTS, READ_AND_ADD, metadata

preferences = Table(
    "preferences",
    metadata,
    Column("person", String(200), primary_key=True),
    Column("predictions_off", Boolean, nullable=False),
    Column("changed_at", String(40), nullable=False),
    info={GRANTS: (*READ_AND_ADD, "UPDATE")},
)
"""One row a person who has ever chosen; each change is on the audit trail, by which the past can be told."""
