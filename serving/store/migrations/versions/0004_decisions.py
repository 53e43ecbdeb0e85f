"""Decisions, outcomes, corrections, views and the courts' settings."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of this area."""


def downgrade() -> None:
    """Take the tables of this area away."""
