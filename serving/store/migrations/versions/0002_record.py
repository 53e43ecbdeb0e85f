"""The audit chain, sealed advice, and the ids of the keys.

Advice that was written before is sealed and put on the chain. What is
imported from the project here must keep doing what it did when this was
released.
"""

import sqlalchemy as sa
from alembic import context, op

from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import Event
from serving.store.triggers import keep_rows, keep_rows_but_erase, release_rows

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEALED = {"input": sa.Text(), "features": sa.LargeBinary(), "rules": sa.Text(), "answer": sa.LargeBinary()}
EMPTY = {"input": "", "features": None, "rules": "", "answer": b""}
KEPT = (
    "id", "day", "number", "application_id", "court_code", "stage", "as_of", "created_at", "expires_at", "status",
    "route", "decided_by", "model_sha256", "ruleset_sha256", "input_sha256", "features_sha256", "versions",
    "created_by",
)  # fmt: skip
TOGETHER = 500
"""Rows that are held in memory at once."""


def upgrade() -> None:
    """Create the audit table and seal what is there."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("role", sa.String(200), nullable=False),
        sa.Column("court", sa.String(200), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("object_id", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("prev_mac", sa.String(80), nullable=False),
        sa.Column("mac", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
        sa.UniqueConstraint("prev_mac", name="uq_audit_prev_mac"),
    )
    op.create_index("ix_audit_kind_object_id", "audit", ["kind", "object_id"])
    op.create_table(
        "key_ids",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_key_ids"),
    )
    op.add_column("advice", sa.Column("created_by", sa.String(200)))
    op.add_column("advice", sa.Column("erased_at", sa.String(40)))
    op.create_index("ix_advice_court_code_day_number", "advice", ["court_code", "day", "number"])
    connection = op.get_bind()
    _replace_columns(connection, dict.fromkeys(SEALED, sa.LargeBinary()), nullable=True, change=_sealed)
    _put_on_chain(connection)
    keep_rows(connection, "audit")
    keep_rows(connection, "idempotency")
    keep_rows_but_erase(connection, "advice", sealed=tuple(SEALED), kept=KEPT)


def downgrade() -> None:
    """Open what is sealed; the audit trail goes, so keep a backup."""
    connection = op.get_bind()
    for table in ("advice", "idempotency", "audit"):
        release_rows(connection, table)
    _replace_columns(connection, SEALED, nullable=False, change=_opened)
    op.drop_index("ix_advice_court_code_day_number", "advice")
    op.drop_column("advice", "erased_at")
    op.drop_column("advice", "created_by")
    op.drop_table("key_ids")
    op.drop_table("audit")
    if connection.dialect.name == "postgresql":
        op.execute("DROP FUNCTION fenliu_refuse()")


def _replace_columns(connection, kinds, *, nullable, change) -> None:
    """Give the columns another type, their content changed on the way; the same statements on both databases."""
    for name, kind in kinds.items():
        op.execute(f"ALTER TABLE advice RENAME COLUMN {name} TO {name}_before")
        op.add_column("advice", sa.Column(name, kind, nullable=True))
    _change_rows(connection, list(kinds), change)
    for name in kinds:
        op.drop_column("advice", f"{name}_before")
    if not nullable and connection.dialect.name == "postgresql":
        for name in ("input", "rules", "answer"):
            op.alter_column("advice", name, nullable=False)


def _change_rows(connection, names, change) -> None:
    columns = ", ".join(f"{name}_before" for name in names)
    changes = ", ".join(f"{name} = :{name}" for name in names)
    last = ""
    while True:
        page = sa.text(f"SELECT id, {columns} FROM advice WHERE id > :last ORDER BY id LIMIT {TOGETHER}")
        rows = connection.execute(page, {"last": last}).mappings().all()
        if not rows:
            return
        changed = [
            {"id": row["id"], **{name: change(row["id"], name, row[f"{name}_before"]) for name in names}}
            for row in rows
        ]
        connection.execute(sa.text(f"UPDATE advice SET {changes} WHERE id = :id"), changed)
        last = rows[-1]["id"]


def _sealed(row_id, name, plain):
    if plain is None:
        return None
    content = plain.encode("utf-8") if isinstance(plain, str) else bytes(plain)
    return context.config.attributes["keys"].seal.close(content, f"advice.{name}:{row_id}")


def _opened(row_id, name, sealed):
    if sealed is None:
        return EMPTY[name]
    plain = context.config.attributes["keys"].seal.open(bytes(sealed), f"advice.{name}:{row_id}")
    return plain.decode("utf-8") if isinstance(SEALED[name], sa.Text) else plain


def _put_on_chain(connection) -> None:
    """Give every earlier answer its audit row, which says that it was taken over."""
    given = context.config.attributes
    last = ""
    while True:
        page = sa.text(f"SELECT * FROM advice WHERE id > :last ORDER BY id LIMIT {TOGETHER}")
        rows = connection.execute(page, {"last": last}).mappings().all()
        if not rows:
            return
        for row in rows:
            event = Event(
                action="score.import", actor="local:migration", court=row["court_code"], kind="advice",
                object_id=row["id"], detail={"row_sha256": row_digest(_plain(row))},
            )  # fmt: skip
            append(connection, event, mac=given["keys"].mac, at=given["at"])
        last = rows[-1]["id"]


def _plain(row):
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
