"""Scoring jobs: long lists that are scored in the background, line by line, and can be asked for a month."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from serving.store.tables.metadata import GRANTS, READ_AND_ADD, metadata

_CHANGE: Final = (*READ_AND_ADD, "UPDATE")
_REMOVE: Final = (*_CHANGE, "DELETE")

score_jobs = Table(
    "score_jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("courts", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("started_at", String(40)),
    Column("finished_at", String(40)),
    Column("expires_at", String(40), nullable=False),
    Column("lease", String(64)),
    Column("leased_until", String(40)),
    Column("key_sha256", String(64), nullable=False, unique=True),
    Column("body_digest", String(64), nullable=False),
    UniqueConstraint("day", "number"),
    info={GRANTS: _CHANGE},
)
"""One row a job. `lease` names the worker that is at it, until `leased_until`: after that anybody may go on."""

Index("ix_score_jobs_state", score_jobs.c.state)

job_rows = Table(
    "job_rows",
    metadata,
    Column("job_id", String(32), ForeignKey("score_jobs.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("request", LargeBinary),
    Column("application_id", String(200)),
    Column("advice_id", String(32), ForeignKey("advice.id")),
    Column("problem", Text),
    info={GRANTS: _REMOVE},
)
"""One row a line of the list. `request` is sealed, and emptied as soon as the line is done.

`problem` is what the line failed with: codes and places, never what it said.
"""
