"""Cases that are being urged, watched day by day, and the conversions by which urging ended."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from serving.store.tables.metadata import GRANTS, KEPT, READ_AND_ADD, RECORDED, metadata

urged_cases = Table(
    "urged_cases",
    metadata,
    Column("decision_id", String(32), ForeignKey("decisions.id"), primary_key=True),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("application_id", String(200), nullable=False),
    Column("look_on", String(10), nullable=False),
    info={GRANTS: (*READ_AND_ADD, "UPDATE", "DELETE")},
)
"""One row a decision to urge that stands and has not ended; on `look_on` the service looks whether it ends.

Everything in it stands in decisions and outcomes, too: a row comes with the
decision and goes with its withdrawal, with a conversion, with filing or payment.
"""

Index("ix_urged_cases_look_on", urged_cases.c.look_on)
Index("ix_urged_cases_application_id", urged_cases.c.application_id)

conversions = Table(
    "conversions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("decision_id", String(32), ForeignKey("decisions.id"), nullable=False, unique=True),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False, index=True),
    Column("court_code", String(200), nullable=False),
    Column("application_id", String(200), nullable=False),
    Column("rule", String(8), nullable=False),
    Column("cause", String(32), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("at", String(40), nullable=False),
    UniqueConstraint("day", "number"),
    info={KEPT: True, RECORDED: True},
)
"""One row a case whose urging ended unpaid: since `due_on` it has to be filed. One decision to urge ends once."""
