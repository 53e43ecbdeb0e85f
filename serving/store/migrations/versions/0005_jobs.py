"""Scoring jobs and their lines."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of this area."""
    op.create_table(
        "score_jobs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("courts", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("started_at", sa.String(40)),
        sa.Column("finished_at", sa.String(40)),
        sa.Column("expires_at", sa.String(40), nullable=False),
        sa.Column("lease", sa.String(64)),
        sa.Column("leased_until", sa.String(40)),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_score_jobs"),
        sa.UniqueConstraint("key_sha256", name="uq_score_jobs_key_sha256"),
        sa.UniqueConstraint("day", "number", name="uq_score_jobs_day_number"),
    )
    op.create_index("ix_score_jobs_state", "score_jobs", ["state"])
    op.create_table(
        "job_rows",
        sa.Column("job_id", sa.String(32), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("request", sa.LargeBinary()),
        sa.Column("application_id", sa.String(200)),
        sa.Column("advice_id", sa.String(32)),
        sa.Column("problem", sa.Text()),
        sa.ForeignKeyConstraint(["job_id"], ["score_jobs.id"], name="fk_job_rows_job_id_score_jobs"),
        sa.ForeignKeyConstraint(["advice_id"], ["advice.id"], name="fk_job_rows_advice_id_advice"),
        sa.PrimaryKeyConstraint("job_id", "line", name="pk_job_rows"),
    )


def downgrade() -> None:
    """Take the tables of this area away."""
    op.drop_table("job_rows")
    op.drop_table("score_jobs")
