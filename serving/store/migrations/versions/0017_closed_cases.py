"""Cases that were reported closed while nobody had decided on them leave the queue.

What was scored or resumed after the report stays.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

CLOSED = """
EXISTS (
  SELECT 1 FROM outcomes c JOIN advice a ON a.id = open_cases.advice_id
  WHERE c.application_id = open_cases.application_id AND (c.court_code || '') = open_cases.court_code
  AND c.kind = 'close' AND c.recorded_at >= a.created_at
  AND NOT EXISTS (
    SELECT 1 FROM outcomes r WHERE r.application_id = c.application_id AND (r.court_code || '') = c.court_code
    AND r.kind = 'resume' AND r.id > c.id
  )
)
"""


def upgrade() -> None:
    """Take them out, with what they are found by; what was reported stays on record."""
    op.execute(
        "DELETE FROM open_case_parts WHERE EXISTS (SELECT 1 FROM open_cases"
        " WHERE open_cases.application_id = open_case_parts.application_id"
        f" AND open_cases.court_code = open_case_parts.court_code AND {CLOSED})"
    )
    op.execute(f"DELETE FROM open_cases WHERE {CLOSED}")


def downgrade() -> None:
    """Leave them out: they are closed all the same."""
