"""Decisions, outcomes, corrections, views and the courts' settings."""

import sqlalchemy as sa
from alembic import op

from serving.store.triggers import keep_rows, keep_rows_but_erase, release_rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DECISION = (
    "id", "day", "number", "advice_id", "turn", "act", "application_id", "court_code", "stage", "advised", "lane",
    "reason", "warnings_checked", "decided_by", "decided_at", "key_sha256", "body_digest",
)  # fmt: skip
CORRECTION = ("id", "corrects", "court_code", "by", "at")


def upgrade() -> None:
    """Create the tables of this area."""
    op.create_table(
        "outcome_receipts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.String(40), nullable=False),
        sa.Column("reported_by", sa.String(200), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outcome_receipts"),
        sa.UniqueConstraint("key_sha256", name="uq_outcome_receipts_key_sha256"),
        sa.UniqueConstraint("day", "number", name="uq_outcome_receipts_day_number"),
    )
    op.create_table(
        "outcomes",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("receipt_id", sa.String(32), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("recorded_at", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("amount", sa.String(20)),
        sa.Column("source", sa.String(16)),
        sa.Column("mode", sa.String(16)),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["outcome_receipts.id"], name="fk_outcomes_receipt_id_outcome_receipts"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outcomes"),
    )
    op.create_index("ix_outcomes_court_code_application_id", "outcomes", ["court_code", "application_id"])
    op.create_index("ix_outcomes_receipt_id", "outcomes", ["receipt_id"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("stage", sa.String(1), nullable=False),
        sa.Column("advised", sa.String(16)),
        sa.Column("lane", sa.String(16)),
        sa.Column("reason", sa.String(32)),
        sa.Column("note", sa.LargeBinary()),
        sa.Column("warnings_checked", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.Column("decided_at", sa.String(40), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.Column("erased_at", sa.String(40)),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_decisions_advice_id_advice"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("key_sha256", name="uq_decisions_key_sha256"),
        sa.UniqueConstraint("day", "number", name="uq_decisions_day_number"),
        sa.UniqueConstraint("advice_id", "turn", name="uq_decisions_advice_id_turn"),
    )
    op.create_index("ix_decisions_court_code_application_id", "decisions", ["court_code", "application_id"])
    op.create_table(
        "views",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("lane", sa.String(16)),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_views_advice_id_advice"),
        sa.PrimaryKeyConstraint("id", name="pk_views"),
        sa.UniqueConstraint("day", "number", name="uq_views_day_number"),
        sa.UniqueConstraint("advice_id", "by", "kind", name="uq_views_advice_id_by_kind"),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("corrects", sa.String(32), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("reason", sa.LargeBinary()),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("erased_at", sa.String(40)),
        sa.ForeignKeyConstraint(["id"], ["advice.id"], name="fk_corrections_id_advice"),
        sa.ForeignKeyConstraint(["corrects"], ["advice.id"], name="fk_corrections_corrects_advice"),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
        sa.UniqueConstraint("corrects", name="uq_corrections_corrects"),
    )
    op.create_table(
        "court_settings",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(200), nullable=False),
        sa.Column("set_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_court_settings"),
        sa.UniqueConstraint("day", "number", name="uq_court_settings_day_number"),
        sa.UniqueConstraint("court_code", "version", name="uq_court_settings_court_code_version"),
    )
    connection = op.get_bind()
    for table in ("outcome_receipts", "outcomes", "views", "court_settings"):
        keep_rows(connection, table)
    keep_rows_but_erase(connection, "decisions", sealed=("note",), kept=DECISION)
    keep_rows_but_erase(connection, "corrections", sealed=("reason",), kept=CORRECTION)


def downgrade() -> None:
    """Take the tables of this area away."""
    connection = op.get_bind()
    for table in ("court_settings", "corrections", "views", "decisions", "outcomes", "outcome_receipts"):
        release_rows(connection, table)
        op.drop_table(table)
