"""What indicators are counted from and what was counted: one row a case, one row a figure, and how far that is."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table

from serving.store.tables.metadata import GRANTS, READ_AND_ADD, metadata

_CHANGE: Final = (*READ_AND_ADD, "UPDATE", "DELETE")

case_courses = Table(
    "case_courses",
    metadata,
    Column("court_code", String(200), primary_key=True),
    Column("application_id", String(200), primary_key=True),
    Column("advice_id", String(32), nullable=False),
    Column("received", Float, nullable=False),
    Column("filed", Float),
    Column("ended", Float),
    Column("closed", Float),
    Column("state", Integer, nullable=False),
    Column("claim", Float),
    Column("recovered", Float, nullable=False),
    Column("money_at", Float),
    Column("urged", Float),
    Column("filed_due", Float, nullable=False),
    Column("late_from", Float),
    Column("resumed", Integer, nullable=False),
    Column("simulated", Integer, nullable=False),
    Column("family", Integer),
    Column("lane", String(16)),
    Column("decided", Float),
    Column("next_due", Float),
    Column("team", String(40)),
    Column("assigned", Float),
    info={GRANTS: _CHANGE},
)
"""One row a case: its course in days (`features.clock`), which is empty where something never happened.

Everything in it stands in answers, events, decisions and assignments as well;
a background job keeps it. `lane` is what people decided, `team` who has it.
"""

Index(
    "ix_case_courses_team",
    *(
        case_courses.c[name]
        for name in ("court_code", "team", "state", "next_due", "application_id", "lane", "family", "assigned")
    ),
)
Index("ix_case_courses_late_from", case_courses.c.court_code, case_courses.c.late_from)

indicator_figures = Table(
    "indicator_figures",
    metadata,
    Column("court_code", String(200), primary_key=True),
    Column("first_month", String(7), primary_key=True),
    Column("last_month", String(7), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("numerator", Float, nullable=False),
    Column("denominator", Float, nullable=False),
    Column("prompt_numerator", Float),
    Column("prompt_denominator", Float),
    info={GRANTS: _CHANGE},
)
"""One row a figure of a court and a period; the `prompt` pair is the same as if every case had been filed in time."""

indicator_state = Table(
    "indicator_state",
    metadata,
    Column("court_code", String(200), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("read_at", String(40), nullable=False),
    Column("figures_seq", BigInteger),
    Column("figures_at", String(40)),
    Column("cases", Integer, nullable=False),
    info={GRANTS: _CHANGE},
)
"""How far courses and figures are: up to which row of the audit trail, and when; row `*` is how far it was read."""
