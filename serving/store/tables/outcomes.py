"""What became of cases: events that the court reports, each with the instant from which it was known here."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from serving.store.tables.metadata import KEPT, RECORDED, metadata

outcome_receipts = Table(
    "outcome_receipts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("recorded_at", String(40), nullable=False),
    Column("reported_by", String(200), nullable=False),
    Column("events", Integer, nullable=False),
    Column("key_sha256", String(64), nullable=False, unique=True),
    Column("body_digest", String(64), nullable=False),
    UniqueConstraint("day", "number"),
    info={KEPT: True, RECORDED: True},
)
"""One row a report of events; `key_sha256` is the reporter's own idempotency key."""

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("receipt_id", String(32), ForeignKey("outcome_receipts.id"), nullable=False),
    Column("application_id", String(200), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("recorded_at", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("amount", String(20)),
    Column("source", String(16)),
    Column("mode", String(16)),
    info={KEPT: True, RECORDED: True},
)
"""One row an event; `at` is when it happened, `recorded_at` when it was known here, `amount` in yuan with cents.

Events are never changed: what was reported wrongly is reported again, and the
history says when each version was known.
"""

Index("ix_outcomes_court_code_application_id", outcomes.c.court_code, outcomes.c.application_id)
Index("ix_outcomes_receipt_id", outcomes.c.receipt_id)
