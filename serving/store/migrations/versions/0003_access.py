"""Keys of intake systems, accounts, sessions and log-ins."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of this area."""


def downgrade() -> None:
    """Take the tables of this area away."""
