"""Keys of intake systems, accounts, sessions and log-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of this area."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("courts", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("expires_at", sa.String(40), nullable=False),
        sa.Column("revoked_at", sa.String(40)),
        sa.Column("approved_at", sa.String(40)),
        sa.Column("approved_by", sa.String(200)),
        sa.Column("overlap_days", sa.Integer()),
        sa.Column("last_used_on", sa.String(10)),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )
    op.create_index("ix_api_keys_client", "api_keys", ["client"])
    op.create_table(
        "accounts",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("display_name", sa.LargeBinary()),
        sa.Column("password", sa.Text()),
        sa.Column("password_changed_at", sa.String(40)),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("external_id", sa.String(255)),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("courts", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("disabled_at", sa.String(40)),
        sa.Column("rights_wait", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_accounts"),
        sa.UniqueConstraint("external_id", name="uq_accounts_external_id"),
    )
    op.create_table(
        "sessions",
        sa.Column("id_sha256", sa.String(64), nullable=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("seen_at", sa.String(40), nullable=False),
        sa.Column("expires_at", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.name"], name="fk_sessions_account_accounts"),
        sa.PrimaryKeyConstraint("id_sha256", name="pk_sessions"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_table(
        "login_failures",
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.String(40), nullable=False),
        sa.Column("locked_until", sa.String(40)),
        sa.PrimaryKeyConstraint("subject", name="pk_login_failures"),
    )


def downgrade() -> None:
    """Take the tables of this area away."""
    for table in ("login_failures", "sessions", "accounts", "api_keys"):
        op.drop_table(table)
