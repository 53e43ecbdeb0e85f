"""Drafts of the intake form, sealed, for one person each."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "intake_drafts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.String(40), nullable=False),
        sa.Column("expires_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intake_drafts"),
    )
    op.create_index("ix_intake_drafts_person", "intake_drafts", ["person"])
    op.create_index("ix_intake_drafts_expires_at", "intake_drafts", ["expires_at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("intake_drafts")
