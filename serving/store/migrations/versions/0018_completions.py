"""Cases of a group that were sent back for completion."""

import sqlalchemy as sa
from alembic import op

from serving.store.triggers import keep_rows, release_rows

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and let a decision about a group name a day."""
    op.add_column("batch_decisions", sa.Column("until", sa.String(10)))
    op.create_table(
        "completions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("decision_id", sa.String(32), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("until", sa.String(10), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_completions"),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_completions_advice_id_advice"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["batch_decisions.id"], name="fk_completions_decision_id_batch_decisions"
        ),
        sa.UniqueConstraint("advice_id", name="uq_completions_advice_id"),
        sa.UniqueConstraint("day", "number", name="uq_completions_day_number"),
    )
    op.create_index("ix_completions_decision_id", "completions", ["decision_id"])
    keep_rows(op.get_bind(), "completions")


def downgrade() -> None:
    """Take both away."""
    release_rows(op.get_bind(), "completions")
    op.drop_table("completions")
    op.drop_column("batch_decisions", "until")
