"""Scoring jobs and their rows."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of this area."""


def downgrade() -> None:
    """Take the tables of this area away."""
