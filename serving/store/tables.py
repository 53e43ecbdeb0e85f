"""The tables of the store, as they stand after the last migration."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
)

advice = Table(
    "advice",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("application_id", String(200), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("stage", String(1), nullable=False),
    Column("as_of", String(40), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("expires_at", String(40), nullable=False),
    Column("status", String(16), nullable=False),
    Column("route", String(16)),
    Column("decided_by", String(16), nullable=False),
    Column("model_sha256", String(64)),
    Column("ruleset_sha256", String(64), nullable=False),
    Column("input", Text, nullable=False),
    Column("input_sha256", String(64), nullable=False),
    Column("features", LargeBinary),
    Column("features_sha256", String(64)),
    Column("versions", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    UniqueConstraint("day", "number"),
)
"""One row an answer; rows are written once and never changed.

`input` is the case as it was understood, identity numbers as tokens.
`features` are the exact float32 values (little endian) that the models saw,
in the order of the bundle named by `model_sha256`; empty without a model.
`answer` is the very body that left, byte for byte.
"""

Index("ix_advice_application_id", advice.c.application_id)

idempotency = Table(
    "idempotency",
    metadata,
    Column("scope", String(64), primary_key=True),
    Column("key_sha256", String(64), primary_key=True),
    Column("body_digest", String(64), nullable=False),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False),
)
"""Which call led to which advice; a key lives as long as the advice it led to."""
