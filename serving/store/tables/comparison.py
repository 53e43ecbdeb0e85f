"""Closed cases made ready to be compared with, what was found alike, and what judges say fits or does not."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from serving.store.tables.metadata import GRANTS, KEPT, READ_AND_ADD, RECORDED, metadata

_KEPT: Final = {KEPT: True, RECORDED: True}

closed_cases = Table(
    "closed_cases",
    metadata,
    Column("advice_id", String(32), ForeignKey("advice.id"), primary_key=True),
    Column("court_code", String(200), nullable=False),
    Column("application_id", String(200), nullable=False),
    Column("stage", String(1), nullable=False),
    Column("closed_on", String(10), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("recorded_at", String(40), nullable=False),
    Column("model_sha256", String(64)),
    Column("leaves", LargeBinary),
    info={GRANTS: (*READ_AND_ADD, "UPDATE", "DELETE")},
)
"""One row an answer with features about a case that is closed; everything in it stands in answers and outcomes, too.

`leaves` (sealed) say where the case ends in the trees of bundle
`model_sha256`; both are empty until the service has made them ready.
"""

Index(
    "ix_closed_cases_compared", closed_cases.c.court_code, closed_cases.c.stage, closed_cases.c.model_sha256,
    closed_cases.c.closed_on,
)  # fmt: skip
Index("ix_closed_cases_application_id", closed_cases.c.application_id)
Index("ix_closed_cases_model_sha256", closed_cases.c.model_sha256)

similar_cases = Table(
    "similar_cases",
    metadata,
    Column("id", String(32), ForeignKey("advice.id"), primary_key=True),
    Column("court_code", String(200), nullable=False),
    Column("model_sha256", String(64), nullable=False),
    Column("compared", Integer, nullable=False),
    Column("found", LargeBinary),
    Column("at", String(40), nullable=False),
    Column("erased_at", String(40)),
    info={**_KEPT, GRANTS: (*READ_AND_ADD, "UPDATE (found, erased_at)")},
)
"""One row an answer whose similar cases were looked for, among how many; `found` is sealed and goes with erasure."""

marks = Table(
    "marks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False, index=True),
    Column("court_code", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("act", String(8), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    UniqueConstraint("day", "number"),
    info=_KEPT,
)
"""One row a mark of a person on an advice, or its taking back (`act`: `mark`, `unmark`); the last one of each stands.

`kind` is `reason` (与案情不符; `subject` names score and reason) or `similar`
(不相近; `subject` is the other case's answer).
"""
