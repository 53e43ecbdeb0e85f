"""What people made of advice: decisions, opinions given before the scores were seen, corrections, courts' settings."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from serving.store.tables.metadata import GRANTS, KEPT, READ_AND_ADD, RECORDED, metadata

_KEPT: Final = {KEPT: True, RECORDED: True}

decisions = Table(
    "decisions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("act", String(16), nullable=False),
    Column("application_id", String(200), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("stage", String(1), nullable=False),
    Column("advised", String(16)),
    Column("lane", String(16)),
    Column("reason", String(32)),
    Column("note", LargeBinary),
    Column("warnings_checked", Boolean, nullable=False),
    Column("decided_by", String(200), nullable=False),
    Column("decided_at", String(40), nullable=False),
    Column("key_sha256", String(64), nullable=False, unique=True),
    Column("body_digest", String(64), nullable=False),
    Column("erased_at", String(40)),
    UniqueConstraint("day", "number"),
    UniqueConstraint("advice_id", "turn"),
    info={**_KEPT, GRANTS: (*READ_AND_ADD, "UPDATE (note, erased_at)")},
)
"""One row an act (`decide`, `withdraw`) about one advice; `turn` counts them, the last one stands.

`lane` is missing for the ordinary procedure (暂不采纳) and for a withdrawal.
`advised` is what the advice said, missing where it left the lane to the judge
and where a model proposed one that whoever decided had not looked at; `note` is sealed and goes with erasure.
"""

Index("ix_decisions_court_code_application_id", decisions.c.court_code, decisions.c.application_id)

views = Table(
    "views",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("lane", String(16)),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    UniqueConstraint("day", "number"),
    UniqueConstraint("advice_id", "by", "kind"),
    info=_KEPT,
)
"""One row an opinion given before the scores (`lane`: what was thought) or a look at the scores (`reveal`)."""

corrections = Table(
    "corrections",
    metadata,
    Column("id", String(32), ForeignKey("advice.id"), primary_key=True),
    Column("corrects", String(32), ForeignKey("advice.id"), nullable=False, unique=True),
    Column("court_code", String(200), nullable=False),
    Column("reason", LargeBinary),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("erased_at", String(40)),
    info={**_KEPT, GRANTS: (*READ_AND_ADD, "UPDATE (reason, erased_at)")},
)
"""One row a correction: advice `id` was given on the corrected facts of advice `corrects`; both stay.

`reason` is sealed and goes with erasure.
"""

court_settings = Table(
    "court_settings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("values", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", String(200), nullable=False),
    Column("set_at", String(40), nullable=False),
    UniqueConstraint("day", "number"),
    UniqueConstraint("court_code", "version"),
    info=_KEPT,
)
"""One row a version of a court's settings (JSON); the newest is in force from the moment it was set."""
