"""Intake: drafts of the form, sealed, for their writer alone; and which answers rest on the same basis."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from serving.store.tables.metadata import GRANTS, READ_AND_ADD, metadata

intake_drafts = Table(
    "intake_drafts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("saved_at", String(40), nullable=False),
    Column("expires_at", String(40), nullable=False),
    info={GRANTS: (*READ_AND_ADD, "UPDATE", "DELETE")},
)
"""One row a draft. `version` counts how often it was saved: whoever saves names the one he has seen."""

Index("ix_intake_drafts_person", intake_drafts.c.person)
Index("ix_intake_drafts_expires_at", intake_drafts.c.expires_at)

basis_numbers = Table(
    "basis_numbers",
    metadata,
    Column("advice_id", String(32), ForeignKey("advice.id"), primary_key=True),
    Column("basis_digest", String(64), nullable=False, index=True),
    info={GRANTS: (*READ_AND_ADD, "DELETE")},
)
"""One row an answer about a case with a numbered basis: a keyed digest of court and number.

Rows go when the advice they belong to is erased.
"""
