"""The queue: one row a case that waits for a decision, with what a list shows, so that no list opens answers."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from serving.store.tables.metadata import GRANTS, READ_AND_ADD, metadata

WITHOUT_DAY: Final = "9999-12-31"
"""Stands for a deadline that is not known: last in the order, and shown as unknown."""

open_cases = Table(
    "open_cases",
    metadata,
    Column("court_code", String(200), primary_key=True),
    Column("application_id", String(200), primary_key=True),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False, unique=True),
    Column("stage", String(1), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("due_kind", String(40), nullable=False),
    Column("status", String(16), nullable=False),
    Column("route", String(16)),
    Column("decided_by", String(16), nullable=False),
    Column("confidence", String(8), nullable=False),
    Column("cause", String(200)),
    Column("amount", String(24)),
    Column("warnings", Integer, nullable=False),
    Column("notices", Text, nullable=False),
    Column("received_at", String(40)),
    Column("simulated", Integer, nullable=False),
    Column("claimed_by", String(200)),
    Column("claimed_until", String(40)),
    info={GRANTS: (*READ_AND_ADD, "UPDATE", "DELETE")},
)
"""One row a case; `advice_id` is the newest answer about it, on which nobody has decided.

Everything in it stands in that answer as well: a row comes with the answer
and goes with the decision, in their transactions. `due_on` is the nearest day
the court must keep. `notices` are its flags (JSON). `claimed_by`
is who is at it, until `claimed_until`.
"""

open_case_parts = Table(
    "open_case_parts",
    metadata,
    Column("part", String(48).with_variant(String(48, collation="C"), "postgresql"), primary_key=True),
    Column("court_code", String(200), primary_key=True),
    Column("application_id", String(200), primary_key=True),
    info={GRANTS: (*READ_AND_ADD, "DELETE")},
)
"""Several rows a case: its number from each place on at which somebody may begin to type it.

Ordered by code points on both databases, so that the beginning of a part is looked up and not searched for.
"""

Index(
    "ix_open_cases_looked_through", open_cases.c.court_code, open_cases.c.due_on, open_cases.c.advice_id,
    open_cases.c.application_id,
)  # fmt: skip
Index("ix_open_cases_due_on", open_cases.c.due_on, open_cases.c.advice_id)
Index("ix_open_cases_route", open_cases.c.court_code, open_cases.c.route, open_cases.c.due_on, open_cases.c.advice_id)
Index("ix_open_cases_application_id", open_cases.c.application_id)
