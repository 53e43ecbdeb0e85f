"""The queue of cases that wait for a decision.

Answers that were given before and on which nobody has decided enter it once.
"""

import orjson
import sqlalchemy as sa
from alembic import context, op

from serving.repositories.open_cases import row_of

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TOGETHER = 500
"""Rows that are held in memory at once."""

# A court has a million answers, an application a few: `|| ''` keeps planners from going through the court's.

WAITING = f"""
SELECT a.id, a.input, a.answer FROM advice a
WHERE a.id > :last AND a.input IS NOT NULL AND a.answer IS NOT NULL
AND NOT EXISTS (
  SELECT 1 FROM advice n WHERE n.application_id = a.application_id AND (n.court_code || '') = a.court_code
  AND (n.day > a.day OR (n.day = a.day AND n.number > a.number))
)
AND COALESCE(
  (SELECT d.act FROM decisions d WHERE d.advice_id = a.id ORDER BY d.turn DESC LIMIT 1), 'withdraw'
) <> 'decide'
ORDER BY a.id LIMIT {TOGETHER}
"""


def upgrade() -> None:
    """Create the table and let the cases in that wait."""
    op.create_table(
        "open_cases",
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(1), nullable=False),
        sa.Column("due_on", sa.String(10), nullable=False),
        sa.Column("due_kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("route", sa.String(16)),
        sa.Column("decided_by", sa.String(16), nullable=False),
        sa.Column("confidence", sa.String(8), nullable=False),
        sa.Column("cause", sa.String(200)),
        sa.Column("amount", sa.String(24)),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("notices", sa.Text(), nullable=False),
        sa.Column("received_at", sa.String(40)),
        sa.Column("simulated", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(200)),
        sa.Column("claimed_until", sa.String(40)),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_open_cases_advice_id_advice"),
        sa.PrimaryKeyConstraint("court_code", "application_id", name="pk_open_cases"),
        sa.UniqueConstraint("advice_id", name="uq_open_cases_advice_id"),
    )
    op.create_index("ix_open_cases_court_code_due_on", "open_cases", ["court_code", "due_on", "advice_id"])
    op.create_index("ix_open_cases_due_on", "open_cases", ["due_on", "advice_id"])
    op.create_index("ix_open_cases_route", "open_cases", ["court_code", "route", "due_on", "advice_id"])
    op.create_index("ix_open_cases_application_id", "open_cases", ["application_id"])
    _fill_in(op.get_bind())


def downgrade() -> None:
    """Take the table away; nothing is lost, since all of it stands in the answers."""
    op.drop_table("open_cases")


def _fill_in(connection) -> None:
    seal, last = context.config.attributes["keys"].seal, ""
    while True:
        rows = connection.execute(sa.text(WAITING), {"last": last}).mappings().all()
        if not rows:
            return
        found = [entry for row in rows if (entry := _entry(row, seal)) is not None]
        if found:
            names = list(found[0])
            marks = ", ".join(f":{name}" for name in names)
            connection.execute(sa.text(f"INSERT INTO open_cases ({', '.join(names)}) VALUES ({marks})"), found)
        last = rows[-1]["id"]


def _entry(row, seal):
    """Return the row of the queue; None for an answer of the first days that says too little to be listed."""
    answer, document = (seal.open(bytes(row[name]), f"advice.{name}:{row['id']}") for name in ("answer", "input"))
    try:
        return {**row_of(orjson.loads(answer), orjson.loads(document)), "advice_id": row["id"]}
    except (ValueError, KeyError, TypeError):
        return None
