"""The life of models: when they were switched off and on, what the challenger said, and every rule text ever used."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from serving.store.tables.metadata import GRANTS, READ_AND_ADD, RECORDED, OnTrail, metadata

EVERYWHERE = "*"
"""In the place of a court's code: every court."""

model_switches = Table(
    "model_switches",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", LargeBinary, nullable=False),
    Column("by", String(200), nullable=False),
    info={RECORDED: OnTrail("switch", key="number")},
)
"""One row a turn of the switch; the newest row of a court says how it stands. `reason` is sealed."""

Index("ix_model_switches_court_code_number", model_switches.c.court_code, model_switches.c.number)

shadow_scores = Table(
    "shadow_scores",
    metadata,
    Column("advice_id", String(32), ForeignKey("advice.id"), primary_key=True),
    Column("model_sha256", String(64), primary_key=True),
    Column("model", String(100), nullable=False),
    Column("at", String(40), nullable=False),
    Column("status", String(16), nullable=False),
    Column("route", String(16)),
    Column("scores", LargeBinary, nullable=False),
    info={GRANTS: (*READ_AND_ADD, "DELETE")},
)
"""What a challenger would have said to the same case; no answer ever shows it. `scores` is sealed.

Rows go when the advice they belong to is erased.
"""

rule_texts = Table(
    "rule_texts",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("version", String(200), nullable=False),
    Column("kept_at", String(40), nullable=False),
    Column("texts", Text, nullable=False),
    info={RECORDED: OnTrail("rules", key="sha256")},
)
"""Every rule table that ever answered, by its hash: JSON, file names and contents in their order."""
