"""The audit trail's table, and by which keys the database was written."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text, UniqueConstraint

from serving.store.tables.metadata import KEPT, metadata

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("role", String(200), nullable=False),
    Column("court", String(200), nullable=False),
    Column("action", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("object_id", String(200), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("prev_mac", String(80), nullable=False),
    Column("mac", String(80), nullable=False),
    UniqueConstraint("prev_mac"),
    info={KEPT: True},
)
"""One row an event; `seq` counts without gaps, `prev_mac` is the code of the row before, `mac` the row's own."""

Index("ix_audit_kind_object_id", audit.c.kind, audit.c.object_id)

key_ids = Table(
    "key_ids",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("key_id", String(16), nullable=False),
)
"""By which keys this database was written: a service that holds others must not write into it."""
