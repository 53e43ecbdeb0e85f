"""Batches: lists that came in as a file, the groups they were parted into, and what people did about each group."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from serving.store.tables.metadata import GRANTS, KEPT, READ_AND_ADD, RECORDED, metadata

_KEPT: Final = {KEPT: True}
_RECORDED: Final = {KEPT: True, RECORDED: True}

batches = Table(
    "batches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("job_id", String(32), ForeignKey("score_jobs.id"), nullable=False, unique=True),
    Column("about", Text, nullable=False),
    Column("seed", String(20), nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("confirmed_at", String(40)),
    Column("grouped_at", String(40)),
    Column("figures", Text),
    UniqueConstraint("day", "number"),
    info={GRANTS: (*READ_AND_ADD, "UPDATE (confirmed_at, grouped_at, figures)")},
)
"""One row a list. Its lines stand in the job that scores it, which waits as a draft until somebody confirms.

`about` says how the file was read and what of it was not (JSON, no word of the
file itself), `seed` draws the spot checks. `figures` are those of the whole
batch (JSON), made when it was parted into groups.
"""

Index("ix_batches_court_code_day_number", batches.c.court_code, batches.c.day, batches.c.number)

batch_groups = Table(
    "batch_groups",
    metadata,
    Column("batch_id", String(32), ForeignKey("batches.id"), primary_key=True),
    Column("code", String(32), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("by", String(16), nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("figures", Text, nullable=False),
    info=_KEPT,
)
"""One row a group, as it was made: its place in the list, what made it, its name, and its figures (JSON)."""

batch_cases = Table(
    "batch_cases",
    metadata,
    Column("batch_id", String(32), ForeignKey("batches.id"), primary_key=True),
    Column("advice_id", String(32), ForeignKey("advice.id"), primary_key=True),
    Column("application_id", String(200), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("line", Integer, nullable=False),
    Column("code", String(32), nullable=False),
    Column("amount", String(24)),
    Column("route", String(16)),
    Column("decided_by", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("doubtful", Boolean, nullable=False),
    Column("warnings", Integer, nullable=False),
    Column("drawn", Integer),
    info=_KEPT,
)
"""One row a case of a batch, in exactly one group; `drawn` is its turn in the group's spot check."""

Index("ix_batch_cases_code", batch_cases.c.batch_id, batch_cases.c.code, batch_cases.c.line)
Index("ix_batch_cases_advice_id", batch_cases.c.advice_id)

batch_marks = Table(
    "batch_marks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("batch_id", String(32), ForeignKey("batches.id"), nullable=False),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    UniqueConstraint("day", "number"),
    info=_RECORDED,
)
"""One row each time somebody opened a drawn case (`look`), or set a case apart (`except`) or back (`include`)."""

Index("ix_batch_marks_batch_id", batch_marks.c.batch_id, batch_marks.c.advice_id)

batch_decisions = Table(
    "batch_decisions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("batch_id", String(32), ForeignKey("batches.id"), nullable=False),
    Column("code", String(32), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("reason", String(32)),
    Column("cases", Integer, nullable=False),
    Column("looked", Integer, nullable=False),
    Column("by", String(200), nullable=False),
    Column("courts", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("key_sha256", String(64), nullable=False, unique=True),
    Column("body_digest", String(64), nullable=False),
    Column("until", String(10)),
    UniqueConstraint("day", "number"),
    info=_RECORDED,
)
"""One row a decision about a group: `lane` is one for all, `advised`, or `completion` with the day `until`.

`looked` is how many cases were looked at before.
"""

Index("ix_batch_decisions_batch_id", batch_decisions.c.batch_id, batch_decisions.c.code)

batch_turns = Table(
    "batch_turns",
    metadata,
    Column("decision_id", String(32), ForeignKey("batch_decisions.id"), primary_key=True),
    Column("advice_id", String(32), ForeignKey("advice.id"), primary_key=True),
    Column("lane", String(16), nullable=False),
    Column("tag", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("problem", String(48)),
    info={GRANTS: (*READ_AND_ADD, "UPDATE (state, problem)")},
)
"""One row a case that a decision about a group is carried out on: `waiting`, `done`, or `refused` and with what."""

Index("ix_batch_turns_state", batch_turns.c.state)

completions = Table(
    "completions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("advice_id", String(32), ForeignKey("advice.id"), nullable=False, unique=True),
    Column("application_id", String(200), nullable=False),
    Column("court_code", String(200), nullable=False),
    Column("decision_id", String(32), ForeignKey("batch_decisions.id")),
    Column("missing", Text, nullable=False),
    Column("until", String(10), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("papers", Text),
    UniqueConstraint("day", "number"),
    info=_RECORDED,
)
"""One row a case that was sent back for completion, once for each answer: `missing` are names of fields (JSON).

`decision_id` is missing where a case was sent back alone; then `papers` are codes of what else is asked for (JSON).

The case goes on waiting with its deadline; what is brought makes a newer answer.
"""

Index("ix_completions_decision_id", completions.c.decision_id)
