"""Which answers rest on the same basis: a keyed digest of its number; earlier advice is looked through once."""

import sqlalchemy as sa
from alembic import context, op

from serving.repositories.basis_numbers import digest_in

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
TOGETHER = 500
"""Rows that are held in memory at once."""


def upgrade() -> None:
    """Make the table and fill it."""
    op.create_table(
        "basis_numbers",
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("basis_digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_basis_numbers_advice_id_advice"),
        sa.PrimaryKeyConstraint("advice_id", name="pk_basis_numbers"),
    )
    op.create_index("ix_basis_numbers_basis_digest", "basis_numbers", ["basis_digest"])
    _fill_in(op.get_bind())


def downgrade() -> None:
    """Take it away."""
    op.drop_table("basis_numbers")


def _fill_in(connection) -> None:
    keys, last = context.config.attributes["keys"], ""
    page = sa.text(f"SELECT id, input FROM advice WHERE id > :last AND input IS NOT NULL ORDER BY id LIMIT {TOGETHER}")
    filled = sa.text("INSERT INTO basis_numbers (advice_id, basis_digest) VALUES (:advice_id, :basis_digest)")
    while True:
        rows = connection.execute(page, {"last": last}).mappings().all()
        if not rows:
            return
        inputs = {row["id"]: keys.seal.open(bytes(row["input"]), f"advice.input:{row['id']}") for row in rows}
        found = [
            {"advice_id": one, "basis_digest": digest}
            for one, text in inputs.items()
            if (digest := digest_in(text, keys)) is not None
        ]
        if found:
            connection.execute(filled, found)
        last = rows[-1]["id"]
