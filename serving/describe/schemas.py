"""JSON Schemas of what comes back: answers, problems, sessions."""

from __future__ import annotations

from typing import Final

from models.lanes import LANES
from serving.describe.case_schemas import INSTANT

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def answer_schema() -> dict[str, object]:
    """Return the schema of a stored answer; clients ignore fields they do not know."""
    text = {"type": "string"}
    listing = {"type": "array", "items": {"type": "object"}}
    routes = [lane.value for lane in LANES]
    proposal = {
        "type": "object",
        "required": ["route", "route_text", "decided_by", "requires_human_decision"],
        "properties": {
            "route": {"enum": [*routes, None]},
            "route_text": text,
            "decided_by": {"enum": ["rule", "model", "none"]},
            "confidence": {"enum": ["low", "medium", "high"]},
            "requires_human_decision": {"const": True},
        },
    }
    return {
        "type": "object",
        "required": ["application_id", "stage", "status", "advice", "rules", "scores", "versions", "simulated"],
        "properties": {
            "id": text,
            "created_at": INSTANT,
            "expires_at": INSTANT,
            "application_id": text,
            "court_code": text,
            "stage": {"enum": ["A", "B"]},
            "as_of": INSTANT,
            "provisional": {"type": "boolean"},
            "status": {"enum": ["scored", "rules_only", "abstained"]},
            "mode": {"enum": ["model", "rules"]},
            "degraded_reason": {
                "type": ["object", "null"],
                "properties": dict.fromkeys(("code", "text", "text_en"), text),
            },
            "advice": proposal,
            "rules": listing,
            "scores": {"type": "object", "additionalProperties": {"type": "object"}},
            "reasons": listing,
            "flips": listing,
            "warnings": listing,
            "deadlines": listing,
            "versions": {"type": "object"},
            "input_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "simulated": {"type": "boolean"},
        },
    }


def problem_schema() -> dict[str, object]:
    """Return the schema of a problem answer."""
    text = {"type": "string"}
    error = {
        "type": "object",
        "required": ["pointer", "code", "message", "message_en"],
        "properties": {"pointer": text, "code": text, "message": text, "message_en": text},
    }
    names = ("type", "title", "title_en", "code", "detail", "detail_en", "instance", "request_id")
    return {
        "type": "object",
        "required": [*names, "status"],
        "properties": {
            **dict.fromkeys([*names, "title_zh", "detail_zh"], text),
            "status": {"type": "integer"},
            "errors": {"type": "array", "items": error},
            "errors_total": {"type": "integer"},
        },
    }
