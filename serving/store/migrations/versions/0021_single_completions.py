"""Cases sent back for completion alone, outside of a group, and papers that are asked for."""

import sqlalchemy as sa
from alembic import op

from serving.store.triggers import keep_rows, release_rows

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a completion belong to no decision about a group, and name papers."""
    _decision_may_be_missing(nullable=True)
    release_rows(op.get_bind(), "completions")
    op.add_column("completions", sa.Column("papers", sa.Text()))
    keep_rows(op.get_bind(), "completions")


def downgrade() -> None:
    """Take both back; cases that were sent back alone stand in the way."""
    release_rows(op.get_bind(), "completions")
    op.drop_column("completions", "papers")
    keep_rows(op.get_bind(), "completions")
    _decision_may_be_missing(nullable=False)


def _decision_may_be_missing(*, nullable: bool) -> None:
    """Change the column; SQLite makes the table anew for it, and its bolts go with the old one."""
    release_rows(op.get_bind(), "completions")
    with op.batch_alter_table("completions") as table:
        table.alter_column("decision_id", existing_type=sa.String(32), nullable=nullable)
    keep_rows(op.get_bind(), "completions")
