"""Which team has which case: every assignment stays on record, the last one of a case stands."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from serving.store.tables.metadata import KEPT, RECORDED, metadata

team_assignments = Table(
    "team_assignments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("application_id", String(200), nullable=False),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("team", String(40)),
    Column("reason", String(16), nullable=False),
    Column("settings_version", Integer, nullable=False),
    Column("assigned_by", String(200), nullable=False),
    Column("assigned_at", String(40), nullable=False),
    UniqueConstraint("day", "number"),
    UniqueConstraint("court_code", "application_id", "turn"),
    info={KEPT: True, RECORDED: True},
)
"""One row an assignment; `turn` counts those of a case. Without `team` the case was taken from its team.

`team` is a team of the court's settings of version `settings_version`.
"""

Index("ix_team_assignments_advice_id", team_assignments.c.advice_id)
