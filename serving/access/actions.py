"""Everything that can be permitted: each address of the service declares the one action that it needs."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """One thing somebody may or may not do."""

    SCORE_CREATE = "score.create"
    SCORE_READ = "score.read"
    SCORE_PREVIEW = "score.preview"
    SCORE_REPLAY = "score.replay"
    DECISION_CREATE = "decision.create"
    CASE_ASSIGN = "case.assign"
    COMPLETION_ASK = "completion.ask"
    OUTCOME_CREATE = "outcome.create"
    JOB_CREATE = "job.create"
    JOB_READ = "job.read"
    MODEL_READ = "model.read"
    MODEL_SWITCH = "model.switch"
    MODEL_REQUEST = "model.request"
    MODEL_SIGN = "model.sign"
    MODEL_ROLLBACK = "model.rollback"
    RULES_READ = "rules.read"
    INDICATOR_READ = "indicator.read"
    COURT_CONFIGURE = "court.configure"
    COURT_SIGN = "court.sign"
    ACCOUNT_MANAGE = "account.manage"
    ACCOUNT_READ = "account.read"
    ROLE_GRANT = "role.grant"
    KEY_MANAGE = "key.manage"
    KEY_APPROVE = "key.approve"
    AUDIT_READ = "audit.read"
    AUDIT_VERIFY = "audit.verify"
    EXPORT_HISTORY = "export.history"
    PERSON_EXPORT = "person.export"
    PERSON_CORRECT = "person.correct"
    PERSON_REVEAL = "person.reveal"
    RETENTION_RUN = "retention.run"
    HOLD_MANAGE = "hold.manage"
    REVIEW_REQUEST = "review.request"
    REVIEW_DECIDE = "review.decide"
    SESSION_OWN = "session.own"


OWN = frozenset({Action.SESSION_OWN})
"""What every account may do, whatever its roles: look at its own session, end it, and change its password."""


CASES = frozenset(
    {
        Action.SCORE_CREATE,
        Action.SCORE_READ,
        Action.SCORE_PREVIEW,
        Action.DECISION_CREATE,
        Action.CASE_ASSIGN,
        Action.COMPLETION_ASK,
        Action.OUTCOME_CREATE,
        Action.JOB_CREATE,
        Action.JOB_READ,
        Action.EXPORT_HISTORY,
        Action.PERSON_EXPORT,
        Action.PERSON_CORRECT,
        Action.PERSON_REVEAL,
        Action.REVIEW_REQUEST,
        Action.REVIEW_DECIDE,
    }
)
"""Actions by which somebody sees or changes cases."""

ADMINISTRATION = frozenset(
    {
        Action.COURT_CONFIGURE,
        Action.ACCOUNT_MANAGE,
        Action.ACCOUNT_READ,
        Action.ROLE_GRANT,
        Action.KEY_MANAGE,
        Action.KEY_APPROVE,
        Action.AUDIT_READ,
        Action.AUDIT_VERIFY,
        Action.RETENTION_RUN,
    }
)
"""Actions by which somebody runs the service, says who may do what, or watches over both."""
