"""What people's rights need: whose data is where, cases that must not be erased, what was erased, human reviews."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from serving.store.tables.metadata import GRANTS, KEPT, READ_AND_ADD, RECORDED, metadata

_KEPT: Final = {KEPT: True, RECORDED: True}

person_tokens = Table(
    "person_tokens",
    metadata,
    Column("advice_id", String(32), ForeignKey("advice.id"), primary_key=True),
    Column("token_digest", String(64), nullable=False, index=True),
    info={GRANTS: (*READ_AND_ADD, "DELETE")},
)
"""One row an answer about a debtor with a token: a keyed digest of the token, which joins to nothing outside.

Rows go when the advice they belong to is erased.
"""

holds = Table(
    "holds",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("act", String(8), nullable=False),
    Column("lifts", String(32), ForeignKey("holds.id"), unique=True),
    Column("court_code", String(200), nullable=False),
    Column("application_id", String(200), nullable=False),
    Column("held_from", String(10), nullable=False),
    Column("held_until", String(10)),
    Column("reason", LargeBinary),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("erased_at", String(40)),
    UniqueConstraint("day", "number"),
    info={**_KEPT, GRANTS: (*READ_AND_ADD, "UPDATE (reason, erased_at)")},
)
"""One row an act: `place` holds a case from a day until a day (both included; open without it), `lift` ends one.

`lifts` is the hold that a lifting ends. `reason` is sealed and goes with the
case's content.
"""

Index("ix_holds_court_code_application_id", holds.c.court_code, holds.c.application_id)

deletion_log = Table(
    "deletion_log",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("table_name", String(32), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("period_days", Integer, nullable=False),
    Column("due_before", String(40), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    UniqueConstraint("day", "number"),
    info=_KEPT,
)
"""One row a table and a transaction in which something was erased: how much, by which period; whose, nobody knows."""

review_requests = Table(
    "review_requests",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False, index=True),
    Column("application_id", String(200), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("party", String(16), nullable=False),
    Column("reason", LargeBinary),
    Column("requested_by", String(200), nullable=False),
    Column("requested_at", String(40), nullable=False),
    Column("key_sha256", String(64), nullable=False, unique=True),
    Column("body_digest", String(64), nullable=False),
    Column("erased_at", String(40)),
    Column("wish", String(16)),
    Column("channel", String(16)),
    Column("received_on", String(10)),
    Column("answer_by", String(10)),
    UniqueConstraint("day", "number"),
    info={**_KEPT, GRANTS: (*READ_AND_ADD, "UPDATE (reason, erased_at)")},
)
"""One row a request of a party that a person looks at its case again; `requested_by` is who took it in.

`wish` is what the party asks for, `channel` how it came, `received_on` on which
day, `answer_by` until when it is to be answered; empty where nobody said so.
"""

review_decisions = Table(
    "review_decisions",
    metadata,
    Column("id", String(32), ForeignKey("review_requests.id"), primary_key=True),
    Column("court_code", String(200), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reasons", LargeBinary),
    Column("decided_by", String(200), nullable=False),
    Column("decided_at", String(40), nullable=False),
    Column("key_sha256", String(64), nullable=False, unique=True),
    Column("body_digest", String(64), nullable=False),
    Column("erased_at", String(40)),
    info={**_KEPT, GRANTS: (*READ_AND_ADD, "UPDATE (reasons, erased_at)")},
)
"""One row a review that is done, under the number of its request; one review, one decision."""

review_steps = Table(
    "review_steps",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("review_id", String(32), ForeignKey("review_requests.id"), nullable=False, index=True),
    Column("court_code", String(200), nullable=False),
    Column("act", String(8), nullable=False),
    Column("channel", String(16)),
    Column("told_on", String(10)),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("key_sha256", String(64), nullable=False, unique=True),
    Column("body_digest", String(64), nullable=False),
    UniqueConstraint("day", "number"),
    info=_KEPT,
)
"""One row each time somebody took a review in hand (`take`, the newest counts), or told its party the answer (`tell`).

`channel` and `told_on` say how and when the party was told.
"""
