"""Courses of cases, figures counted from them, and assignments to teams.

Courses and figures are filled in by the service in the background, from what
is on record.
"""

import sqlalchemy as sa
from alembic import op

from serving.store.triggers import keep_rows, release_rows

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _courses()
    op.create_table(
        "indicator_figures",
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("first_month", sa.String(7), nullable=False),
        sa.Column("last_month", sa.String(7), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("numerator", sa.Float(), nullable=False),
        sa.Column("denominator", sa.Float(), nullable=False),
        sa.Column("prompt_numerator", sa.Float()),
        sa.Column("prompt_denominator", sa.Float()),
        sa.PrimaryKeyConstraint("court_code", "first_month", "last_month", "name", name="pk_indicator_figures"),
    )
    op.create_table(
        "indicator_state",
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.String(40), nullable=False),
        sa.Column("figures_seq", sa.BigInteger()),
        sa.Column("figures_at", sa.String(40)),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("court_code", name="pk_indicator_state"),
    )
    _assignments()
    keep_rows(op.get_bind(), "team_assignments")


def downgrade() -> None:
    """Take the tables away; which team had which case is lost."""
    release_rows(op.get_bind(), "team_assignments")
    for name in ("team_assignments", "indicator_state", "indicator_figures", "case_courses"):
        op.drop_table(name)


def _courses() -> None:
    op.create_table(
        "case_courses",
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("received", sa.Float(), nullable=False),
        sa.Column("filed", sa.Float()),
        sa.Column("ended", sa.Float()),
        sa.Column("closed", sa.Float()),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Float()),
        sa.Column("recovered", sa.Float(), nullable=False),
        sa.Column("money_at", sa.Float()),
        sa.Column("urged", sa.Float()),
        sa.Column("filed_due", sa.Float(), nullable=False),
        sa.Column("late_from", sa.Float()),
        sa.Column("resumed", sa.Integer(), nullable=False),
        sa.Column("simulated", sa.Integer(), nullable=False),
        sa.Column("family", sa.Integer()),
        sa.Column("lane", sa.String(16)),
        sa.Column("decided", sa.Float()),
        sa.Column("next_due", sa.Float()),
        sa.Column("team", sa.String(40)),
        sa.Column("assigned", sa.Float()),
        sa.PrimaryKeyConstraint("court_code", "application_id", name="pk_case_courses"),
    )
    op.create_index(
        "ix_case_courses_team",
        "case_courses",
        ["court_code", "team", "state", "next_due", "application_id", "lane", "family", "assigned"],
    )
    op.create_index("ix_case_courses_late_from", "case_courses", ["court_code", "late_from"])


def _assignments() -> None:
    op.create_table(
        "team_assignments",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(40)),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("settings_version", sa.Integer(), nullable=False),
        sa.Column("assigned_by", sa.String(200), nullable=False),
        sa.Column("assigned_at", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_team_assignments_advice_id_advice"),
        sa.PrimaryKeyConstraint("id", name="pk_team_assignments"),
        sa.UniqueConstraint("day", "number", name="uq_team_assignments_day_number"),
        sa.UniqueConstraint(
            "court_code", "application_id", "turn", name="uq_team_assignments_court_code_application_id_turn"
        ),
    )
    op.create_index("ix_team_assignments_advice_id", "team_assignments", ["advice_id"])
