"""Stop switches, shadow scores, and every rule text that was ever used."""

import sqlalchemy as sa
from alembic import op

from serving.store.triggers import keep_rows, release_rows

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of this area."""
    op.create_table(
        "model_switches",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_model_switches"),
    )
    op.create_index("ix_model_switches_court_code_number", "model_switches", ["court_code", "number"])
    op.create_table(
        "shadow_scores",
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("model_sha256", sa.String(64), nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("route", sa.String(16)),
        sa.Column("scores", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_shadow_scores_advice_id_advice"),
        sa.PrimaryKeyConstraint("advice_id", "model_sha256", name="pk_shadow_scores"),
    )
    op.create_table(
        "rule_texts",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("kept_at", sa.String(40), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_rule_texts"),
    )
    connection = op.get_bind()
    keep_rows(connection, "model_switches")
    keep_rows(connection, "rule_texts")


def downgrade() -> None:
    """Take the tables of this area away."""
    connection = op.get_bind()
    for table in ("rule_texts", "model_switches"):
        release_rows(connection, table)
        op.drop_table(table)
    op.drop_table("shadow_scores")
