"""The advice: everything needed to show, defend and replay one answer about one application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from features.register import Stage
from models.lanes import Lane, is_provisional, lane_text
from models.rules.result import RuleResult

Status = Literal["scored", "rules_only", "abstained"]
DecidedBy = Literal["rule", "model", "none"]
Confidence = Literal["low", "medium", "high"]
ScoreKind = Literal["probability", "share", "days"]

NOTICE = "本建议由系统辅助生成，仅供参考，不作为裁判依据。"
NOTICE_EN = "Produced by a computer as an aid; for reference only, no basis for a ruling."


@dataclass(frozen=True, kw_only=True)
class ShownScore:
    """One prediction as a judge reads it; `value` is None when it is withheld, and `text` says why."""

    name: str
    text: str
    text_en: str
    kind: ScoreKind = "probability"
    window_days: int | None = None
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    level: float = 0.90
    n_reference: int | None = None

    def to_json(self) -> dict[str, object]:
        """Return the score's object in the response; a probability is called `p`."""
        return {
            "kind": self.kind,
            "window_days": self.window_days,
            "p" if self.kind == "probability" else "value": self.value,
            "lower": self.lower,
            "upper": self.upper,
            "level": self.level,
            "n_reference": self.n_reference,
            "text": self.text,
            "text_en": self.text_en,
        }


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason behind a score: a fact of the case and its effect in cases per hundred."""

    code: str
    text: str
    text_en: str
    value: str
    effect_per_100: int
    direction: Literal["up", "down"]
    party_visible: bool
    score: str = ""
    feature: str = ""
    group: str = ""
    source: str = ""
    as_of: date | None = None

    def to_json(self) -> dict[str, object]:
        """Return the reason's object in the response."""
        return {
            "code": self.code,
            "text": self.text,
            "text_en": self.text_en,
            "value": self.value,
            "source": self.source,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "effect_per_100": self.effect_per_100,
            "direction": self.direction,
            "party_visible": self.party_visible,
            "score": self.score,
            "feature": self.feature,
            "group": self.group,
        }


@dataclass(frozen=True, kw_only=True)
class ExplainedScore:
    """Why one score is what it is, in cases per hundred: average + effects of `reasons` + `rest` = shown, exactly."""

    name: str
    shown: int
    average: int
    rest: int
    reasons: tuple[Reason, ...]

    def to_json(self) -> dict[str, object]:
        """Return the explanation's object in the response."""
        return {
            "per_100": self.shown,
            "court_average_per_100": self.average,
            "reasons": [reason.to_json() for reason in self.reasons],
            "rest_per_100": self.rest,
        }


@dataclass(frozen=True, kw_only=True)
class Flip:
    """A checkable condition under which the advice would be another one."""

    when: str
    when_en: str
    route: Lane | None
    kind: Literal["rule", "model"]
    field: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the flip's object in the response."""
        route = None if self.route is None else self.route.value
        return {"when": self.when, "when_en": self.when_en, "route": route, "kind": self.kind, "field": self.field}


@dataclass(frozen=True, kw_only=True)
class DataWarning:
    """Something about the data a judge should check, and how it was treated."""

    code: str
    field: str
    text: str
    text_en: str

    def to_json(self) -> dict[str, object]:
        """Return the warning's object in the response."""
        return {"code": self.code, "field": self.field, "text": self.text, "text_en": self.text_en}


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One date the court must keep, with its article; `date` is None when the facts for it are missing.

    `counting` tells how days were counted; `rolled` that the last day was a
    holiday and the next working day was taken; `note` says what a clerk must
    still check, for instance a year without a published holiday calendar.
    """

    kind: str
    date: date | None
    text: str
    text_en: str
    basis: str
    counting: Literal["natural", "working"] = "natural"
    rolled: bool = False
    note: str = ""
    note_en: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the deadline's object in the response."""
        return {
            "kind": self.kind,
            "date": self.date.isoformat() if self.date else None,
            "text": self.text,
            "text_en": self.text_en,
            "basis": self.basis,
            "counting": self.counting,
            "rolled": self.rolled,
            "note": self.note,
            "note_en": self.note_en,
        }


@dataclass(frozen=True, kw_only=True)
class RouteFlag:
    """A notice beside the lane, such as direct deduction or priority, and the rule that raised it."""

    code: str
    rule: str
    text: str
    text_en: str

    def to_json(self) -> dict[str, object]:
        """Return the flag's object in the response."""
        return {"code": self.code, "rule": self.rule, "text": self.text, "text_en": self.text_en}


@dataclass(frozen=True, kw_only=True)
class Priority:
    """Place in the order of work, 1 first, and the rule that gave it; independent of every score and of the lane."""

    rank: int
    rule: str | None
    text: str
    text_en: str

    def to_json(self) -> dict[str, object]:
        """Return the priority's object in the response."""
        return {"rank": self.rank, "rule": self.rule, "text": self.text, "text_en": self.text_en}


@dataclass(frozen=True, kw_only=True)
class TeamHint:
    """A team to which a rule of the court points, by the court's own code."""

    team: str
    rule: str
    text: str
    text_en: str

    def to_json(self) -> dict[str, object]:
        """Return the hint's object in the response."""
        return {"team": self.team, "rule": self.rule, "text": self.text, "text_en": self.text_en}


NO_PRIORITY = Priority(rank=9, rule=None, text="无优先情形", text_en="no priority")
"""What a case has to which no rule of priority applies."""


@dataclass(frozen=True, kw_only=True)
class AbstainReason:
    """Why no score was given."""

    code: str
    text: str
    text_en: str

    def to_json(self) -> dict[str, object]:
        """Return the reason's object in the response."""
        return {"code": self.code, "text": self.text, "text_en": self.text_en}


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The proposed route of one application, who decided it, and how firmly."""

    route: Lane | None
    decided_by: DecidedBy
    deciding_rule: str | None
    status: Status
    confidence: Confidence
    confidence_text: str
    confidence_text_en: str
    flags: tuple[RouteFlag, ...] = ()
    priority: Priority = NO_PRIORITY
    teams: tuple[TeamHint, ...] = ()

    def to_json(self, stage: Stage) -> dict[str, object]:
        """Return the `advice` object; a human always decides, so the last word is a constant."""
        text, text_en = lane_text(self.route, stage)
        return {
            "route": None if self.route is None else self.route.value,
            "route_text": text,
            "route_text_en": text_en,
            "decided_by": self.decided_by,
            "deciding_rule": self.deciding_rule,
            "confidence": self.confidence,
            "confidence_text": self.confidence_text,
            "confidence_text_en": self.confidence_text_en,
            "requires_human_decision": True,
            "flags": [flag.to_json() for flag in self.flags],
            "priority": self.priority.to_json(),
            "teams": [team.to_json() for team in self.teams],
        }


@dataclass(frozen=True, kw_only=True)
class Degraded:
    """Why the rules answered alone although a model is meant to answer, too.

    The words are fixed for each code, so that a stored answer can be given
    again word for word.
    """

    code: str
    text: str
    text_en: str

    def to_json(self) -> dict[str, object]:
        """Return the object in the response."""
        return {"code": self.code, "text": self.text, "text_en": self.text_en}


@dataclass(frozen=True, kw_only=True)
class Versions:
    """Which model, rules, schema and program produced the answer; enough to replay it."""

    model: str | None
    model_sha256: str | None
    ruleset: str
    ruleset_sha256: str
    schema: str
    program: str = ""
    api: str = "v1"

    def to_json(self) -> dict[str, object]:
        """Return the versions' object in the response."""
        return {
            "api": self.api,
            "model": self.model,
            "model_sha256": self.model_sha256,
            "ruleset": self.ruleset,
            "ruleset_sha256": self.ruleset_sha256,
            "schema": self.schema,
            "program": self.program,
        }


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One answer about one application, without anything that only storing it adds.

    `explanations` hold one entry per explained score; the first is the score
    the lane hangs on, and its reasons are repeated as `reasons` in the answer.
    """

    application_id: str
    court_code: str
    stage: Stage
    as_of: datetime
    proposal: Proposal
    rules: tuple[RuleResult, ...]
    versions: Versions
    input_sha256: str
    simulated: bool
    scores: tuple[ShownScore, ...] = ()
    explanations: tuple[ExplainedScore, ...] = ()
    flips: tuple[Flip, ...] = ()
    warnings: tuple[DataWarning, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    abstain_reasons: tuple[AbstainReason, ...] = ()
    degraded: Degraded | None = None

    @property
    def mode(self) -> Literal["model", "rules"]:
        """Whether a model took part or the rules answered alone."""
        return "rules" if self.versions.model is None else "model"

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Return the reasons of the score the lane hangs on; none without a score."""
        return self.explanations[0].reasons if self.explanations else ()

    @property
    def reasons_rest_per_100(self) -> int:
        """Return what everything but those reasons adds up to."""
        return self.explanations[0].rest if self.explanations else 0

    @property
    def provisional(self) -> bool:
        """Whether the lane is looked at again after the first network query."""
        return is_provisional(self.proposal.route, self.stage)

    def to_json(self) -> dict[str, object]:
        """Return the response body; storing adds its `id`, `created_at` and `expires_at`."""
        return {
            "application_id": self.application_id,
            "court_code": self.court_code,
            "stage": self.stage.value,
            "as_of": self.as_of.isoformat(),
            "provisional": self.provisional,
            "status": self.proposal.status,
            "mode": self.mode,
            "degraded_reason": None if self.degraded is None else self.degraded.to_json(),
            "abstain_reasons": [reason.to_json() for reason in self.abstain_reasons],
            "advice": self.proposal.to_json(self.stage),
            "rules": [rule.to_json() for rule in self.rules],
            "scores": {score.name: score.to_json() for score in self.scores},
            "reasons": [reason.to_json() for reason in self.reasons],
            "reasons_rest_per_100": self.reasons_rest_per_100,
            "explanations": {one.name: one.to_json() for one in self.explanations},
            "flips": [flip.to_json() for flip in self.flips],
            "warnings": [warning.to_json() for warning in self.warnings],
            "deadlines": [deadline.to_json() for deadline in self.deadlines],
            "versions": self.versions.to_json(),
            "input_sha256": self.input_sha256,
            "simulated": self.simulated,
            "notice": NOTICE,
            "notice_en": NOTICE_EN,
        }
