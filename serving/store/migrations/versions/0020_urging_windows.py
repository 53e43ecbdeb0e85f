"""Urging windows that courts ask for and sign."""

import sqlalchemy as sa
from alembic import op

from serving.store.triggers import keep_rows, release_rows

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "urging_windows",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("request_id", sa.String(32), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_urging_windows"),
        sa.UniqueConstraint("day", "number", name="uq_urging_windows_day_number"),
        sa.UniqueConstraint("request_id", "turn", name="uq_urging_windows_request_id_turn"),
    )
    op.create_index("ix_urging_windows_court_code", "urging_windows", ["court_code", "request_id"])
    keep_rows(op.get_bind(), "urging_windows")


def downgrade() -> None:
    """Take the table away; which windows were signed is lost."""
    release_rows(op.get_bind(), "urging_windows")
    op.drop_table("urging_windows")
