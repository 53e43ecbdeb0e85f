"""Decisions, outcomes, corrections, views and the courts' settings."""

import sqlalchemy as sa
from alembic import op

from serving.store.triggers import keep_rows, release_rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of this area."""
    op.create_table(
        "outcome_receipts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.String(40), nullable=False),
        sa.Column("reported_by", sa.String(200), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outcome_receipts"),
        sa.UniqueConstraint("key_sha256", name="uq_outcome_receipts_key_sha256"),
        sa.UniqueConstraint("day", "number", name="uq_outcome_receipts_day_number"),
    )
    op.create_table(
        "outcomes",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("receipt_id", sa.String(32), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("recorded_at", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("amount", sa.String(20)),
        sa.Column("source", sa.String(16)),
        sa.Column("mode", sa.String(16)),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["outcome_receipts.id"], name="fk_outcomes_receipt_id_outcome_receipts"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outcomes"),
    )
    op.create_index("ix_outcomes_court_code_application_id", "outcomes", ["court_code", "application_id"])
    op.create_index("ix_outcomes_receipt_id", "outcomes", ["receipt_id"])
    connection = op.get_bind()
    keep_rows(connection, "outcome_receipts")
    keep_rows(connection, "outcomes")


def downgrade() -> None:
    """Take the tables of this area away."""
    connection = op.get_bind()
    for table in ("outcomes", "outcome_receipts"):
        release_rows(connection, table)
        op.drop_table(table)
