"""Who may come in: keys of systems, accounts of people, their sessions, and what went wrong at the door."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from serving.store.tables.metadata import GRANTS, READ_AND_ADD, RECORDED, OnTrail, metadata

_CHANGE: Final = (*READ_AND_ADD, "UPDATE")
_REMOVE: Final = (*_CHANGE, "DELETE")

KEY_TRAIL: Final = OnTrail("api_key", without=frozenset({"last_used_on"}))
ACCOUNT_TRAIL: Final = OnTrail("account", key="name")

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("client", String(64), nullable=False),
    Column("secret_sha256", String(64), nullable=False),
    Column("actions", Text, nullable=False),
    Column("courts", Text, nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("expires_at", String(40), nullable=False),
    Column("revoked_at", String(40)),
    Column("approved_at", String(40)),
    Column("approved_by", String(200)),
    Column("overlap_days", Integer),
    Column("last_used_on", String(10)),
    info={GRANTS: _CHANGE, RECORDED: KEY_TRAIL},
)
"""One row a key; `client` is the system it was made for, which may hold two valid ones while it changes over.

A key that an administrator made opens nothing before another one has approved
it (`approved_at`); `overlap_days` is how long its predecessor stays valid then.
"""

Index("ix_api_keys_client", api_keys.c.client)

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("display_name", LargeBinary),
    Column("password", Text),
    Column("password_changed_at", String(40)),
    Column("must_change", Boolean, nullable=False),
    Column("external_id", String(255), unique=True),
    Column("roles", Text, nullable=False),
    Column("courts", Text, nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("disabled_at", String(40)),
    Column("rights_wait", Boolean, nullable=False),
    info={GRANTS: _CHANGE, RECORDED: ACCOUNT_TRAIL},
)
"""One row a person; never deleted, so that a name in the audit trail means one person for good.

While `rights_wait` the roles are without effect: an administrator has set the
password, and another one must confirm who uses the account.

`display_name` is sealed. `password` is missing for those who come in through
the court's own log-in service, where `external_id` is their number.
"""

sessions = Table(
    "sessions",
    metadata,
    Column("id_sha256", String(64), primary_key=True),
    Column("account", String(32), ForeignKey("accounts.name"), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("seen_at", String(40), nullable=False),
    Column("expires_at", String(40), nullable=False),
    info={GRANTS: _REMOVE},
)
"""One row a session that is open; it goes when the session ends."""

Index("ix_sessions_account", sessions.c.account)

login_failures = Table(
    "login_failures",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("first_at", String(40), nullable=False),
    Column("locked_until", String(40)),
    info={GRANTS: _REMOVE},
)
"""Failed log-ins by `subject`, a keyed digest of the account's name or of the address they came from."""
