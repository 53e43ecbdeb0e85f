"""Batches: lists from a file, their groups, what was looked at, and what was decided about a group at once."""

import sqlalchemy as sa
from alembic import op

from serving.store.triggers import keep_rows, release_rows

revision = "0009"
down_revision = "0012"
branch_labels = None
depends_on = None

KEPT = ("batch_groups", "batch_cases", "batch_marks", "batch_decisions")


def upgrade() -> None:
    """Create the tables."""
    _lists()
    _groups()
    _acts()
    connection = op.get_bind()
    for table in KEPT:
        keep_rows(connection, table)


def downgrade() -> None:
    """Take the tables of this area away."""
    connection = op.get_bind()
    for table in KEPT:
        release_rows(connection, table)
    for table in ("batch_turns", "batch_decisions", "batch_marks", "batch_cases", "batch_groups", "batches"):
        op.drop_table(table)


def _lists() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("job_id", sa.String(32), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(20), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("confirmed_at", sa.String(40)),
        sa.Column("grouped_at", sa.String(40)),
        sa.Column("figures", sa.Text()),
        sa.ForeignKeyConstraint(["job_id"], ["score_jobs.id"], name="fk_batches_job_id_score_jobs"),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
        sa.UniqueConstraint("job_id", name="uq_batches_job_id"),
        sa.UniqueConstraint("day", "number", name="uq_batches_day_number"),
    )
    op.create_index("ix_batches_court_code_day_number", "batches", ["court_code", "day", "number"])


def _groups() -> None:
    op.create_table(
        "batch_groups",
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(16), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="fk_batch_groups_batch_id_batches"),
        sa.PrimaryKeyConstraint("batch_id", "code", name="pk_batch_groups"),
    )
    op.create_table(
        "batch_cases",
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("amount", sa.String(24)),
        sa.Column("route", sa.String(16)),
        sa.Column("decided_by", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer()),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="fk_batch_cases_batch_id_batches"),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_batch_cases_advice_id_advice"),
        sa.PrimaryKeyConstraint("batch_id", "advice_id", name="pk_batch_cases"),
    )
    op.create_index("ix_batch_cases_code", "batch_cases", ["batch_id", "code", "line"])
    op.create_index("ix_batch_cases_advice_id", "batch_cases", ["advice_id"])


def _acts() -> None:
    op.create_table(
        "batch_marks",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="fk_batch_marks_batch_id_batches"),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_batch_marks_advice_id_advice"),
        sa.PrimaryKeyConstraint("id", name="pk_batch_marks"),
        sa.UniqueConstraint("day", "number", name="uq_batch_marks_day_number"),
    )
    op.create_index("ix_batch_marks_batch_id", "batch_marks", ["batch_id", "advice_id"])
    op.create_table(
        "batch_decisions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("courts", sa.Text(), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="fk_batch_decisions_batch_id_batches"),
        sa.PrimaryKeyConstraint("id", name="pk_batch_decisions"),
        sa.UniqueConstraint("key_sha256", name="uq_batch_decisions_key_sha256"),
        sa.UniqueConstraint("day", "number", name="uq_batch_decisions_day_number"),
    )
    op.create_index("ix_batch_decisions_batch_id", "batch_decisions", ["batch_id", "code"])
    op.create_table(
        "batch_turns",
        sa.Column("decision_id", sa.String(32), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("problem", sa.String(48)),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["batch_decisions.id"], name="fk_batch_turns_decision_id_batch_decisions"
        ),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_batch_turns_advice_id_advice"),
        sa.PrimaryKeyConstraint("decision_id", "advice_id", name="pk_batch_turns"),
    )
    op.create_index("ix_batch_turns_state", "batch_turns", ["state"])
