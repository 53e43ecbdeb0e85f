"""Advice: every answer with everything needed to defend and replay it, and the keys that lead to answers."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from serving.store.tables.metadata import GRANTS, KEPT, READ_AND_ADD, RECORDED, metadata

SEALED: Final = ("input", "features", "rules", "answer")
"""Columns whose content is sealed (`serving.ciphers`) and which erasure empties."""

ERASED_AT: Final = "erased_at"

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
    Column("input", LargeBinary),
    Column("input_sha256", String(64), nullable=False),
    Column("features", LargeBinary),
    Column("features_sha256", String(64)),
    Column("versions", Text, nullable=False),
    Column("rules", LargeBinary),
    Column("answer", LargeBinary),
    Column("created_by", String(200)),
    Column(ERASED_AT, String(40)),
    UniqueConstraint("day", "number"),
    info={KEPT: True, RECORDED: True, GRANTS: (*READ_AND_ADD, f"UPDATE ({', '.join((*SEALED, ERASED_AT))})")},
)
"""One row an answer; rows are written once, and nothing but erasure ever changes them.

`input` is the case as it was understood, identity numbers as tokens.
`features` are the exact float32 values (little endian) that the models saw,
in the order of the bundle named by `model_sha256`; empty without a model.
`answer` is the very body that left, byte for byte. These and `rules` are
sealed; empty after erasure, when `erased_at` says since when. `created_by` is
missing where nobody was asked who he was.
"""

Index("ix_advice_application_id_court_code_id", advice.c.application_id, advice.c.court_code, advice.c.id)
Index("ix_advice_court_code_day_number", advice.c.court_code, advice.c.day, advice.c.number)
Index(
    "ix_advice_model_sha256_stage_day_number",
    advice.c.model_sha256, advice.c.stage, advice.c.day, advice.c.number,
)  # fmt: skip

idempotency = Table(
    "idempotency",
    metadata,
    Column("scope", String(64), primary_key=True),
    Column("key_sha256", String(64), primary_key=True),
    Column("body_digest", String(64), nullable=False),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False),
    info={KEPT: True},
)
"""Which call led to which advice; a key lives as long as the advice it led to."""
