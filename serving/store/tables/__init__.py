"""The tables of the store, as they stand after the last migration; one file an area."""

from serving.store.tables.access import accounts, api_keys, login_failures, sessions
from serving.store.tables.advice import advice, idempotency
from serving.store.tables.audit import audit, key_ids
from serving.store.tables.batches import (
    batch_cases,
    batch_decisions,
    batch_groups,
    batch_marks,
    batch_turns,
    batches,
    completions,
)
from serving.store.tables.comparison import closed_cases, marks, similar_cases
from serving.store.tables.decisions import corrections, court_settings, decisions, views
from serving.store.tables.drafts import basis_numbers, intake_drafts
from serving.store.tables.duties import duties
from serving.store.tables.indicators import case_courses, indicator_figures, indicator_state
from serving.store.tables.jobs import job_rows, score_jobs
from serving.store.tables.metadata import metadata
from serving.store.tables.models import model_switches, rule_texts, shadow_scores
from serving.store.tables.outcomes import outcome_receipts, outcomes
from serving.store.tables.people import (
    deletion_log,
    holds,
    person_tokens,
    review_decisions,
    review_requests,
    review_steps,
)
from serving.store.tables.preferences import preferences
from serving.store.tables.queue import open_case_parts, open_cases
from serving.store.tables.teams import team_assignments
from serving.store.tables.urging import conversions, urged_cases, urging_windows

__all__ = [
    "accounts",
    "advice",
    "api_keys",
    "audit",
    "basis_numbers",
    "batch_cases",
    "batch_decisions",
    "batch_groups",
    "batch_marks",
    "batch_turns",
    "batches",
    "case_courses",
    "closed_cases",
    "completions",
    "conversions",
    "corrections",
    "court_settings",
    "decisions",
    "deletion_log",
    "duties",
    "holds",
    "idempotency",
    "indicator_figures",
    "indicator_state",
    "intake_drafts",
    "job_rows",
    "key_ids",
    "login_failures",
    "marks",
    "metadata",
    "model_switches",
    "open_case_parts",
    "open_cases",
    "outcome_receipts",
    "outcomes",
    "person_tokens",
    "preferences",
    "review_decisions",
    "review_requests",
    "review_steps",
    "rule_texts",
    "score_jobs",
    "sessions",
    "shadow_scores",
    "similar_cases",
    "team_assignments",
    "urged_cases",
    "urging_windows",
    "views",
]
