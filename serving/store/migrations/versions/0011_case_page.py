"""Closed cases to compare with, similar cases as they were found, marks of judges, and duties of the service.

Cases whose closing was reported before are noted once; the service makes them ready later.
"""

import sqlalchemy as sa
from alembic import op

from serving.repositories.case_numbers import keep_parts
from serving.store.triggers import keep_rows, keep_rows_but_erase, release_rows

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SIMILAR = ("id", "court_code", "model_sha256", "compared", "at")

# The last report of each closing counts, and of each stage the newest answer with features.

CLOSED = """
INSERT INTO closed_cases (advice_id, court_code, application_id, stage, closed_on, mode, recorded_at)
SELECT a.id, a.court_code, a.application_id, a.stage, substr(o.at, 1, 10), o.mode, o.recorded_at
FROM outcomes o JOIN advice a ON a.application_id = o.application_id AND (a.court_code || '') = o.court_code
WHERE o.kind = 'close' AND a.features IS NOT NULL
AND NOT EXISTS (
  SELECT 1 FROM outcomes n WHERE n.application_id = o.application_id AND (n.court_code || '') = o.court_code
  AND n.kind = 'close' AND n.id > o.id
)
AND NOT EXISTS (
  SELECT 1 FROM advice n WHERE n.application_id = a.application_id AND (n.court_code || '') = a.court_code
  AND n.stage = a.stage AND n.features IS NOT NULL
  AND (n.day > a.day OR (n.day = a.day AND n.number > a.number))
)
"""

# Urging that was decided before and has not ended by what was reported; the service looks at it on its first day.

URGED = """
INSERT INTO urged_cases (decision_id, advice_id, court_code, application_id, look_on)
SELECT d.id, d.advice_id, d.court_code, d.application_id, substr(d.decided_at, 1, 10)
FROM decisions d
WHERE d.act = 'decide' AND d.lane = 'urge'
AND NOT EXISTS (SELECT 1 FROM decisions n WHERE n.advice_id = d.advice_id AND n.turn > d.turn)
AND NOT EXISTS (
  SELECT 1 FROM outcomes o WHERE o.application_id = d.application_id AND (o.court_code || '') = d.court_code
  AND o.kind IN ('file', 'convert', 'withdraw', 'close')
)
"""


def upgrade() -> None:
    """Create the tables of this area and note what is closed."""
    op.create_table(
        "closed_cases",
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("stage", sa.String(1), nullable=False),
        sa.Column("closed_on", sa.String(10), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("recorded_at", sa.String(40), nullable=False),
        sa.Column("model_sha256", sa.String(64)),
        sa.Column("leaves", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_closed_cases_advice_id_advice"),
        sa.PrimaryKeyConstraint("advice_id", name="pk_closed_cases"),
    )
    op.create_index("ix_closed_cases_compared", "closed_cases", ["court_code", "stage", "model_sha256", "closed_on"])
    op.create_index("ix_closed_cases_application_id", "closed_cases", ["application_id"])
    op.create_index("ix_closed_cases_model_sha256", "closed_cases", ["model_sha256"])
    op.create_table(
        "similar_cases",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("model_sha256", sa.String(64), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("found", sa.LargeBinary()),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("erased_at", sa.String(40)),
        sa.ForeignKeyConstraint(["id"], ["advice.id"], name="fk_similar_cases_id_advice"),
        sa.PrimaryKeyConstraint("id", name="pk_similar_cases"),
    )
    op.create_table(
        "marks",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("act", sa.String(8), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_marks_advice_id_advice"),
        sa.PrimaryKeyConstraint("id", name="pk_marks"),
        sa.UniqueConstraint("day", "number", name="uq_marks_day_number"),
    )
    op.create_index("ix_marks_advice_id", "marks", ["advice_id"])
    op.create_table(
        "duties",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("worker", sa.String(64), nullable=False),
        sa.Column("until", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_duties"),
    )
    op.create_table(
        "preferences",
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("predictions_off", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_preferences"),
    )
    op.create_table(
        "urged_cases",
        sa.Column("decision_id", sa.String(32), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("look_on", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_urged_cases_decision_id_decisions"),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_urged_cases_advice_id_advice"),
        sa.PrimaryKeyConstraint("decision_id", name="pk_urged_cases"),
    )
    op.create_index("ix_urged_cases_look_on", "urged_cases", ["look_on"])
    op.create_index("ix_urged_cases_application_id", "urged_cases", ["application_id"])
    op.create_table(
        "conversions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.String(32), nullable=False),
        sa.Column("advice_id", sa.String(32), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.Column("rule", sa.String(8), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("due_on", sa.String(10), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_conversions_decision_id_decisions"),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_conversions_advice_id_advice"),
        sa.PrimaryKeyConstraint("id", name="pk_conversions"),
        sa.UniqueConstraint("day", "number", name="uq_conversions_day_number"),
        sa.UniqueConstraint("decision_id", name="uq_conversions_decision_id"),
    )
    op.create_index("ix_conversions_advice_id", "conversions", ["advice_id"])
    op.create_table(
        "open_case_parts",
        sa.Column("part", sa.String(48).with_variant(sa.String(48, collation="C"), "postgresql"), nullable=False),
        sa.Column("court_code", sa.String(200), nullable=False),
        sa.Column("application_id", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("part", "court_code", "application_id", name="pk_open_case_parts"),
    )
    op.drop_index("ix_open_cases_court_code_due_on", "open_cases")
    op.create_index(
        "ix_open_cases_looked_through", "open_cases", ["court_code", "due_on", "advice_id", "application_id"]
    )
    connection = op.get_bind()
    for case in connection.execute(sa.text("SELECT court_code, application_id FROM open_cases")).all():
        keep_parts(connection, case.court_code, case.application_id)
    connection.execute(sa.text(CLOSED))
    connection.execute(sa.text(URGED))
    keep_rows(connection, "conversions")
    keep_rows(connection, "marks")
    keep_rows_but_erase(connection, "similar_cases", sealed=("found",), kept=SIMILAR)


def downgrade() -> None:
    """Take the tables of this area away."""
    connection = op.get_bind()
    for table in ("conversions", "marks", "similar_cases"):
        release_rows(connection, table)
        op.drop_table(table)
    op.drop_index("ix_open_cases_looked_through", "open_cases")
    op.create_index("ix_open_cases_court_code_due_on", "open_cases", ["court_code", "due_on", "advice_id"])
    for table in ("open_case_parts", "urged_cases", "preferences", "duties", "closed_cases"):
        op.drop_table(table)
