"""Legal holds, the deletion log and requests for review."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of this area."""


def downgrade() -> None:
    """Take the tables of this area away."""
