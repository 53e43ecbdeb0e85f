"""Stop switches, shadow scores and what happened to models."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of this area."""


def downgrade() -> None:
    """Take the tables of this area away."""
