"""Advice and idempotency keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "advice",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("stage", sa.String(1), nullable=False),
        sa.Column("as_of", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("expires_at", sa.String(40), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("route", sa.String(16)),
        sa.Column("decided_by", sa.String(16), nullable=False),
        sa.Column("model_sha256", sa.String(64)),
        sa.Column("ruleset_sha256", sa.String(64), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("input_sha256", sa.String(64), nullable=False),
        sa.Column("features", sa.LargeBinary()),
        sa.Column("features_sha256", sa.String(64)),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_advice"),
        sa.UniqueConstraint("day", "number", name="uq_advice_day_number"),
    )
    op.create_index("ix_advice_application_id_court_code_id", "advice", ["application_id", "court_code", "id"])
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_idempotency_advice_id_advice"),
        sa.PrimaryKeyConstraint("scope", "key_sha256", name="pk_idempotency"),
    )
