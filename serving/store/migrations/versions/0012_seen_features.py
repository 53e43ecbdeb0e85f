"""The way to the newest cases of a model, so that looking at what it saw reads those and no others."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAME = "ix_advice_model_sha256_stage_day_number"


def upgrade() -> None:
    """Make the index."""
    op.create_index(NAME, "advice", ["model_sha256", "stage", "day", "number"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index(NAME, table_name="advice")
