"""Whose data is where, legal holds, the deletion log and human reviews.

Advice that was written before is looked through once for the debtor's token.
"""

import sqlalchemy as sa
from alembic import context, op

from serving.repositories.person_tokens import token_in
from serving.store.triggers import keep_rows, keep_rows_but_erase, release_rows

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

HOLD = (
    "id", "day", "number", "act", "lifts", "court_code", "application_id", "held_from", "held_until", "by", "at",
)  # fmt: skip
REQUEST = (
    "id", "day", "number", "advice_id", "application_id", "court_code", "party", "requested_by", "requested_at",
    "key_sha256", "body_digest",
)  # fmt: skip
DECISION = ("id", "court_code", "outcome", "decided_by", "decided_at", "key_sha256", "body_digest")
TOGETHER = 500
"""Rows that are held in memory at once."""


def upgrade() -> None:
    """Create the tables of this area and fill in whose data is where."""
    op.create_table(
        "person_tokens",
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_person_tokens_advice_id_advice"),
        sa.PrimaryKeyConstraint("advice_id", name="pk_person_tokens"),
    )
    op.create_index("ix_person_tokens_token_digest", "person_tokens", ["token_digest"])
    op.create_table(
        "holds",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(8), nullable=False),
        sa.Column("lifts", sa.String(32)),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("held_from", sa.String(10), nullable=False),
        sa.Column("held_until", sa.String(10)),
        sa.Column("reason", sa.LargeBinary()),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("erased_at", sa.String(40)),
        sa.ForeignKeyConstraint(["lifts"], ["holds.id"], name="fk_holds_lifts_holds"),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
        sa.UniqueConstraint("lifts", name="uq_holds_lifts"),
        sa.UniqueConstraint("day", "number", name="uq_holds_day_number"),
    )
    op.create_index("ix_holds_court_code_application_id", "holds", ["court_code", "application_id"])
    op.create_table(
        "deletion_log",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(32), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("period_days", sa.Integer(), nullable=False),
        sa.Column("due_before", sa.String(40), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deletion_log"),
        sa.UniqueConstraint("day", "number", name="uq_deletion_log_day_number"),
    )
    op.create_table(
        "review_requests",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("party", sa.String(16), nullable=False),
        sa.Column("reason", sa.LargeBinary()),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("requested_at", sa.String(40), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.Column("erased_at", sa.String(40)),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_review_requests_advice_id_advice"),
        sa.PrimaryKeyConstraint("id", name="pk_review_requests"),
        sa.UniqueConstraint("key_sha256", name="uq_review_requests_key_sha256"),
        sa.UniqueConstraint("day", "number", name="uq_review_requests_day_number"),
    )
    op.create_index("ix_review_requests_advice_id", "review_requests", ["advice_id"])
    op.create_table(
        "review_decisions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reasons", sa.LargeBinary()),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.Column("decided_at", sa.String(40), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.Column("erased_at", sa.String(40)),
        sa.ForeignKeyConstraint(["id"], ["review_requests.id"], name="fk_review_decisions_id_review_requests"),
        sa.PrimaryKeyConstraint("id", name="pk_review_decisions"),
        sa.UniqueConstraint("key_sha256", name="uq_review_decisions_key_sha256"),
    )
    connection = op.get_bind()
    _fill_in(connection)
    keep_rows(connection, "deletion_log")
    keep_rows_but_erase(connection, "holds", sealed=("reason",), kept=HOLD)
    keep_rows_but_erase(connection, "review_requests", sealed=("reason",), kept=REQUEST)
    keep_rows_but_erase(connection, "review_decisions", sealed=("reasons",), kept=DECISION)


def downgrade() -> None:
    """Take the tables of this area away."""
    connection = op.get_bind()
    for table in ("review_decisions", "review_requests", "deletion_log", "holds"):
        release_rows(connection, table)
        op.drop_table(table)
    op.drop_table("person_tokens")


def _fill_in(connection) -> None:
    keys, last = context.config.attributes["keys"], ""
    page = sa.text(f"SELECT id, input FROM advice WHERE id > :last AND input IS NOT NULL ORDER BY id LIMIT {TOGETHER}")
    filled = sa.text("INSERT INTO person_tokens (advice_id, token_digest) VALUES (:advice_id, :token_digest)")
    while True:
        rows = connection.execute(page, {"last": last}).mappings().all()
        if not rows:
            return
        inputs = {row["id"]: keys.seal.open(bytes(row["input"]), f"advice.input:{row['id']}") for row in rows}
        found = [
            {"advice_id": one, "token_digest": keys.person(token)}
            for one, text in inputs.items()
            if (token := token_in(text)) is not None
        ]
        if found:
            connection.execute(filled, found)
        last = rows[-1]["id"]
