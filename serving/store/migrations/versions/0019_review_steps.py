"""What a party asked for and how it came, until when to answer, who took it in hand and how the party was told."""

import sqlalchemy as sa
from alembic import op

from serving.store.triggers import keep_rows, keep_rows_but_erase, release_rows

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BEFORE = (
    "id", "day", "number", "advice_id", "application_id", "court_code", "party", "requested_by", "requested_at",
    "key_sha256", "body_digest",
)  # fmt: skip
ADDED = {"wish": 16, "channel": 16, "received_on": 10, "answer_by": 10}


def upgrade() -> None:
    """Add to requests what is known of them, and make the table of what was done about them."""
    connection = op.get_bind()
    release_rows(connection, "review_requests")
    for name, length in ADDED.items():
        op.add_column("review_requests", sa.Column(name, sa.String(length)))
    keep_rows_but_erase(connection, "review_requests", sealed=("reason",), kept=(*BEFORE, *ADDED))
    op.create_table(
        "review_steps",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.String(32), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("act", sa.String(8), nullable=False),
        sa.Column("channel", sa.String(16)),
        sa.Column("told_on", sa.String(10)),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_steps"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review_requests.id"], name="fk_review_steps_review_id_review_requests"
        ),
        sa.UniqueConstraint("key_sha256", name="uq_review_steps_key_sha256"),
        sa.UniqueConstraint("day", "number", name="uq_review_steps_day_number"),
    )
    op.create_index("ix_review_steps_review_id", "review_steps", ["review_id"])
    keep_rows(connection, "review_steps")


def downgrade() -> None:
    """Take both away."""
    connection = op.get_bind()
    release_rows(connection, "review_steps")
    op.drop_table("review_steps")
    release_rows(connection, "review_requests")
    for name in ADDED:
        op.drop_column("review_requests", name)
    keep_rows_but_erase(connection, "review_requests", sealed=("reason",), kept=BEFORE)
