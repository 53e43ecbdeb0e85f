"""Drafts of the intake form: what a clerk has not sent yet, sealed, for himself alone and for a week."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

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
